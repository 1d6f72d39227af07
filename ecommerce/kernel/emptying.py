"""Emptying a test's database again: of a hundred tables the few that the test wrote to.

Django's own way truncates all of them and then makes every content type and permission anew, which takes longer than
most tests.
"""

from django.db import connections

# But for what the migrations leave and no test changes.
_EMPTY = """
DO $$
DECLARE
    one text;
    is_full boolean;
    full_ones text[] := '{}';
BEGIN
    FOR one IN SELECT quote_ident(tablename) FROM pg_tables
               WHERE schemaname = current_schema() AND tablename NOT IN (
                   'django_migrations', 'django_content_type', 'auth_permission') LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || one || ')' INTO is_full;
        IF is_full THEN full_ones := full_ones || one; END IF;
    END LOOP;
    IF full_ones <> '{}' THEN
        EXECUTE 'TRUNCATE ' || array_to_string(full_ones, ', ') || ' CASCADE';
    END IF;
END $$
"""


def empty(alias: str) -> None:
    """Truncate every table of a database that holds anything, but those of the migrations. For tests only."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_EMPTY)
