-- A vendor's dispute holds the credit of its month, and withdrawing the dispute releases it: nothing else does. What is held may come to
-- less by that, where another dispute of the month holds a part that only both took away.
CREATE OR REPLACE FUNCTION vendor_writes_credits_credithold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM disputes_dispute AS d
        WHERE concat('dispute:', d.id) = NEW.held_for AND d.contract_id = NEW.contract_id AND d.month = NEW.month
            AND d.status = CASE WHEN NEW.released_at IS NULL THEN 'open' ELSE 'withdrawn' END)
        OR TG_OP = 'INSERT' AND NEW.released_at IS NOT NULL
        OR TG_OP = 'UPDATE' AND (to_jsonb(NEW) - '{released_at,amount}'::text[]) <> (to_jsonb(OLD) - '{released_at,amount}'::text[])
        OR TG_OP = 'UPDATE' AND NEW.amount IS DISTINCT FROM OLD.amount AND NOT coalesce(NEW.amount < OLD.amount AND NEW.amount >= 0, false)
    THEN
        RAISE EXCEPTION 'A month is held by an open dispute, and released with it.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
