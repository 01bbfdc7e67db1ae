"""A world to measure in: organisations with contracts, service levels, months and accepted figures, made by SQL as the owner."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

HIGHER = {
    "better": "higher", "scoring": "step", "rounding": None, "missing": "exclude", "no_volume": "exclude", "minimum_volume": None,
    "allowance": False, "exempt_streak": "neutral", "tolerated": None, "relief": "exclude", "rolling": "1", "weight": "1",
    "credits_from": "2024-01-01", "repeat": ["1", "2"], "kras": None, "from": "2024-01-01",
}  # fmt: skip


def band(name: str, at: str | None, outcome: str, points: str, score: str) -> dict[str, Any]:
    return {
        "name": name,
        "at": at,
        "low": None,
        "high": None,
        "outcome": outcome,
        "points": points,
        "score": score,
        "per_step": None,
    }


FIVE = [
    band("Target", "98", "met", "0", "100"), band("Minor", "96", "default", "1", "75"), band("Serious", "94", "default", "2", "50"),
    band("Severe", "92", "default", "3", "25"), band("Critical", None, "default", "4", "0"),
]  # fmt: skip
EXPECTED = [
    band("Expected", "97", "met", "0", "100"), band("Below expected", "94", "miss", "5", "60"),
    band("Below minimum", None, "default", "10", "0"),
]  # fmt: skip
SECONDS = [
    band("Fast", "20", "met", "0", "100"),
    band("Slow", "26", "default", "1", "60"),
    band("Too slow", None, "default", "2", "0"),
]
COUNT = [
    band("None", "1", "met", "0", "100"),
    band("Some", "3", "default", "1", "50"),
    band("Many", None, "default", "2", "0"),
]

MEASURE = {
    "unit": "percent",
    "scale": None,
    "hours": None,
    "maintenance": None,
    "maintenance_allowance": None,
    "of": None,
    "among": None,
}
# The mix: measure, terms, and how the figures of a slot come from a pseudo-random number x in [0, 1), the larger the better.
# About one slot in ten falls short.
KINDS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {**MEASURE, "kind": "ratio", "scale": "100", "roll_up": "sum"},
        {**HIGHER, "bands": FIVE},
        "round(1000 * (0.945 + 0.055 * x)), 1000, NULL, NULL, NULL",
    ),
    (
        {**MEASURE, "kind": "ratio", "scale": "100", "roll_up": "sum"},
        {**HIGHER, "bands": EXPECTED, "tolerated": {"count": "4", "window": "12", "counting_defaults": False}},
        "round(800 * (0.93 + 0.07 * x)), 800, NULL, NULL, NULL",
    ),
    (
        {**MEASURE, "kind": "availability", "hours": "always", "maintenance": "excluded", "roll_up": "sum"},
        {**HIGHER, "bands": FIVE, "scoring": "linear"},
        "NULL, NULL, NULL, round(1800 * (1 - x)), 120",
    ),
    (
        {**MEASURE, "kind": "ratio", "unit": "seconds", "scale": "1", "roll_up": "sum"},
        {**HIGHER, "better": "lower", "bands": SECONDS, "repeat": ["1", "1.5", "2"]},
        "round(9000 * (2.6 - 1.0 * x)), 900, NULL, NULL, NULL",
    ),
    (
        {**MEASURE, "kind": "count", "unit": "incidents", "roll_up": "sum"},
        {**HIGHER, "better": "lower", "bands": COUNT, "rolling": "3"},
        "NULL, NULL, floor(4 * (1 - x)), NULL, NULL",
    ),
]
CREDITS = {
    "point": {"percent_of": "charges", "value": "0.5", "amount": None}, "at_risk_percent": "10",
    "tariff": {"kind": "linear", "steps": [], "slices": []}, "one_per_incident": False, "bedding_in": [],
    "caps": [{"percent_of": "charges", "value": "10", "amount": None, "over": "month"},
             {"percent_of": None, "value": None, "amount": "100000", "over": "rolling_12"}],
    "minimum": None, "earn_back": {"after": "3", "yearly_average": False},
}  # fmt: skip
RULES = [
    {"name": "Critical", "over": "contract", "count": "points", "window": "3", "at_least": "50", "more_than": None,
     "then": "termination_right", "bands": None},
    {"name": "Chronic", "over": "service_level", "count": "consecutive_defaults", "window": "1", "at_least": "3", "more_than": None,
     "then": "escalate", "bands": None},
]  # fmt: skip
SCORECARD = {
    "missing": "exclude",
    "minimum_coverage": "60",
    "grades": [{"name": "Good", "at": "95"}, {"name": "Poor", "at": None}],
}


@dataclass(frozen=True)
class Size:
    """How large the world is: contracts of one organisation, service levels of each, months of each.

    `begins`: the first month, not before the terms of KINDS. `vendors`: how many share the contracts; without it one to seven.
    """

    contracts: int
    levels: int
    months: int
    begins: date = date(2024, 1, 1)
    vendors: int = 0

    @property
    def slots(self) -> int:
        return self.contracts * self.levels * self.months


def build(cursor: Any, slug: str, size: Size, *, analyse: bool = True) -> int:
    """Make an organisation of this size, with accepted figures for every slot and nothing judged. Returns its id.

    Triggers and foreign keys are off while it is made; the data is consistent by construction, and the tables are analysed at the end,
    which is enough after the last of many small ones.
    """
    cursor.execute("SET session_replication_role = replica")
    cursor.execute(
        "INSERT INTO organisations_organisation (name, slug, created_at) VALUES (%s, %s, now()) RETURNING id",
        [slug, slug],
    )
    organisation = cursor.fetchone()[0]
    values = {
        "o": organisation, "contracts": size.contracts, "levels": size.levels, "months": size.months, "kinds": len(KINDS),
        "begins": size.begins, "vendors": size.vendors or max(size.contracts // 7, 1),
        "credits": json.dumps(CREDITS), "rules": json.dumps(RULES), "scorecard": json.dumps(SCORECARD),
        "measures": json.dumps([measure for measure, _, _ in KINDS]), "terms": json.dumps([terms for _, terms, _ in KINDS]),
    }  # fmt: skip
    for statement in STATEMENTS:
        cursor.execute(statement, values)
    cursor.execute("SET session_replication_role = origin")
    for table in TABLES if analyse else ():
        cursor.execute(f"ANALYZE {table}")
    return int(organisation)


TABLES = (
    "organisations_vendor contracts_contract contracts_period kras_kra kras_kraweight slas_servicelevel slas_terms slas_alignment "
    "measurements_submission measurements_figure measurements_reportedperiod contracts_reevaluation"
).split()

FIGURES = " ".join(f"WHEN {n} THEN ARRAY[{row}]::numeric[]" for n, (_, _, row) in enumerate(KINDS))
STATEMENTS = [
    """INSERT INTO organisations_vendor (organisation_id, code, name, merged_into_code, version, created_at)
    SELECT %(o)s, 'V' || n, 'Vendor ' || n, '', 1, now() FROM generate_series(1, %(vendors)s) AS n""",
    """INSERT INTO contracts_contract (organisation_id, vendor_id, reference, title, starts_on, ends_on, currency, minor_unit, timezone,
        calendar, report_due, charges, credits, rules, scorecard, submit_early, document, version, created_at)
    SELECT %(o)s, v.id, 'C-' || n, 'Contract ' || n, %(begins)s,
        (%(begins)s::date + interval '1 month' * greatest(60, %(months)s) - interval '1 day')::date, 'GBP', 2,
        'Europe/London', jsonb_build_array(f.since), jsonb_build_array(f.since || '{"days": 10}'),
        jsonb_build_array(f.since || '{"monthly": "100000"}'), jsonb_build_array(f.since || %(credits)s::jsonb), %(rules)s,
        jsonb_build_array(f.since || %(scorecard)s::jsonb), false, '{}', 1, now()
    FROM generate_series(1, %(contracts)s) AS n
    CROSS JOIN (SELECT jsonb_build_object('from', %(begins)s::date) AS since) AS f
    JOIN organisations_vendor AS v ON v.organisation_id = %(o)s AND v.code = 'V' || (n %% %(vendors)s + 1)""",
    """INSERT INTO contracts_reevaluation (organisation_id, contract_id, from_on, judged_on)
    SELECT organisation_id, id, starts_on, NULL FROM contracts_contract WHERE organisation_id = %(o)s""",
    """INSERT INTO contracts_period (organisation_id, vendor_id, contract_id, cycle, starts_on, ends_on, month, due_on, minutes,
        working_minutes, label, slots)
    SELECT %(o)s, c.vendor_id, c.id, 'month', m, (m + interval '1 month - 1 day')::date, m, (m + interval '1 month 14 days')::date,
        extract(epoch FROM (m + interval '1 month') - m)::int / 60, 10000, to_char(m, 'FMMonth YYYY'), %(levels)s
    FROM contracts_contract AS c,
        generate_series(%(begins)s::date, %(begins)s::date + interval '1 month' * (%(months)s - 1), '1 month') AS m
    WHERE c.organisation_id = %(o)s ORDER BY c.id, m""",
    """INSERT INTO kras_kra (organisation_id, vendor_id, contract_id, code, name, objective, position)
    SELECT %(o)s, vendor_id, id, 'K' || k, 'Key result ' || k, '', k FROM contracts_contract, generate_series(0, 3) AS k
    WHERE organisation_id = %(o)s""",
    """INSERT INTO kras_kraweight (organisation_id, vendor_id, kra_id, from_on, weight)
    SELECT %(o)s, vendor_id, id, %(begins)s, 25 FROM kras_kra WHERE organisation_id = %(o)s""",
    """INSERT INTO slas_servicelevel (organisation_id, vendor_id, contract_id, code, name, metric, cycle, measure, document, position)
    SELECT %(o)s, vendor_id, id, 'SL-' || lpad(s::text, 3, '0'), 'Service level ' || s, '', 'month',
        %(measures)s::jsonb -> (s %% %(kinds)s), '{}', s
    FROM contracts_contract, generate_series(0, %(levels)s - 1) AS s WHERE organisation_id = %(o)s ORDER BY id, s""",
    """INSERT INTO slas_terms (organisation_id, vendor_id, service_level_id, version, valid, document, "full")
    SELECT %(o)s, vendor_id, id, 1, daterange(least('2024-01-01', %(begins)s::date), NULL), '{}',
        %(terms)s::jsonb -> (position %% %(kinds)s)
    FROM slas_servicelevel WHERE organisation_id = %(o)s ORDER BY id""",
    """INSERT INTO slas_alignment (organisation_id, vendor_id, service_level_id, kra_id, from_on, weight)
    SELECT %(o)s, s.vendor_id, s.id, k.id, %(begins)s, 20 FROM slas_servicelevel AS s
    JOIN kras_kra AS k ON k.contract_id = s.contract_id AND k.position = s.position %% 4 WHERE s.organisation_id = %(o)s""",
    """INSERT INTO measurements_submission (organisation_id, vendor_id, contract_id, month, revision, status, reason, source,
        submitted_by_name, submitted_at, decided_by_name, decided_at, return_reason, saved_by_name, by_vendor, created_at)
    SELECT %(o)s, vendor_id, contract_id, month, 1, 'accepted', '', '', 'Vera', due_on, 'Marco', due_on + 1, '', 'Vera', true, due_on
    FROM contracts_period WHERE organisation_id = %(o)s ORDER BY contract_id, month""",
    f"""INSERT INTO measurements_figure (organisation_id, vendor_id, submission_id, service_level_id, period_id, part, numerator,
        denominator, value, downtime, maintenance, incident, note)
    SELECT %(o)s, b.vendor_id, b.id, s.id, p.id, '', f.r[1], f.r[2], f.r[3], f.r[4], f.r[5], '', ''
    FROM measurements_submission AS b
    JOIN contracts_period AS p ON p.contract_id = b.contract_id AND p.month = b.month
    JOIN slas_servicelevel AS s ON s.contract_id = b.contract_id
    CROSS JOIN LATERAL (SELECT power((abs(hashint8extended(s.id * 1000 + p.id, 7)) %% 10000) / 10000.0, 0.2) AS x) AS n
    CROSS JOIN LATERAL (SELECT CASE s.position %% %(kinds)s {FIGURES} END AS r) AS f
    WHERE b.organisation_id = %(o)s ORDER BY b.id, s.id""",
    """INSERT INTO measurements_reportedperiod (organisation_id, vendor_id, submission_id, period_id, slots)
    SELECT %(o)s, b.vendor_id, b.id, p.id, p.slots
    FROM measurements_submission AS b JOIN contracts_period AS p ON p.contract_id = b.contract_id AND p.month = b.month
    WHERE b.organisation_id = %(o)s ORDER BY b.id""",
]
