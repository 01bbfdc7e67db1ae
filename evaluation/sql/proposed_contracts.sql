-- Contracts as proposed: the steps that follow read these rows under the names of the tables, and judge by them as if they were stored.
-- A name with its schema is never a step, so `public.contracts_period` is the table. CTEs only; each has the columns that the steps read.
--
-- Parameter: proposed, an object of lists of rows (evaluation/proposed.py). What has no id yet has one below 0.

contracts_contract AS MATERIALIZED (
    SELECT c.*
    FROM jsonb_to_recordset(%(proposed)s::jsonb -> 'contracts') AS c (
        id bigint, vendor_id bigint, starts_on date, ends_on date, minor_unit int, charges jsonb, credits jsonb, rules jsonb, scorecard jsonb)
),

slas_servicelevel AS MATERIALIZED (
    SELECT s.*
    FROM jsonb_to_recordset(%(proposed)s::jsonb -> 'levels') AS s (
        id bigint, vendor_id bigint, contract_id bigint, code text, cycle text, measure jsonb, ends_on date, "position" int)
),

slas_terms AS MATERIALIZED (
    SELECT NULL::bigint AS id, t.service_level_id, t.full, daterange(t.from_on, t.until) AS valid
    FROM jsonb_to_recordset(%(proposed)s::jsonb -> 'terms') AS t (service_level_id bigint, from_on date, until date, "full" jsonb)
),

slas_alignment AS MATERIALIZED (
    SELECT l.*
    FROM jsonb_to_recordset(%(proposed)s::jsonb -> 'alignments') AS l (service_level_id bigint, kra_id bigint, from_on date, weight numeric)
),

kras_kra AS MATERIALIZED (
    SELECT k.*
    FROM jsonb_to_recordset(%(proposed)s::jsonb -> 'kras') AS k (
        id bigint, contract_id bigint, code text, name text, ends_on date, "position" int)
),

kras_kraweight AS MATERIALIZED (
    SELECT w.* FROM jsonb_to_recordset(%(proposed)s::jsonb -> 'weights') AS w (kra_id bigint, from_on date, weight numeric)
),

-- Periods that are there keep their id, by which figures are found, and their days, unless another calendar or due day `replaces` them.
proposed_period AS MATERIALIZED (
    SELECT p.*, -row_number() OVER () AS no
    FROM jsonb_to_recordset(%(proposed)s::jsonb -> 'periods') AS p (
        contract_id bigint, cycle text, starts_on date, ends_on date, month date, due_on date, minutes int, working_minutes int,
        replaces boolean)
),

contracts_period AS MATERIALIZED (
    SELECT coalesce(o.id, n.no) AS id, contract_id, cycle, starts_on,
        CASE WHEN n.replaces OR o.id IS NULL THEN n.ends_on ELSE o.ends_on END AS ends_on,
        CASE WHEN n.replaces OR o.id IS NULL THEN n.month ELSE o.month END AS month,
        CASE WHEN n.replaces OR o.id IS NULL THEN n.due_on ELSE o.due_on END AS due_on,
        CASE WHEN n.replaces OR o.id IS NULL THEN n.minutes ELSE o.minutes END AS minutes,
        CASE WHEN n.replaces OR o.id IS NULL THEN n.working_minutes ELSE o.working_minutes END AS working_minutes
    FROM (SELECT * FROM public.contracts_period AS p WHERE p.contract_id = ANY (%(contracts)s::bigint[])) AS o
    FULL JOIN proposed_period AS n USING (contract_id, cycle, starts_on)
)
