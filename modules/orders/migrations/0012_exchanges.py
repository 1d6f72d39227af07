"""An exchange takes a delivered order back to where there is something to send."""

from django.db import migrations

MOVES = """
CREATE OR REPLACE FUNCTION orders_status_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('opening', 'pending'), ('opening', 'abandoned'),
        ('pending', 'confirmed'), ('pending', 'cancelled'), ('pending', 'expired'),
        ('confirmed', 'processing'), ('confirmed', 'shipped'), ('confirmed', 'cancelled'),
        ('processing', 'shipped'),
        ('shipped', 'delivered'),{more}
        ('expired', 'pending')
    ) THEN
        RAISE EXCEPTION 'an order does not move from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_edits")]

    operations = [
        migrations.RunSQL(
            sql=MOVES.replace("{more}", "\n        ('delivered', 'processing'),"),
            reverse_sql=MOVES.replace("{more}", ""),
        )
    ]
