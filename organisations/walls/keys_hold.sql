-- Composite keys, checked once for all rows of a statement. Each argument is a key: column, table it points at, columns that both rows share.
CREATE OR REPLACE FUNCTION keys_hold() RETURNS trigger LANGUAGE plpgsql
    SET enable_nestloop = on -- keys are looked up by index also inside the judgement, which runs with nested loops off
AS $$
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
