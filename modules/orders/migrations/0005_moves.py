"""An order's status moves as the table in logic/states.py says, whoever writes it."""

from django.db import migrations

GUARD = """
CREATE FUNCTION orders_status_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('opening', 'pending'), ('opening', 'abandoned'),
        ('pending', 'confirmed'), ('pending', 'cancelled'), ('pending', 'expired'),
        ('confirmed', 'processing'), ('confirmed', 'shipped'), ('confirmed', 'cancelled'),
        ('processing', 'shipped'),
        ('shipped', 'delivered'),
        ('expired', 'pending')
    ) THEN
        RAISE EXCEPTION 'an order does not move from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER orders_order_status_moves BEFORE UPDATE OF status ON orders_order
FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION orders_status_moves();
"""

NO_GUARD = """
DROP TRIGGER orders_order_status_moves ON orders_order;
DROP FUNCTION orders_status_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_after_sale")]

    operations = [migrations.RunSQL(sql=GUARD, reverse_sql=NO_GUARD)]
