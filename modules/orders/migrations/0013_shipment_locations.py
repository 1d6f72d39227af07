"""A shipment knows from which location it left."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0012_exchanges'),
    ]

    operations = [
        migrations.AddField(
            model_name='shipment',
            name='location_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='shipment',
            name='location_name',
            field=models.CharField(max_length=120, null=True),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('location_id__isnull', True), ('location_name__isnull', True)), models.Q(('location_id__isnull', False), ('location_name__isnull', False)), _connector='OR'), name='shipment_location_is_named'),
        ),
    ]
