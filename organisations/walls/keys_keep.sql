-- The other end of `keys_hold`: rows that are pointed at stay. The argument is a key: column, table it comes from, columns that both rows share.
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
