"""The sequence that numbers orders. It may have gaps; invoices will have a series of their own that has none."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE orders_number START WITH 100001",
            reverse_sql="DROP SEQUENCE orders_number",
        )
    ]
