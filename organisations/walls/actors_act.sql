-- Nobody writes another's name: what says who did something names the acting member of the scope, by key and by name.
-- Each argument is a column with that member's key, and the column with the name where there is one. Without an acting member
-- the client's side is the system, which writes on behalf of people (a history that is imported); a vendor's never is.
CREATE OR REPLACE FUNCTION actors_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor bigint := nullif(current_setting('app.actor_id', true), '')::bigint;
    before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    after jsonb := to_jsonb(NEW);
    word text;
    part text[];
    who bigint;
    called text;
BEGIN
    IF actor IS NULL AND current_user NOT SIMILAR TO '%\_(vendor|limited)' THEN
        RETURN NULL;
    END IF;
    FOREACH word IN ARRAY TG_ARGV LOOP
        part := string_to_array(word, ' ');
        who := (after ->> part[1])::bigint;
        called := coalesce(after ->> part[2], '');
        IF who IS NOT DISTINCT FROM (before ->> part[1])::bigint AND called = coalesce(before ->> part[2], '') THEN
            CONTINUE;
        END IF;
        IF who IS DISTINCT FROM actor AND who IS NOT NULL THEN
            RAISE EXCEPTION '%.% is another than the acting member.', TG_TABLE_NAME, part[1] USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF part[2] IS NOT NULL AND called <> coalesce((SELECT m.name FROM organisations_membership AS m WHERE m.id = who), '') THEN
            RAISE EXCEPTION '%.% is not the acting member''s name.', TG_TABLE_NAME, part[2] USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
