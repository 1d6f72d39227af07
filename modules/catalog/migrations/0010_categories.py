"""Categories stay a tree, whoever writes them and however many at once."""

from django.db import migrations

# After the statement, so that rows it moved together are judged as they end. The lock makes two moves that together
# would close a circle see each other: the second waits here until the first is committed, and what it asks then, it
# asks anew (a trigger of this kind reads by a new snapshot each time). `logic/tree.py` takes the same lock first.
A_TREE = """
CREATE FUNCTION catalog_category_stays_in_a_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('catalog_category'));
    IF EXISTS (
        WITH RECURSIVE up (id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT above.parent_id FROM catalog_category above JOIN up ON above.id = up.id
        )
        SELECT FROM up WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'category % would stand below itself', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'category_in_a_tree', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER category_made_in_a_tree AFTER INSERT ON catalog_category
FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION catalog_category_stays_in_a_tree();

CREATE TRIGGER category_moved_in_a_tree AFTER UPDATE ON catalog_category
FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL AND NEW.parent_id IS DISTINCT FROM OLD.parent_id)
EXECUTE FUNCTION catalog_category_stays_in_a_tree();
"""

NO_TREE = """
DROP TRIGGER category_moved_in_a_tree ON catalog_category;
DROP TRIGGER category_made_in_a_tree ON catalog_category;
DROP FUNCTION catalog_category_stays_in_a_tree();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_prices")]

    operations = [migrations.RunSQL(A_TREE, NO_TREE)]
