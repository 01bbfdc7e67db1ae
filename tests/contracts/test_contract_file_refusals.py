"""Every refusal names the path, what is wrong and what to do."""

import json

import pytest

from contracts.contract_file import BadFile, read
from tests.contracts.contract_documents import ABSENT, as_json, changed, plain, rich

TERMS = "service_levels.0.terms.0"
TERMS_SHOWN = "service_levels[0].terms[0]"

# (document, where to change it, the value, the path that the refusal names, words that it contains)
PLAIN_REFUSALS = [
    # Keys
    ("colour", "red", "colour", "unknown key `colour`"),
    ("contract.colour", "red", "contract.colour", "unknown key `colour`; remove it. Known here: reference, title"),
    ("contract.curency", "GBP", "contract.curency", "did you mean `currency`?"),
    ("contract.vendor.mail", "x", "contract.vendor.mail", "Known here: code, name"),
    ("kras.0.wieght", 1, "kras[0].wieght", "did you mean `weight`?"),
    ("service_levels.1.target", 1, "service_levels[1].target", "unknown key"),
    (f"{TERMS}.at", 1, f"{TERMS_SHOWN}.at", "Known here: from, better, bands"),
    (f"{TERMS}.bands.1.point", 1, f"{TERMS_SHOWN}.bands[1].point", "did you mean `points`?"),
    ("plumbline", ABSENT, "plumbline", "is missing"),
    ("plumbline", 2, "plumbline", "write `plumbline: 1`"),
    ("contract", ABSENT, "contract", "is missing"),
    ("contract", None, "contract", "is missing or empty"),
    ("contract", "MSA-1", "contract", "must be a mapping"),
    ("contract.vendor", ["x"], "contract.vendor", "must be a mapping of keys and values, not a list"),
    ("contract.currency", ABSENT, "contract.currency", "add it (Currency of all amounts, ISO 4217)"),
    ("contract.timezone", ABSENT, "contract.timezone", "is missing"),
    ("contract.starts_on", ABSENT, "contract.starts_on", "is missing"),
    ("contract.vendor.code", ABSENT, "contract.vendor.code", "is missing"),
    ("kras", {"REL": 60}, "kras", "must be a list, not a mapping"),
    ("kras.0", "REL", "kras[0]", "must be a mapping"),
    ("kras.0.weight", ABSENT, "kras[0].weight", "is missing"),
    ("service_levels", "none", "service_levels", "must be a list"),
    ("service_levels.0.terms", ABSENT, "service_levels[0].terms", "is missing"),
    ("service_levels.0.terms", [], "service_levels[0].terms", "at least one version"),
    ("service_levels.0.measure", ABSENT, "service_levels[0].measure", "is missing"),
    ("service_levels.0.every", "monthly", "service_levels[0].every", "did you mean `month`?"),
    ("service_levels.0.every", "day", "service_levels[0].every", "is not one of month, quarter, year, week, custom"),
    # Text
    ("contract.reference", "", "contract.reference", "is empty"),
    ("contract.reference", "  ", "contract.reference", "is empty"),
    ("contract.title", True, "contract.title", "must be text, not true"),
    ("contract.title", "x" * 201, "contract.title", "has 201 characters"),
    ("contract.title", "a\nb", "contract.title", "line break"),
    ("kras.0.objective", "a\0b", "kras[0].objective", "control character"),
    ("contract.vendor.code", ["x"], "contract.vendor.code", "must be text, not a list"),
    ("kras.0.code", "x" * 41, "kras[0].code", "at most 40"),
    # Numbers
    (f"{TERMS}.bands.0.score", "-0", f"{TERMS_SHOWN}.bands[0].score", "`-0` is not a plain decimal number; leave out the sign, 0"),
    (f"{TERMS}.bands.0.points", "-0.00", f"{TERMS_SHOWN}.bands[0].points", "leave out the sign, 0.00"),
    ("contract.charges.monthly", "-0", "contract.charges.monthly", "leave out the sign, 0"),
    ("contract.report_due", "-0", "contract.report_due", "is not a whole number"),
    (f"{TERMS}.bands.0.at", "NaN", f"{TERMS_SHOWN}.bands[0].at", "`NaN` is not a plain decimal number"),
    (f"{TERMS}.bands.0.at", "Infinity", f"{TERMS_SHOWN}.bands[0].at", "not a plain decimal"),
    (f"{TERMS}.bands.0.at", "1e2", f"{TERMS_SHOWN}.bands[0].at", "up to 12 decimals"),
    (f"{TERMS}.bands.0.at", 1e22, f"{TERMS_SHOWN}.bands[0].at", "not a plain decimal"),
    (f"{TERMS}.bands.0.at", "1_000", f"{TERMS_SHOWN}.bands[0].at", "leave out the underscore, 1000"),
    (f"{TERMS}.bands.0.at", "99,5", f"{TERMS_SHOWN}.bands[0].at", "write it with a point, 99.5"),
    (f"{TERMS}.bands.0.at", "1,000", f"{TERMS_SHOWN}.bands[0].at", "leave out the comma of thousands, 1000, or write 1.000"),
    (f"{TERMS}.bands.0.at", "99 %", f"{TERMS_SHOWN}.bands[0].at", "leave out the sign, 99"),
    (f"{TERMS}.bands.0.at", "٩٩", f"{TERMS_SHOWN}.bands[0].at", "not a plain decimal"),
    (f"{TERMS}.bands.0.at", "+99", f"{TERMS_SHOWN}.bands[0].at", "leave out the sign, 99"),
    (f"{TERMS}.bands.0.at", " 99", f"{TERMS_SHOWN}.bands[0].at", "leave out the space, 99"),
    (f"{TERMS}.bands.0.at", "99\n", f"{TERMS_SHOWN}.bands[0].at", "leave out the space, 99"),
    (f"{TERMS}.bands.0.at", ".5", f"{TERMS_SHOWN}.bands[0].at", "not a plain decimal"),
    (f"{TERMS}.bands.0.at", "5.", f"{TERMS_SHOWN}.bands[0].at", "not a plain decimal"),
    (f"{TERMS}.bands.0.at", "0x10", f"{TERMS_SHOWN}.bands[0].at", "not a plain decimal"),
    (f"{TERMS}.bands.0.at", "1234567890123", f"{TERMS_SHOWN}.bands[0].at", "up to 12 digits"),
    (f"{TERMS}.bands.0.at", "99.1234567890123", f"{TERMS_SHOWN}.bands[0].at", "up to 12 decimals"),
    (f"{TERMS}.bands.0.at", "9+9", f"{TERMS_SHOWN}.bands[0].at", "up to 12 decimals"),
    ("contract.charges.monthly", "1e5", "contract.charges.monthly", "a point and up to 6 decimals"),
    ("contract.charges.monthly", "200 000.00", "contract.charges.monthly", "leave out the space, 200000.00"),
    ("contract.charges.monthly", "200\u202f000.00", "contract.charges.monthly", "leave out the space, 200000.00"),
    ("contract.charges.monthly", "200'000.00", "contract.charges.monthly", "leave out the apostrophe, 200000.00"),
    ("contract.charges.monthly", "1.1234567", "contract.charges.monthly", "too many decimals for an amount of money; write up to 6"),
    ("contract.charges", {"months": {"2025-01": "0.0000001"}}, "contract.charges.months.2025-01", "0.0000001 has too many decimals"),
    (f"{TERMS}.bands.0.at", True, f"{TERMS_SHOWN}.bands[0].at", "true is not a plain decimal"),
    (f"{TERMS}.bands.0.at", {"x": 1}, f"{TERMS_SHOWN}.bands[0].at", "a mapping is not a plain decimal"),
    (f"{TERMS}.bands.0.score", ABSENT, f"{TERMS_SHOWN}.bands[0].score", "is missing"),
    (f"{TERMS}.bands.0.points", -1, f"{TERMS_SHOWN}.bands[0].points", "-1 must be at least 0"),
    (f"{TERMS}.weight", -1, f"{TERMS_SHOWN}.weight", "-1 must be at least 0"),
    ("kras.0.weight", 0, "kras[0].weight", "above 0"),
    ("kras.0.weight", "-5", "kras[0].weight", "above 0"),
    ("service_levels.0.kras.REL", 0, "service_levels[0].kras.REL", "above 0"),
    ("service_levels.0.kras.REL", "much", "service_levels[0].kras.REL", "not a plain decimal"),
    ("contract.charges.monthly", "-1", "contract.charges.monthly", "at least 0"),
    ("contract.report_due", "10.5", "contract.report_due", "not a whole number"),
    ("contract.report_due", 0, "contract.report_due", "must be from 1 to 250"),
    (f"{TERMS}.rolling", 0, f"{TERMS_SHOWN}.rolling", "must be from 1 to 120"),
    # Days, zones, money
    ("contract.starts_on", "15.01.2025", "contract.starts_on", "is not a date"),
    ("contract.starts_on", "2025-02-30", "contract.starts_on", "is not a day of the calendar"),
    ("contract.starts_on", "0001-01-01", "contract.starts_on", "must be a day from 1900-01-01"),
    ("contract.starts_on", "2025-01-15T00:00:00", "contract.starts_on", "is not a date"),
    ("contract.ends_on", "2025-01-14", "contract.ends_on", "is before the first day (2025-01-15)"),
    ("contract.ends_on", "2199-01-01", "contract.ends_on", "more than a hundred years"),
    ("contract.currency", "XXQ", "contract.currency", "is not a currency of ISO 4217"),
    ("contract.currency", "DEM", "contract.currency", "`DEM` is out of use since 2002-05-15, before the first day"),
    ("contract.currency", "FRF", "contract.currency", "is out of use since"),
    ("contract.currency", "HRK", "contract.currency", "is out of use since"),
    ("contract.currency", "CNH", "contract.currency", "`CNH` is not a currency in use by ISO 4217; write that"),
    ("contract.currency", "XXX", "contract.currency", "is not a currency in use"),
    ("contract.currency", "XTS", "contract.currency", "is not a currency in use"),
    ("contract.currency", "XAU", "contract.currency", "is not a currency in use"),
    ("contract.currency", "gbp", "contract.currency", "three capital letters"),
    ("contract.timezone", "London", "contract.timezone", "`London` is not a time zone"),
    ("contract.timezone", "localtime", "contract.timezone", "`localtime` is not a time zone"),
    ("contract.timezone", "Factory", "contract.timezone", "`Factory` is not a time zone"),
    ("contract.timezone", "../../etc/passwd", "contract.timezone", "is not a time zone"),
    ("contract.calendar.holidays", "GB-XX", "contract.calendar.holidays", "no holidays are known for `GB-XX`"),
    ("contract.calendar.holidays", "ZZ", "contract.calendar.holidays", "such as GB-ENG"),
    ("contract.calendar.holidays", {"a": 1}, "contract.calendar.holidays", "or a list of days, not a mapping"),
    ("contract.calendar.holidays", ["2025-01-01", "New Year"], "contract.calendar.holidays[1]", "is not a date"),
    ("contract.calendar.weekdays", [], "contract.calendar.weekdays", "at least one working day"),
    ("contract.calendar.weekdays", ["mon", "mon"], "contract.calendar.weekdays", "stands here 2 times"),
    ("contract.calendar.weekdays", ["Monday"], "contract.calendar.weekdays[0]", "did you mean `mon`?"),
    ("contract.calendar.weekdays", "mon", "contract.calendar.weekdays", "must be a list"),
    ("contract.calendar.hours", "9-5", "contract.calendar.hours", "write it as 09:00-17:00"),
    ("contract.calendar.hours", "17:00-09:00", "contract.calendar.hours", "later than the beginning"),
    ("contract.calendar.hours", "09:00-09:00", "contract.calendar.hours", "later than the beginning"),
    ("contract.calendar.hours", "09:60-17:00", "contract.calendar.hours", "not a time of day"),
    ("contract.calendar.hours", "09:00-25:00", "contract.calendar.hours", "not a time of day"),
    ("contract.charges", {}, "contract.charges", "either `monthly` or `months`"),
    ("contract.charges", {"monthly": 1, "months": {}}, "contract.charges", "either `monthly` or `months`"),
    ("contract.charges", {"months": {"2025-13": 1}}, "contract.charges.months.2025-13", "is not a month"),
    ("contract.charges", {"months": {"2025-1": 1}}, "contract.charges.months.2025-1", "is not a month"),
    ("contract.charges", {"months": {"2025-01": "lots"}}, "contract.charges.months.2025-01", "plain decimal"),
    # Codes
    ("kras.1.code", "REL", "kras[1].code", "already the code of kras[0]"),
    ("service_levels.1.code", "SL-01", "service_levels[1].code", "already the code of service_levels[0]"),
    ("service_levels.0.kras", {"Z": 100}, "service_levels[0].kras.Z", "`Z` is not a KRA of this contract"),
    (f"{TERMS}.kras", {"Z": 100}, f"{TERMS_SHOWN}.kras.Z", "use one of: REL, CX"),
    ("kras", [], "service_levels[0].kras.REL", "use one of: none"),
    ("kras.0.weight", [], "kras[0].weight", "the list is empty"),
    ("kras.0.weight", [{"weight": 1}], "kras[0].weight[0].from", "is missing"),
    # Measure and periods
    ("service_levels.0.measure.kind", "percentage", "service_levels[0].measure.kind", "ratio, availability, value"),
    ("service_levels.0.measure.hours", "always", "service_levels[0].measure.hours", "belongs to a measure of kind avail"),
    ("service_levels.1.measure.of", "x", "service_levels[1].measure.of", "belongs to a measure of kind ratio"),
    ("service_levels.1.measure.scale", 1, "service_levels[1].measure.scale", "belongs to a measure of kind ratio"),
    ("service_levels.0.measure.scale", 0, "service_levels[0].measure.scale", "above 0"),
    ("service_levels.0.measure.roll_up", "max", "service_levels[0].measure.roll_up", "is not one of sum, mean"),
    ("service_levels.1.measure.maintenance", "no", "service_levels[1].measure.maintenance", "excluded, uptime, downtime"),
    ("service_levels.0.periods", [{"starts_on": "2025-01-15", "ends_on": "2025-02-01"}], "service_levels[0].periods",
     "only `every: custom`"),
    ("service_levels.0.every", "custom", "service_levels[0].periods", "needs its periods"),
    # Terms
    (f"{TERMS}.from", "2025-01-01", f"{TERMS_SHOWN}.from", "the nearest: 2025-01-15 and 2025-02-01"),
    (f"{TERMS}.from", "2025-04-02", f"{TERMS_SHOWN}.from", "is not the first day of one of this service level's periods"),
    ("service_levels.1.terms.0.from", "2025-02-01", "service_levels[1].terms[0].from", "not the first day"),
    (f"{TERMS}.from", "2027-01-01", f"{TERMS_SHOWN}.from", "not the first day"),
    (f"{TERMS}.better", "more", f"{TERMS_SHOWN}.better", "is not one of higher, lower, inside"),
    (f"{TERMS}.bands", [], f"{TERMS_SHOWN}.bands", "at least one band"),
    (f"{TERMS}.bands.2.at", 97, f"{TERMS_SHOWN}.bands[2].at", "remove its `at`, or add a band after it"),
    (f"{TERMS}.bands.1.at", ABSENT, f"{TERMS_SHOWN}.bands[1].at", "only the last band has no `at`"),
    (f"{TERMS}.bands.1.at", "99.5", f"{TERMS_SHOWN}.bands[1].at", "99.5 is above the band before it (99)"),
    (f"{TERMS}.bands.1.at", "99.0", f"{TERMS_SHOWN}.bands[1].at", "the same as the band before it"),
    (f"{TERMS}.better", "lower", f"{TERMS_SHOWN}.bands[1].at", "98 is below the band before it (99)"),
    (f"{TERMS}.better", "inside", f"{TERMS_SHOWN}.bands[0].at", "must be a pair"),
    (f"{TERMS}.bands.0.at", [98, 99], f"{TERMS_SHOWN}.bands[0].at", "must be one number because `better` is higher"),
    (f"{TERMS}.bands.0.at", [98], f"{TERMS_SHOWN}.bands[0].at", "must be a pair [low, high]"),
    (f"{TERMS}.bands.0.outcome", "missed", f"{TERMS_SHOWN}.bands[0].outcome", "did you mean `miss`?"),
    (f"{TERMS}.bands.0.per_step", {"from": 99}, f"{TERMS_SHOWN}.bands[0].per_step.step", "is missing"),
    (f"{TERMS}.bands.0.per_step", {"from": 99, "step": 0}, f"{TERMS_SHOWN}.bands[0].per_step.step", "above 0"),
    (f"{TERMS}.rounding", {"mode": "half_up"}, f"{TERMS_SHOWN}.rounding.places", "is missing"),
    (f"{TERMS}.rounding", {"places": 7}, f"{TERMS_SHOWN}.rounding.places", "from 0 to 6"),
    (f"{TERMS}.rounding", {"places": 1, "mode": "half_even"}, f"{TERMS_SHOWN}.rounding.mode", "half_up, truncate"),
    (f"{TERMS}.tolerated", {"count": 0, "window": 4}, f"{TERMS_SHOWN}.tolerated.count", "from 1 to 1000"),
    (f"{TERMS}.tolerated", {"count": 1}, f"{TERMS_SHOWN}.tolerated.window", "is missing"),
    (f"{TERMS}.repeat", [], f"{TERMS_SHOWN}.repeat", "the list is empty"),
    (f"{TERMS}.repeat", ["1", "-2"], f"{TERMS_SHOWN}.repeat[1]", "at least 0"),
    (f"{TERMS}.repeat", "2", f"{TERMS_SHOWN}.repeat", "must be a list"),
    (f"{TERMS}.kras", {}, f"{TERMS_SHOWN}.kras", "is empty; name at least one KRA"),
    (f"{TERMS}.allowance", "yes", f"{TERMS_SHOWN}.allowance", "`yes` is neither true nor false"),
    (f"{TERMS}.missing", "zero", f"{TERMS_SHOWN}.missing", "is not one of default, exclude"),
    (f"{TERMS}.relief", "include", f"{TERMS_SHOWN}.relief", "is not one of exclude, deem_met"),
    (f"{TERMS}.minimum_volume", -1, f"{TERMS_SHOWN}.minimum_volume", "at least 0"),
    (f"{TERMS}.credits_from", "soon", f"{TERMS_SHOWN}.credits_from", "is not a date"),
]  # fmt: skip

RICH_REFUSALS = [
    ("service_levels.0.terms.1.from", "2025-01-15", "service_levels[0].terms[1].from", "list the earliest first"),
    ("kras.0.weight.1.from", "2025-01-15", "kras[0].weight[1].from", "is not after the day before it"),
    ("kras.0.weight.0.weight", 0, "kras[0].weight[0].weight", "the first weight must be above 0"),
    ("contract.calendar.hours", ABSENT, "service_levels[1].measure.hours", "the contract's calendar has no hours"),
    # Custom periods
    ("service_levels.2.periods.1.starts_on", "2025-03-10", "service_levels[2].periods[1].starts_on", "lies in another"),
    ("service_levels.2.periods.1.ends_on", "2025-03-01", "service_levels[2].periods[1].ends_on", "is before the period's"),
    ("service_levels.2.periods.0.starts_on", "2025-01-01", "service_levels[2].periods[0].starts_on", "contract's first day"),
    ("service_levels.2.periods.1.ends_on", "2027-01-01", "service_levels[2].periods[1].ends_on", "contract's last day"),
    ("service_levels.2.terms.0.from", "2025-03-01", "service_levels[2].terms[0].from", "2025-02-01 and 2025-03-11"),
    # Inside
    ("service_levels.2.terms.0.bands.0.at", [85, 75], "service_levels[2].terms[0].bands[0].at", "the low end first"),
    ("service_levels.2.terms.0.bands.1.at", [76, 90], "service_levels[2].terms[0].bands[1].at", "does not contain"),
    ("service_levels.2.terms.0.bands.1.at", [75, 85], "service_levels[2].terms[0].bands[1].at", "the same as the band"),
    ("service_levels.2.terms.0.bands.2.per_step", {"from": 1, "step": 1}, "service_levels[2].terms[0].bands[2].per_step",
     "not possible where `better` is inside"),
    # Credits
    ("credits.point", ABSENT, "credits.point", "is missing"),
    ("credits.point", {}, "credits.point", "either `percent_of` with `value`, or `amount`"),
    ("credits.point", {"percent_of": "charges", "value": 1, "amount": 1}, "credits.point", "give one of them"),
    ("credits.point", {"percent_of": "charges"}, "credits.point.value", "how many percent of charges"),
    ("credits.point", {"amount": 1, "value": 1}, "credits.point.value", "belongs to `percent_of`"),
    ("credits.point", {"percent_of": "profit", "value": 1}, "credits.point.percent_of", "is not one of charges, at_risk"),
    ("credits.at_risk_percent", ABSENT, "credits.point.percent_of", "needs credits.at_risk_percent"),
    ("credits.at_risk_percent", 101, "credits.at_risk_percent", "at most 100"),
    ("credits.tariff", {"kind": "step"}, "credits.tariff.steps", "needs `steps`"),
    ("credits.tariff", {"kind": "marginal", "slices": []}, "credits.tariff.slices", "needs `slices`"),
    ("credits.tariff", {"kind": "linear", "steps": [{"at": 1, "value": 1}]}, "credits.tariff.steps", "remove it"),
    ("credits.tariff", {"kind": "step", "steps": [{"at": 1, "value": 1}, {"at": 1, "value": 2}]},
     "credits.tariff.steps[1].at", "already where steps[0] begins"),
    ("credits.tariff.slices.1.upto", 20, "credits.tariff.slices[1].upto", "20 is not above the slice before it (20)"),
    ("credits.tariff.slices.1.upto", ABSENT, "credits.tariff.slices[1].upto", "only the last slice has no `upto`"),
    ("credits.tariff.slices.2.upto", 300, "credits.tariff.slices[2].upto", "the last slice has no end"),
    ("credits.caps.0.over", "year", "credits.caps[0].over", "month, rolling_12, contract_year"),
    ("credits.caps.1.percent_of", "charges", "credits.caps[1]", "give one of them"),
    ("credits.caps.1.amount", ABSENT, "credits.caps[1]", "give one of them"),
    ("credits.earn_back", {}, "credits.earn_back", "either `after` or `yearly_average: true`"),
    ("credits.earn_back", {"after": 3, "yearly_average": True}, "credits.earn_back", "give one of them"),
    ("credits.earn_back", {"after": 0}, "credits.earn_back.after", "from 1 to 120"),
    ("credits.bedding_in", ["x"], "credits.bedding_in[0]", "plain decimal"),
    ("credits.one_per_incident", 1, "credits.one_per_incident", "neither true nor false"),
    # Rules
    ("rules.0.at_least", ABSENT, "rules[0]", "either `at_least` or `more_than`"),
    ("rules.0.more_than", 5, "rules[0]", "either `at_least` or `more_than`"),
    ("rules.0.then", "sue", "rules[0].then", "termination_right, rectification_plan, escalate, notify"),
    ("rules.0.count", "misses", "rules[0].count", "is not one of points, defaults"),
    ("rules.0.over", "vendor", "rules[0].over", "is not one of contract, service_level"),
    ("rules.0.window", 0, "rules[0].window", "from 1 to 1000"),
    ("rules.1.name", "Critical", "rules[1].name", "`Critical` is already the name of rules[0]; give each its own, because alerts"),
    ("rules.2.name", " Bad ", "rules[2].name", "`Bad` is already the name of rules[1]"),
    ("rules.2.bands", [], "rules[2].bands", "the list is empty"),
    ("rules.2.bands", ["Severe", "Dreadful"], "rules[2].bands[1]", "no service level has a band `Dreadful`"),
    # Scorecard
    ("scorecard.missing", "ignore", "scorecard.missing", "is not one of exclude, zero, full"),
    ("scorecard.minimum_coverage", 101, "scorecard.minimum_coverage", "at most 100"),
    ("scorecard.minimum_coverage", -1, "scorecard.minimum_coverage", "at least 0"),
    ("scorecard.grades.1.at", 95, "scorecard.grades[1].at", "not below the grade before it (95)"),
    ("scorecard.grades.1.at", ABSENT, "scorecard.grades[1].at", "only the last grade has no `at`"),
    ("scorecard.grades.2.at", 10, "scorecard.grades[2].at", "the last grade takes all scores"),
]  # fmt: skip

REFUSALS = [(plain, *case) for case in PLAIN_REFUSALS] + [(rich, *case) for case in RICH_REFUSALS]


def refused(text):
    with pytest.raises(BadFile) as refusal:
        read(text)
    return refusal.value


@pytest.mark.parametrize(("make", "place", "value", "path", "words"), REFUSALS)
def test_a_refusal_names_the_path_and_the_remedy(make, place, value, path, words):
    error = refused(as_json(changed(make(), place, value)))
    messages = [problem.message for problem in error.problems if problem.path == path]
    assert any(words in message for message in messages), str(error)


@pytest.mark.parametrize(("make", "place", "value", "path", "words"), REFUSALS)
def test_a_refusal_speaks_plainly(make, place, value, path, words):
    said = str(refused(as_json(changed(make(), place, value))))
    for jargon in ("pydantic", "http", "Input should", "validation error", "NoneType", "\0", "Decimal(", "datetime"):
        assert jargon not in said


def test_one_mistake_makes_one_problem():
    error = refused(as_json(changed(rich(), "service_levels.0.terms.1.bands.1.at", "nearly all")))
    assert [problem.path for problem in error.problems] == ["service_levels[0].terms[1].bands[1].at"]


def test_all_problems_are_told_at_once_in_the_order_of_the_file():
    document = rich()
    for place, value in (
        ("scorecard.grades.1.at", 99),
        ("contract.currency", "XXQ"),
        ("contract.ends_on", "2024-01-01"),
        ("service_levels.2.code", "SL-01"),
        ("service_levels.0.kras", {"Z": 1, "REL": "x"}),
        ("service_levels.0.terms.0.bands.1.at", "99.9"),
        ("service_levels.0.terms.0.repeat", []),
        ("service_levels.0.terms.1.better", "best"),
        ("service_levels.0.terms.1.kras", {}),
        ("service_levels.3.measure.of", "x"),
        ("credits.earn_back", {}),
        ("rules.1.colour", "red"),
    ):
        changed(document, place, value)
    assert [problem.path for problem in refused(as_json(document)).problems] == [
        "contract.ends_on",
        "contract.currency",
        "service_levels[0].kras.Z",
        "service_levels[0].kras.REL",
        "service_levels[0].terms[0].bands[1].at",
        "service_levels[0].terms[0].repeat",
        "service_levels[0].terms[1].better",
        "service_levels[0].terms[1].kras",
        "service_levels[2].code",
        "service_levels[3].measure.of",
        "credits.earn_back",
        "rules[1].colour",
        "scorecard.grades[1].at",
    ]


def test_a_value_that_cannot_be_read_does_not_hide_what_is_wrong_beside_it():
    document = changed(plain(), "service_levels.0.terms.0.bands.0.at", "NaN")
    changed(document, "service_levels.0.terms.0.bands.1.at", ABSENT)
    changed(document, "service_levels.0.terms.0.from", "2025-01-16")
    assert {problem.path for problem in refused(as_json(document)).problems} == {
        "service_levels[0].terms[0].from",
        "service_levels[0].terms[0].bands[0].at",
        "service_levels[0].terms[0].bands[1].at",
    }


def test_nothing_that_cannot_be_read_breaks_the_reader():
    """Each value of the rich document in turn becomes something it cannot be, or goes: always a refusal or a reading."""
    silent = []
    tried = [(make, path, value) for make, values in ((plain, (None, "{0}", [[]])), (rich, (ABSENT, {"x": {}})))
             for path in _places(make()) for value in values]  # fmt: skip
    for make, path, value in tried:
        try:
            read(as_json(changed(make(), path, value)))
        except BadFile as error:
            silent += [] if str(error) else [path]
    assert silent == []


def _places(document, path=""):
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in entries:
        place = f"{path}.{key}" if path else str(key)
        yield place
        if isinstance(value, (dict, list)):
            yield from _places(value, place)


def test_a_flood_of_problems_is_cut_short():
    document = changed(plain(), "service_levels", [{"code": f"S{n}"} for n in range(300)])
    error = refused(as_json(document))
    assert len(error.problems) == 201
    assert error.problems[-1].message == "and more; correct these 200 first"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("\x1b[31mred", "?[31mred"),
        ("a\nb", "a?b"),
        ("k" * 5000, "k" * 60 + "…"),
        ("", '""'),
    ],
)
def test_a_key_is_printed_on_one_line_and_cut(key, shown):
    """Whatever stands in the file: it commands no terminal and makes no line of its own."""
    error = refused(as_json(changed(plain(), "contract", plain()["contract"] | {key: 1})))
    assert str(error).startswith(f"contract.{shown}: unknown key `{shown}`; remove it.")
    twice = json.dumps({key: 1})[:-1] + ", " + json.dumps({key: 1})[1:]
    assert str(refused(twice)) == f"{shown}: the key `{shown}` stands here twice; keep one of them"


def test_a_problem_is_printed_with_its_path():
    error = refused(as_json(changed(plain(), "contract.currency", "XXQ")))
    assert str(error).startswith("contract.currency: `XXQ` is not a currency")
