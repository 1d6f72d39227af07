import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

# The most popular documents that match, the most popular first: those of the first level (T:n of catalog_searchdocument),
# then those of the next that may be expected to hold enough, each level four times the one above it; at the end all. By
# the index of words whatever the planner believes: it does not know that each document it reads is taken out of line,
# and would rather read all of a small shop's. One plan for every query, kept.
MATCHING = """
    CREATE FUNCTION catalog_matching(query tsquery, levels integer[], most integer)
    RETURNS TABLE (product_id uuid, popularity integer) LANGUAGE plpgsql STABLE ROWS 500
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
    AS $$
    DECLARE
        level integer;
        above integer;
        wanted tsquery;
        there integer := 0;
        more integer;
    BEGIN
        FOREACH level IN ARRAY levels LOOP
            CONTINUE WHEN level > 0 AND there * power(4, above - level) < most;
            wanted := query;
            IF level > 0 THEN
                wanted := wanted && format('''T:%s''', level)::tsquery;
            END IF;
            IF above IS NOT NULL THEN
                wanted := wanted && !! format('''T:%s''', above)::tsquery;
            END IF;
            RETURN QUERY
                SELECT searched.product_id, searched.popularity FROM catalog_searchdocument searched
                WHERE searched.document @@ wanted
                ORDER BY searched.popularity DESC, searched.product_id LIMIT most - there;
            GET DIAGNOSTICS more = ROW_COUNT;
            there := there + more;
            EXIT WHEN there >= most;
            above := level;
        END LOOP;
    END
    $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0014_images'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(django.db.models.functions.text.Lower('title'), name='listing_very_title'),
        ),
        BtreeGinExtension(),
        migrations.RemoveIndex(
            model_name='listing',
            name='listing_tokens',
        ),
        migrations.AddIndex(
            model_name='listing',
            index=django.contrib.postgres.indexes.GinIndex(fields=['category', 'tokens'], name='listing_shelf_tokens'),
        ),
        migrations.RemoveConstraint(
            model_name='productprice',
            name='product_price_one_per_currency',
        ),
        migrations.AddConstraint(
            model_name='productprice',
            constraint=models.UniqueConstraint(
                fields=('product', 'currency'), include=('from_minor', 'compare_at_minor', 'lowest_minor'), name='product_price_one_per_currency'
            ),
        ),
        migrations.RunSQL(MATCHING, 'DROP FUNCTION catalog_matching'),
    ]
