"""Keys that are checked once for a statement: for tables that are written thousands of rows at a time. `organisations.walls` builds the triggers.

Each word that a trigger gives is a key: column, table it points at (or comes from), and the columns that both rows must share.
"""

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION keys_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    word text;
    part text[];
    shared text;
    astray text;
BEGIN
    FOREACH word IN ARRAY TG_ARGV LOOP
        part := string_to_array(word, ' ');
        SELECT string_agg(format('t.%1$I = w.%1$I', c), ' AND ') INTO shared FROM unnest(part[3:]) AS c;
        EXECUTE format(
            'SELECT w.%1$I::text FROM (SELECT DISTINCT %1$I, %2$s FROM written WHERE %1$I IS NOT NULL) AS w '
            'WHERE NOT EXISTS (SELECT FROM %3$I AS t WHERE t.id = w.%1$I AND %4$s) LIMIT 1',
            part[1], array_to_string(part[3:], ', '), part[2], shared) INTO astray;
        IF astray IS NOT NULL THEN
            RAISE EXCEPTION '% violates its key: %.% is % and there is no such row with the same %.',
                lower(TG_OP), TG_TABLE_NAME, part[1], astray, array_to_string(part[3:], ', ') USING ERRCODE = 'foreign_key_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION keys_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part text[] := string_to_array(TG_ARGV[0], ' ');
    shared text;
    held text;
BEGIN
    SELECT string_agg(format('t.%1$I = g.%1$I', c), ' AND ') INTO shared FROM unnest(part[3:]) AS c;
    EXECUTE format('SELECT g.id::text FROM gone AS g WHERE EXISTS (SELECT FROM %2$I AS t WHERE t.%1$I = g.id AND %3$s) LIMIT 1',
        part[1], part[2], shared) INTO held;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION 'delete violates a key: %.% points at % of %.',
            part[2], part[1], held, TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("organisations", "0001_initial")]
    operations = [
        migrations.RunSQL(
            FUNCTIONS, "DROP FUNCTION IF EXISTS keys_hold() CASCADE; DROP FUNCTION IF EXISTS keys_keep() CASCADE"
        )
    ]
