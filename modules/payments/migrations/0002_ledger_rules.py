"""What a ledger is: its postings add up to zero per currency, and nothing in it is ever changed or deleted."""

from django.db import migrations

BALANCED = """
CREATE FUNCTION payments_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payments_entry WHERE posting_id = NEW.posting_id
        GROUP BY currency HAVING sum(amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'posting % does not balance', NEW.posting_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER payments_entry_balances AFTER INSERT ON payments_entry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_posting_balances();

CREATE FUNCTION payments_posting_has_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payments_entry WHERE posting_id = NEW.id) THEN
        RAISE EXCEPTION 'posting % has no entries', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER payments_posting_has_entries AFTER INSERT ON payments_posting
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_posting_has_entries();
"""

NOT_BALANCED = """
DROP TRIGGER payments_posting_has_entries ON payments_posting;
DROP FUNCTION payments_posting_has_entries();
DROP TRIGGER payments_entry_balances ON payments_entry;
DROP FUNCTION payments_posting_balances();
"""

APPEND_ONLY = """
CREATE FUNCTION payments_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER payments_posting_append_only BEFORE UPDATE OR DELETE ON payments_posting
FOR EACH ROW EXECUTE FUNCTION payments_ledger_is_append_only();

CREATE TRIGGER payments_entry_append_only BEFORE UPDATE OR DELETE ON payments_entry
FOR EACH ROW EXECUTE FUNCTION payments_ledger_is_append_only();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER payments_entry_append_only ON payments_entry;
DROP TRIGGER payments_posting_append_only ON payments_posting;
DROP FUNCTION payments_ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RunSQL(BALANCED, NOT_BALANCED),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    ]
