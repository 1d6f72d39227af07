from django.db import migrations


class Migration(migrations.Migration):
    """Levels and holds are updated far more often than inserted: free room in each page keeps the new version of a row
    beside the old one, and its indexes untouched (HOT)."""

    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE catalog_stocklevel SET (fillfactor = 70); ALTER TABLE catalog_stockhold SET (fillfactor = 85);",
            "ALTER TABLE catalog_stocklevel RESET (fillfactor); ALTER TABLE catalog_stockhold RESET (fillfactor);",
        ),
    ]
