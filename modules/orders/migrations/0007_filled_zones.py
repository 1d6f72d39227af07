"""Countries that are shipped to in the same ways become a zone, which is called by them."""

from django.db import migrations

FILL = """
    WITH shipped AS (
        SELECT upper(country) AS country, array_agg(DISTINCT method.id ORDER BY method.id) AS methods
        FROM orders_shippingmethod method, unnest(method.countries) country
        WHERE upper(country) ~ '^[A-Z]{2}$'
        GROUP BY upper(country)
    ), zones AS MATERIALIZED (
        SELECT gen_random_uuid() AS id, left(string_agg(country, ', ' ORDER BY country), 100) AS title,
               array_agg(country) AS countries, methods
        FROM shipped GROUP BY methods
    ), made AS (
        INSERT INTO orders_shippingzone (id, title) SELECT id, title FROM zones
    ), places AS (
        INSERT INTO orders_shippingplace (id, zone_id, code)
        SELECT gen_random_uuid(), zones.id, country FROM zones, unnest(zones.countries) country
    )
    INSERT INTO orders_shippingmethod_zones (shippingmethod_id, shippingzone_id)
    SELECT method_id, zones.id FROM zones, unnest(zones.methods) method_id
"""
EMPTY = """
    UPDATE orders_shippingmethod method SET countries = ARRAY(
        SELECT DISTINCT left(place.code, 2) FROM orders_shippingmethod_zones link
        JOIN orders_shippingplace place ON place.zone_id = link.shippingzone_id
        WHERE link.shippingmethod_id = method.id
    );
    DELETE FROM orders_shippingmethod_zones;
    DELETE FROM orders_shippingplace;
    DELETE FROM orders_shippingzone
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_zones")]

    operations = [migrations.RunSQL(FILL, EMPTY)]
