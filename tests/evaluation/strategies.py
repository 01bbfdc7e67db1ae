"""Random but valid contracts with figures, for comparing engines and for properties of one.

`judgements()` draws (contract file, figures, as-of day or None) as plain dicts, lists and texts. Every key of the
contract file can appear. Numbers come from small pools whose members hit thresholds exactly or miss them by a hair; most
draws are a choice from a list that begins with the plainest entry, so that failures shrink to small contracts.
The parts are built once, when the module is loaded: building them while drawing would take most of the time.
"""

from datetime import date, timedelta

from hypothesis import strategies as st

from tests.evaluation.oracle.days import day, month_after, months_from
from tests.evaluation.oracle.facts import has_ended, level_periods
from tests.evaluation.strategies_figures import figures_for
from tests.evaluation.strategies_terms import service_level

LEVELS = ["AA", "BB", "CC", "DD"]
KRAS = ["REL", "CUS", "FIN"]


def numbers(*choices):
    """One of a few numbers: text where they have decimals, as a contract file may have either."""
    return st.sampled_from(choices)


# The contract ----------------------------------------------------------------------------------------------------

HOLIDAYS = ["GB-ENG", "GB-SCT", "GB-WLS", "US-TX", "DE", ["2025-01-06", "2025-04-07", "2025-12-24"]]
WEEKS = [["mon", "tue", "wed", "thu", "fri"], ["sun", "mon", "tue", "wed", "thu"], ["sat", "tue"]]
HEADERS = st.fixed_dictionaries(
    {
        "reference": st.just("R-1"),
        "title": st.just("Any contract"),
        "vendor": st.just({"code": "V", "name": "Vendor"}),
        "currency": st.sampled_from(["GBP", "EUR", "JPY", "KWD"]),
        "timezone": st.sampled_from(
            ["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Auckland"]
        ),
    }
)
CALENDARS = st.fixed_dictionaries(
    {"hours": st.sampled_from(["09:00-17:00", "00:00-24:00", "00:30-12:15"])},
    optional={"holidays": st.sampled_from(HOLIDAYS), "weekdays": st.sampled_from(WEEKS)},
)
TERMS_OF_CONTRACT = st.tuples(
    st.integers(0, 23),  # first month, from January 2024
    st.sampled_from([1, 1, 1, 15, 28]),  # first day
    st.integers(6, 9) | st.integers(6, 20),  # months
    st.sampled_from([1, 1, 1, 12]),  # days by which it ends before the next month
)
MONTHLY = numbers("10000.00", "33333", "12345.67", 20000, 0)
CHARGES_OF_MONTHS = st.lists(numbers("10000.00", "5000", "777.77", 50, None), min_size=20, max_size=20)
CHARGES = st.one_of(MONTHLY, MONTHLY, CHARGES_OF_MONTHS)
SELDOM_NONE = st.sampled_from([False, True, True, True])


# Parts in versions -----------------------------------------------------------------------------------------------

VERSIONS = st.lists(st.integers(0, 18), max_size=2)
FROM = st.booleans()


def in_versions(draw, part, starts_on, months):
    """A part that is written once, as a list with one version, or with versions from several months on."""
    later = sorted({months[1 + n % (len(months) - 1)] for n in draw(VERSIONS)})
    first = draw(part)
    if not later and draw(st.sampled_from([True, True, False])):
        return first
    named = {"from": starts_on} if draw(FROM) else {}
    return [named | first, *({"from": month.isoformat()} | draw(part) for month in later)]


def months_of(header):
    return months_from(day(header["starts_on"]).replace(day=1), day(header["ends_on"]).replace(day=1))


@st.composite
def charges_of(draw, months):
    """The same each month, or by month; nothing where no month is listed."""
    charges = draw(CHARGES)
    if isinstance(charges, list):
        named = {month.isoformat()[:7]: amount for month, amount in zip(months, charges, strict=False)}
        return {"months": {name: amount for name, amount in named.items() if amount is not None}}
    return {"monthly": charges}


DAYS = st.fixed_dictionaries({"days": st.sampled_from([10, 1, 5, 20])})


@st.composite
def headers(draw, most_months):
    """The contract itself: from any month, most often from its first day, for 6 months or more."""
    number, first_day, length, cut = draw(TERMS_OF_CONTRACT)
    month, length = month_after(date(2024, 1, 1), number), min(length, most_months)
    ends_on = month_after(month, length) - timedelta(days=cut)
    header = draw(HEADERS) | {"starts_on": month.replace(day=first_day).isoformat(), "ends_on": ends_on.isoformat()}
    starts_on, months = header["starts_on"], months_of(header)
    header["calendar"] = in_versions(draw, CALENDARS, starts_on, months)
    if draw(SELDOM_NONE):
        header["charges"] = in_versions(draw, charges_of(months), starts_on, months)
    if draw(SELDOM_NONE):
        due = in_versions(draw, DAYS, starts_on, months)
        header["report_due"] = due["days"] if isinstance(due, dict) else due
    return header


# KRAs and scorecard ----------------------------------------------------------------------------------------------

WEIGHTS_OF_KRA = st.tuples(
    numbers(100, 60, 1, "12.5"),
    st.lists(st.tuples(st.integers(1, 19), st.sampled_from([0, 14]), numbers(40, 200, 0)), max_size=2),
    st.none() | st.tuples(st.integers(1, 19), st.sampled_from([0, 14])),
)


def key_result_area(code, weights, starts_on, months):
    """A KRA with one weight, or weights from several days on."""
    weight, later, ends = weights
    dated = {}
    for number, days, other in later:
        begins = month_after(months[0], 1 + number % len(months)) + timedelta(days=days)
        dated[begins.isoformat()] = other
    if dated:
        weight = [{"from": starts_on, "weight": weight}] + [{"from": d, "weight": w} for d, w in sorted(dated.items())]
    kra = {"code": code, "name": code, "objective": "To be achieved", "weight": weight}
    if ends:
        kra["ends_on"] = (month_after(months[0], 1 + ends[0] % len(months)) + timedelta(days=ends[1] - 1)).isoformat()
    return kra


def grades_from(ats):
    """Grades best first, the last without a score."""
    ordered = sorted(ats, key=float, reverse=True)
    return [{"name": f"Grade {n}", "at": at} for n, at in enumerate(ordered, 1)] + [{"name": "Lowest"}]


SCORECARDS = st.fixed_dictionaries(
    {},
    optional={
        "missing": st.sampled_from(["exclude", "zero", "full"]),
        "minimum_coverage": st.sampled_from([0, 50, 60, 100]),
        "grades": st.lists(numbers(95, "87.5", 70, 50), unique_by=float, max_size=3).map(grades_from),
    },
)

# Credits ---------------------------------------------------------------------------------------------------------

SHARES = st.fixed_dictionaries(
    {"percent_of": st.sampled_from(["charges", "at_risk"]), "value": numbers(1, "0.35", 10, "2.5", 100)}
)
POINTS = st.one_of(st.fixed_dictionaries({"amount": numbers(10, "3.33", "0.005")}), SHARES)
LIMITS = st.one_of(st.fixed_dictionaries({"amount": numbers(100, "33.335", 1000)}), SHARES)
CAPS = st.tuples(LIMITS, st.sampled_from(["month", "rolling_12", "contract_year"])).map(lambda c: c[0] | {"over": c[1]})
STEPS = st.lists(
    st.fixed_dictionaries({"at": numbers(1, 3, 5, 8, "12.5"), "value": numbers(1, 2, "4.5", 10)}),
    min_size=1,
    max_size=3,
    unique_by=lambda step: float(step["at"]),
)
SLICES = st.tuples(
    st.lists(st.sampled_from([2, 5, 10, 20]), unique=True, max_size=3).map(sorted),
    st.lists(numbers(0, 1, "1.5"), min_size=4, max_size=4),
).map(
    lambda drawn: [
        *({"upto": upto, "factor": factor} for upto, factor in zip(drawn[0], drawn[1], strict=False)),
        {"factor": drawn[1][3]},
    ]
)
TARIFFS = st.one_of(
    st.just({"kind": "linear"}),
    STEPS.map(lambda steps: {"kind": "step", "steps": steps}),
    SLICES.map(lambda slices: {"kind": "marginal", "slices": slices}),
)
CREDITS = st.fixed_dictionaries(
    {"point": POINTS},
    optional={
        "at_risk_percent": numbers(10, "12.5"),
        "tariff": TARIFFS,
        "one_per_incident": st.booleans(),
        "bedding_in": st.lists(numbers(0, "0.5", "0.333", 1), min_size=1, max_size=3),
        "caps": st.lists(CAPS, min_size=1, max_size=2),
        "minimum": numbers(1, 0, 25),
        "earn_back": st.sampled_from([{"after": 1}, {"after": 3}, {"yearly_average": True}]),
    },
).map(
    lambda credits: (
        {"at_risk_percent": 10, **credits}
        if "at_risk" in [part.get("percent_of") for part in [credits["point"], *credits.get("caps", [])]]
        else credits
    )
)

# Rules -----------------------------------------------------------------------------------------------------------

COUNTS = ["defaults", "points", "consecutive_defaults", "default_share", "credit"]
THRESHOLDS = st.tuples(st.sampled_from(["at_least", "more_than"]), numbers(1, 0, 2, 3, 10, "33.333333", 50))
SCOPES = st.one_of(
    st.tuples(st.just("service_level"), st.sampled_from(COUNTS)),
    st.tuples(st.just("contract"), st.sampled_from([*COUNTS, "capped_months"])),
)
DAY_OF_RULE = st.none() | st.tuples(st.integers(0, 19), st.sampled_from([0, 0, 14]))
RULES = st.lists(
    st.tuples(
        SCOPES,
        THRESHOLDS,
        st.fixed_dictionaries(
            {"then": st.sampled_from(["notify", "escalate", "rectification_plan", "termination_right"])},
            optional={"window": st.sampled_from([1, 2, 3, 6, 12]), "expires_after": st.just(90)},
        ),
        st.lists(st.integers(0, 3), max_size=2),
        st.tuples(DAY_OF_RULE, DAY_OF_RULE),
    ),
    max_size=4,
)


def window_rule(number, drawn, names_of_bands, months):
    """Something counted over a window; some rules look at some bands only, some from a day on or until one."""
    (over, count), (comparison, threshold), rest, bands, days = drawn
    rule = {"name": f"Rule {number}", "over": over, "count": count, comparison: threshold, **rest}
    if bands and count not in ("credit", "capped_months"):
        rule["bands"] = sorted({names_of_bands[n % len(names_of_bands)] for n in bands})
    begins, ends = (day and months[day[0] % len(months)] + timedelta(days=day[1]) for day in days)
    if begins:
        rule["from"] = begins.isoformat()
    if ends:
        rule["until"] = max(ends - timedelta(days=1), begins or ends - timedelta(days=1)).isoformat()
    return rule


# All together ----------------------------------------------------------------------------------------------------

WHOLE = st.tuples(st.integers(1, 3), st.integers(2, 4), SELDOM_NONE, SELDOM_NONE)
AS_OF = st.none() | st.integers(0, 700)


@st.composite
def contracts(draw, most_months=20):
    """A valid contract file as a plain dict."""
    kras, levels, with_credits, with_scorecard = draw(WHOLE)
    header = draw(headers(most_months))
    starts_on = header["starts_on"]
    months = months_of(header)
    short = len(months) <= 9  # weekly levels only where they do not make hundreds of slots
    file = {
        "plumbline": 1,
        "contract": header,
        "kras": [key_result_area(code, draw(WEIGHTS_OF_KRA), starts_on, months) for code in KRAS[:kras]],
        "service_levels": [draw(service_level(code, KRAS[:kras], header, short)) for code in LEVELS[:levels]],
    }
    if with_credits:
        file["credits"] = in_versions(draw, CREDITS, starts_on, months)
    bands = sorted({band["name"] for level in file["service_levels"] for t in level["terms"] for band in t["bands"]})
    rules = [window_rule(number, drawn, bands, months) for number, drawn in enumerate(draw(RULES), 1)]
    if rules:
        file["rules"] = rules
    if with_scorecard:
        file["scorecard"] = in_versions(draw, SCORECARDS, starts_on, months)
    return file


@st.composite
def judgements(draw, most_months=20):
    """(contract, figures, as_of): a contract of 6 to `most_months` months with 2 to 4 service levels, and its figures."""
    contract = draw(contracts(most_months))
    figures = draw(figures_for(contract))
    first, last = day(contract["contract"]["starts_on"]), day(contract["contract"]["ends_on"])
    days = draw(AS_OF)
    as_of = None if days is None else first + timedelta(days=days)
    if as_of is None and not figures:
        as_of = last
    if as_of is not None:
        begun = begun_slots(contract, as_of)
        figures = [f for f in figures if (f["service_level"], f["period"]) in begun]
    return contract, figures, as_of


def begun_slots(contract, as_of):
    """(service level, first day) of the periods that have begun by a day."""
    return {
        (level["code"], first.isoformat())
        for level in contract["service_levels"]
        for first, _ in level_periods(level, contract["contract"])
        if first <= as_of and not has_ended(level, first)
    }
