"""No two tax rates of one place and class are in force on one day, whoever writes them; zones have taken the place of
a shipping method's countries."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# An index that compares texts for equality beside ranges needs btree_gist, which not every server has: a text becomes
# the range from itself to itself.
PERIODS = """
    CREATE TYPE orders_textrange AS RANGE (subtype = text, collation = "C");
    ALTER TABLE orders_taxrate ADD CONSTRAINT tax_rate_once_a_day EXCLUDE USING gist (
        orders_textrange(
            country || '/' || region || '/' || tax_class, country || '/' || region || '/' || tax_class, '[]'
        ) WITH &&,
        daterange(valid_from, valid_until, '[]') WITH &&
    )
"""
NO_PERIODS = """
    ALTER TABLE orders_taxrate DROP CONSTRAINT tax_rate_once_a_day;
    DROP TYPE orders_textrange
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_filled_zones")]

    operations = [
        migrations.RunSQL(PERIODS, NO_PERIODS),
        # So that it can be taken back: the column comes back empty, and 0007 fills it.
        migrations.AlterField("shippingmethod", "countries", ArrayField(models.CharField(max_length=2), default=list)),
        migrations.RemoveField("shippingmethod", "countries"),
    ]
