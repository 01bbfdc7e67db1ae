"""Random service levels: measures, cycles and versions of terms."""

from datetime import date, timedelta
from functools import cache

from hypothesis import strategies as st

from tests.evaluation.oracle.days import day
from tests.evaluation.oracle.facts import level_periods

# Thresholds by measure, ascending. Figures are drawn to hit them.
PERCENTS = [50, 80, 90, 95, "97.5", 99]
MEANS = [1, 2, "2.5", 4, 5]
RATES = [500, 1000, 2500]
COUNTS = [0, 1, 2, 5, 8]

# Measures --------------------------------------------------------------------------------------------------------

ROLL_UP = {"roll_up": st.sampled_from(["sum", "mean"])}
SHARE = st.fixed_dictionaries(
    {"kind": st.just("ratio"), "of": st.just("Good"), "among": st.just("All")},
    optional={"unit": st.just("percent"), "scale": st.just(100), **ROLL_UP},
)
QUOTIENT = st.fixed_dictionaries(
    {
        "kind": st.just("ratio"),
        "of": st.just("Minutes"),
        "among": st.just("Calls"),
        "unit": st.just("minutes"),
        "scale": st.sampled_from([1, 1000]),
    },
    optional=ROLL_UP,
)
AVAILABILITY = st.fixed_dictionaries(
    {"kind": st.just("availability")},
    optional={
        "unit": st.just("percent"),
        "hours": st.sampled_from(["always", "calendar"]),
        "maintenance": st.sampled_from(["excluded", "uptime", "downtime"]),
        "maintenance_allowance": st.sampled_from([60, 0]),
        **ROLL_UP,
    },
)
PLAIN = st.fixed_dictionaries(
    {"kind": st.sampled_from(["value", "count"]), "unit": st.just("things")}, optional=ROLL_UP
)
MEASURES = st.one_of(SHARE, PLAIN, AVAILABILITY, QUOTIENT)


def is_share(measure):
    return measure["kind"] == "ratio" and measure.get("unit", "percent") == "percent"


def thresholds_of(measure):
    """The thresholds that suit a measure, ascending."""
    if measure["kind"] == "count":
        return COUNTS
    if measure["kind"] == "ratio" and not is_share(measure):
        return MEANS if measure["scale"] == 1 else RATES
    return PERCENTS


# Bands -----------------------------------------------------------------------------------------------------------

PER_STEP = st.none() | st.tuples(
    st.integers(0, 5),
    st.fixed_dictionaries(
        {"step": st.sampled_from(["1", "0.5", "0.3"])}, optional={"round": st.sampled_from(["down", "up", "none"])}
    ),
)
SHAPES = st.fixed_dictionaries(
    {
        "ats": st.lists(st.integers(0, 5), unique=True, max_size=3),
        "ranks": st.lists(st.sampled_from([2, 0, 1, 2]), min_size=4, max_size=4).map(sorted),
        "points": st.lists(st.sampled_from([0, 1, 2, "2.5", 5, 10]), min_size=4, max_size=4),
        "scores": st.lists(st.sampled_from([100, 0, 25, 50, "66.6"]), min_size=4, max_size=4),
        "first_points": st.sampled_from([0, 0, 0, 1]),
        "per_step": st.lists(PER_STEP, min_size=4, max_size=4),
    }
)


def bands_from(shape, better, thresholds):
    """Up to three bands with thresholds and one without; outcomes, points and scores get worse from band to band."""
    indexes = sorted({n % len(thresholds) for n in shape["ats"]})
    if better == "inside":
        ats = nested_pairs(indexes, thresholds)
    else:
        ats = [thresholds[n] for n in (indexes if better == "lower" else reversed(indexes))]
    points = sorted(shape["points"], key=float)
    scores = sorted(shape["scores"], key=float, reverse=True)
    bands = []
    for n in range(len(ats) + 1):
        outcome = ["met", "miss", "default"][shape["ranks"][n]]
        band = {"name": f"Band {n + 1}", "outcome": outcome, "points": points[n], "score": scores[n]}
        if n < len(ats):
            band["at"] = ats[n]
        if n == 0 and ats:
            band |= {"outcome": "met", "points": shape["first_points"]}
        elif n > 0 and shape["per_step"][n] and better != "inside":
            begins, rest = shape["per_step"][n]
            band["per_step"] = {"from": thresholds[begins % len(thresholds)], **rest}
        bands.append(band)
    return bands


def nested_pairs(indexes, thresholds):
    """Pairs, each around the one before it, some with one end in common."""
    middle, top = len(thresholds) // 2, len(thresholds) - 1
    pairs = []
    for n, index in enumerate(indexes):
        low, high = max(middle - n, 0), min(middle + (n + 1 if index % 2 else n), top)
        if pairs:
            high = max(high, pairs[-1][1])
        if not pairs or (low, high) != pairs[-1]:
            pairs.append((low, high))
    return [[thresholds[low], thresholds[high]] for low, high in pairs]


# Terms -----------------------------------------------------------------------------------------------------------

TOLERATED = st.sampled_from([(2, 3), (1, 1), (3, 6)]).flatmap(
    lambda pair: st.fixed_dictionaries(
        {"count": st.just(pair[0]), "window": st.just(pair[1])}, optional={"counting_defaults": st.booleans()}
    )
)
POLICIES = {
    "scoring": st.sampled_from(["step", "linear"]),
    "rounding": st.fixed_dictionaries(
        {"places": st.sampled_from([1, 0, 2])}, optional={"mode": st.sampled_from(["half_up", "truncate"])}
    ),
    "missing": st.sampled_from(["default", "exclude"]),
    "exempt_streak": st.sampled_from(["neutral", "reset"]),
    "tolerated": TOLERATED,
    "rolling": st.sampled_from([1, 2, 3, 6]),
    "weight": st.sampled_from([1, 2, "0.5"]),
    "repeat": st.lists(st.sampled_from(["1", "2", "1.5", "3"]), min_size=1, max_size=3),
}
RELIEF = {"relief": st.sampled_from(["exclude", "deem_met"])}
NO_VOLUME = {"no_volume": st.sampled_from(["exclude", "met"])}
MINIMUM = {"minimum_volume": st.sampled_from([5, 1, 20])}
POLICIES_OF = {
    "value": st.fixed_dictionaries({}, optional=POLICIES),
    "count": st.fixed_dictionaries({}, optional=POLICIES | RELIEF),
    "availability": st.fixed_dictionaries({}, optional=POLICIES | RELIEF | NO_VOLUME),
    "ratio": st.fixed_dictionaries({}, optional=POLICIES | RELIEF | NO_VOLUME | MINIMUM),
    "share": st.fixed_dictionaries({}, optional=POLICIES | RELIEF | NO_VOLUME | MINIMUM | {"allowance": st.booleans()}),
}
BETTER = st.sampled_from(["higher", "lower", "inside"])
CREDITS_FROM = st.none() | st.tuples(st.integers(0, 5), st.sampled_from([0, 0, 10]))


@cache
def weights_in(kras):
    """The KRAs that a service level serves, at least one, with its weights."""
    return st.dictionaries(st.sampled_from(kras), st.sampled_from([100, 1, 30, "2.5"]), min_size=1)


@cache
def own_weights_in(kras):
    """The weights that a version of the terms may state."""
    return st.one_of(st.none(), st.none(), weights_in(kras))


@st.composite
def terms(draw, begins, starts, measure, kras):
    """One version of the terms, from the first day of a period on."""
    better = draw(BETTER)
    policy = draw(POLICIES_OF["share" if is_share(measure) else measure["kind"]])
    if better == "inside":
        policy.pop("allowance", None)
    version = {"from": begins, "better": better, "bands": bands_from(draw(SHAPES), better, thresholds_of(measure))}
    credits_from, weights = draw(CREDITS_FROM), draw(own_weights_in(kras))
    if credits_from:
        later = [start for start in starts if start >= begins]
        start = later[credits_from[0] % len(later)]
        version["credits_from"] = (date.fromisoformat(start) + timedelta(days=credits_from[1])).isoformat()
    if weights:
        version["kras"] = weights
    return version | policy


# Service levels --------------------------------------------------------------------------------------------------

EVERY = st.sampled_from(["month", "month", "month", "quarter", "custom", "year"])
EVERY_OF_SHORT = st.sampled_from(["month", "month", "quarter", "custom", "week", "week", "year"])
SPANS = st.lists(st.tuples(st.sampled_from([30, 9, 44, 75]), st.sampled_from([1, 1, 12])), min_size=1, max_size=5)
VERSIONS = st.lists(st.integers(0, 19), max_size=2)
ENDS = st.none() | st.none() | st.integers(0, 19)
FROM_THE_START = st.sampled_from([True, True, True, False])


@st.composite
def service_level(draw, code, kras, header, short):
    """One service level of a contract; `short` contracts may have weekly ones."""
    kras = tuple(kras)
    level = {"code": code, "name": f"Level {code}", "kras": draw(weights_in(kras))}
    level["every"] = draw(EVERY_OF_SHORT if short else EVERY)
    if level["every"] == "custom":
        level["periods"] = custom_periods(draw(SPANS), header)
    level["measure"] = measure = draw(MEASURES)
    starts = [first.isoformat() for first, _ in level_periods(level, header)]
    versions = {n % len(starts) for n in draw(VERSIONS)}
    if draw(FROM_THE_START) or not versions:
        versions.add(0)
    level["terms"] = [draw(terms(starts[n], starts, measure, kras)) for n in sorted(versions)]
    ends = draw(ENDS)
    if ends is not None:
        last = [
            last.isoformat()
            for first, last in level_periods(level, header)
            if first.isoformat() >= level["terms"][-1]["from"]
        ]
        level["ends_on"] = last[ends % len(last)]
    return level


def custom_periods(spans, header):
    """Periods within the contract, with gaps between some."""
    cursor, last = day(header["starts_on"]), day(header["ends_on"])
    periods = []
    for length, gap in spans:
        if cursor > last:
            break
        ends = min(cursor + timedelta(days=length), last)
        periods.append({"starts_on": cursor.isoformat(), "ends_on": ends.isoformat()})
        cursor = ends + timedelta(days=gap)
    return periods
