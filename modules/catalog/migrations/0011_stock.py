from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION catalog_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- A product that was never sold may go, and its journal with it.
        IF OLD.kind NOT IN ('sold', 'returned') THEN
            RETURN OLD;
        END IF;
    ELSIF NEW.reason = '' THEN
        -- The words of an erased member of staff.
        NEW.reason := OLD.reason;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            NEW.reason := '';
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the stock journal is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER catalog_stockmovement_append_only BEFORE UPDATE OR DELETE ON catalog_stockmovement
FOR EACH ROW EXECUTE FUNCTION catalog_journal_is_append_only();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER catalog_stockmovement_append_only ON catalog_stockmovement;
DROP FUNCTION catalog_journal_is_append_only();
"""


class Migration(migrations.Migration):
    """What was written into the stock journal stays as it is, whoever asks."""

    dependencies = [("catalog", "0010_categories")]

    operations = [migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY)]
