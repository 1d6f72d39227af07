from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0016_popularity'),
    ]

    operations = [
        migrations.CreateModel(
            name='StaleShelf',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('changed_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(null=True)),
                ('product_id', models.UUIDField(null=True)),
                ('category', models.ForeignKey(db_index=False, on_delete=deletion.CASCADE, related_name='+', to='catalog.category')),
            ],
        ),
    ]
