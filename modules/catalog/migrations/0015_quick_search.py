import django.db.models.functions.text
from django.db import migrations, models

# The most popular documents that match, by the index of words whatever the planner believes: it does not know that each
# document it reads is taken out of line, and prefers to read all of a small shop. One plan for every query, kept.
MATCHING = """
    CREATE FUNCTION catalog_matching(query tsquery, most integer)
    RETURNS TABLE (product_id uuid, popularity integer) LANGUAGE plpgsql STABLE STRICT ROWS 500
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
    AS $$
    BEGIN
        RETURN QUERY
            SELECT searched.product_id, searched.popularity FROM catalog_searchdocument searched
            WHERE searched.document @@ query ORDER BY searched.popularity DESC, searched.product_id LIMIT most;
    END
    $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0013_imports'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(django.db.models.functions.text.Lower('title'), name='listing_very_title'),
        ),
        migrations.RunSQL(MATCHING, 'DROP FUNCTION catalog_matching'),
    ]
