-- Writes each change of an account to the trail of accounts. It runs as the owner: nobody else may write there.
CREATE OR REPLACE FUNCTION audit_write_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp
AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
    one jsonb := CASE WHEN TG_OP = 'DELETE' THEN before ELSE after END;
    changed jsonb;
BEGIN
    -- Secrets are named by the trigger's arguments: that they changed is noted, what they are is not.
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (TG_ARGV) THEN '["hidden", "hidden"]'::jsonb
            ELSE jsonb_build_array(before -> key, after -> key) END) INTO changed
    FROM jsonb_object_keys(before || after) AS key
    WHERE (before -> key) IS DISTINCT FROM (after -> key);
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit_accountentry (at, user_id, request_id, table_name, row_id, operation, difference)
    VALUES (
        clock_timestamp(),
        coalesce(one ->> 'user_id', one ->> 'id')::bigint,
        coalesce(current_setting('app.request_id', true), ''),
        TG_TABLE_NAME,
        (one ->> 'id')::bigint,
        TG_OP,
        changed
    );
    RETURN NULL;
END $$;
