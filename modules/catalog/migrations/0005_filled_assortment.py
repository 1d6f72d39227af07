from django.db import migrations

# What is sold at a lower price than before becomes a sale without a period, and prices have been in force since then.
_PRICES = """
    UPDATE catalog_price SET regular_minor = coalesce(compare_at_minor, amount_minor),
                             sale_minor = CASE WHEN compare_at_minor IS NOT NULL THEN amount_minor END
"""
_HISTORY = """
    INSERT INTO catalog_pricechange (id, variant_id, currency, amount_minor, at)
    SELECT gen_random_uuid(), price.variant_id, price.currency, price.amount_minor, product.created_at
    FROM catalog_price price
    JOIN catalog_variant variant ON variant.id = price.variant_id
    JOIN catalog_product product ON product.id = variant.product_id
"""
# Only what is published is listed.
_PRODUCT_PRICES = """
    DELETE FROM catalog_productprice price USING catalog_product product
    WHERE product.id = price.product_id AND product.status <> 'published';
    UPDATE catalog_productprice price SET category_id = product.category_id
    FROM catalog_product product WHERE product.id = price.product_id
"""
_LISTINGS = """
    INSERT INTO catalog_listing (product_id, category_id, published_at, title, rating, popularity, in_stock, tokens)
    SELECT product.id, product.category_id, product.published_at, product.title, 0, 0,
           EXISTS (
               SELECT FROM catalog_variant variant JOIN catalog_stocklevel level ON level.variant_id = variant.id
               WHERE variant.product_id = product.id AND level.on_hand > level.held
           ),
           ARRAY(
               SELECT key || '=' || value FROM jsonb_each_text(product.attributes) WHERE length(value) <= 100
               UNION
               SELECT trim(BOTH '-' FROM regexp_replace(lower(key), '[^[:alnum:]]+', '-', 'g')) || '=' || value
               FROM catalog_variant variant, jsonb_each_text(variant.options)
               WHERE variant.product_id = product.id AND length(value) <= 100
               ORDER BY 1
           )
    FROM catalog_product product WHERE product.status = 'published'
"""
_ATTRIBUTES = """
    INSERT INTO catalog_attribute
        (id, code, name, kind, unit, choices, translations, is_filterable, position)
    SELECT gen_random_uuid(), code, initcap(replace(code, '_', ' ')), kind, '', '[]', '{}', true, 0
    FROM (
        SELECT DISTINCT ON (key) key AS code,
               CASE jsonb_typeof(value) WHEN 'number' THEN 'number' WHEN 'boolean' THEN 'boolean' ELSE 'text' END AS kind
        FROM catalog_product product, jsonb_each(product.attributes)
        WHERE key ~ '^[a-z0-9][a-z0-9_-]*$' AND length(key) <= 60
        ORDER BY key, product.id
    ) found
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_assortment")]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (_PRICES, _HISTORY, _PRODUCT_PRICES, _LISTINGS, _ATTRIBUTES)
    ]
