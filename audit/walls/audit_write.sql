-- Writes each changed row of an audited table to the trail. It runs as the owner: nobody else may write there.
CREATE OR REPLACE FUNCTION audit_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp -- last, or a temporary table of the same name would catch the trail
AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
    changed jsonb;
    -- The organisation's own row belongs to the organisation that it is.
    organisation bigint := coalesce(
        after ->> 'organisation_id', before ->> 'organisation_id',
        CASE WHEN TG_TABLE_NAME = 'organisations_organisation' THEN coalesce(after ->> 'id', before ->> 'id') END
    )::bigint;
    -- The vendor whose row it is, where vendors may see the table at all. A vendor's own row is about itself.
    whose bigint := CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_policy WHERE polrelid = TG_RELID AND polname = 'vendor') THEN
        CASE WHEN TG_TABLE_NAME = 'organisations_vendor' THEN coalesce(after ->> 'id', before ->> 'id')
        ELSE coalesce(after ->> 'vendor_id', before ->> 'vendor_id') END
    END::bigint;
    was_shared boolean := coalesce(before ->> 'shared', 'true') = 'true';
    is_shared boolean := coalesce(after ->> 'shared', before ->> 'shared', 'true') = 'true';  -- one that is removed is not shared by that
BEGIN
    SELECT jsonb_object_agg(key, jsonb_build_array(before -> key, after -> key)) INTO changed
    FROM jsonb_object_keys(before || after) AS key
    WHERE (before -> key) IS DISTINCT FROM (after -> key);
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    -- Shared with other writers, until the end of the transaction. Who seals the trail takes it alone: then no entry with a
    -- smaller id can still appear.
    PERFORM pg_advisory_xact_lock_shared(hashtext('audit_entry'), (organisation % 2147483647)::int);
    INSERT INTO audit_entry (organisation_id, at, actor_id, request_id, table_name, row_id, operation, difference, transaction_id,
        concerned_vendor_id)
    VALUES (
        organisation,
        clock_timestamp(),
        nullif(current_setting('app.actor_id', true), '')::bigint,
        coalesce(current_setting('app.request_id', true), ''),
        TG_TABLE_NAME,
        coalesce(after ->> 'id', before ->> 'id')::bigint,
        TG_OP,
        changed,
        pg_current_xact_id()::text::bigint,
        CASE WHEN was_shared AND is_shared THEN whose END -- whom it concerns
    );
    IF whose IS NOT NULL AND is_shared AND NOT was_shared THEN
        -- From here on it concerns the vendor, who reads what the row is now and not what it was before.
        INSERT INTO audit_entry (organisation_id, at, actor_id, request_id, table_name, row_id, operation, difference, transaction_id,
            concerned_vendor_id)
        SELECT organisation, clock_timestamp(), nullif(current_setting('app.actor_id', true), '')::bigint,
            coalesce(current_setting('app.request_id', true), ''), TG_TABLE_NAME, (after ->> 'id')::bigint, 'SHARED',
            jsonb_object_agg(key, jsonb_build_array(NULL, after -> key)), pg_current_xact_id()::text::bigint, whose
        FROM jsonb_object_keys(after) AS key;
    END IF;
    RETURN NULL;
END $$;
