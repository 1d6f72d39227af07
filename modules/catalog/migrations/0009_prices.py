from django.db import migrations, models
from django.db.models import Q

# Of what is reduced already no earlier price is known: the only one that anybody could have paid is the lowest.
_LOWEST = """
    UPDATE catalog_price SET lowest_minor = amount_minor
    WHERE compare_at_minor IS NOT NULL AND lowest_minor IS NULL;
    UPDATE catalog_productprice SET lowest_minor = from_minor
    WHERE compare_at_minor IS NOT NULL AND lowest_minor IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_reviews")]

    operations = [
        migrations.RunSQL(_LOWEST, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                name="price_lowest_while_reduced",
                condition=Q(compare_at_minor__isnull=True, lowest_minor__isnull=True)
                | Q(compare_at_minor__isnull=False, lowest_minor__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            model_name="pricechange",
            constraint=models.UniqueConstraint(
                fields=["variant", "currency", "at"], name="price_change_one_at_a_time"
            ),
        ),
        # The constraint's own index serves instead.
        migrations.RemoveIndex(model_name="pricechange", name="price_change_by_variant"),
    ]
