"""Random figures for a contract: gaps, parts, relief, incidents, few cases, values on and beside the thresholds."""

from hypothesis import strategies as st

from tests.evaluation.oracle.facts import calendar_of, has_ended, level_periods, terms_on
from tests.evaluation.strategies_terms import is_share, thresholds_of

PICKS = st.tuples(
    st.integers(0, 29),  # which of the measure's figures
    st.sampled_from(["one", "one", "one", "one", "none", "two"]),
    st.sampled_from(["", "", "", "INC-1", "INC-2"]),
)


@st.composite
def figures_for(draw, contract):
    """Rows of a figures file: for each slot of the contract one figure, none, or two parts."""
    header = contract["contract"]
    rows = []
    for level in contract["service_levels"]:
        slots = [s for s in level_periods(level, header) if terms_on(level, s[0]) and not has_ended(level, s[0])]
        picks = draw(st.lists(PICKS, min_size=len(slots), max_size=len(slots)))
        for (first, last), pick in zip(slots, picks, strict=True):
            cells = CELLS[level["measure"]["kind"]](level["measure"], first, last, calendar_of(header, last))
            named = {"service_level": level["code"], "period": first.isoformat()}
            rows += [named | row for row in rows_of(cells, *pick)]
    return rows


def rows_of(cells, which, parts, incident):
    """The picked figure, alone or with another one for a second site; the incident is the first one's."""
    if parts == "none":
        return []
    first = cells[which % len(cells)] | ({"incident": incident} if incident else {})
    if parts == "one":
        return [first]
    return [first | {"part": "North"}, cells[(which * 7 + 3) % len(cells)] | {"part": "South"}]


def ratio_cells(measure, *_):
    """Cases: all good, on a threshold, one below, few, none, relieved."""
    if not is_share(measure):
        means = [
            (100, 100),
            (200, 100),
            (201, 100),
            (250, 100),
            (400, 100),
            (500, 100),
            (499, 100),
            (1, 3),
            (7, 3),
            (0, 0),
        ]
        return [{"numerator": str(n), "denominator": str(d)} for n, d in means]
    counts = [(100, 100), (95, 100), (94, 100), (90, 100), (39, 40), (80, 100), (79, 100), (18, 19), (9, 10), (2, 3)]
    cells = [
        {"numerator": str(n), "denominator": str(d)} for n, d in [*counts, (0, 4), (5, 10), (1, 10), (0, 0), (0, 50)]
    ]
    relieved = [(90, 100, 5), (170, 200, 20), (4, 4, 4), (1, 20, 3), (99, 100, 5)]
    return cells + [{"numerator": str(n), "denominator": str(d), "relieved": str(r)} for n, d, r in relieved]


def value_cells(measure, *_):
    """On each threshold, a hair below and above it, and far off."""
    near = [str(at) for at in thresholds_of(measure)] + ["94.99", "95.01", "94.949", "97.45", "0", "-3.5", "120"]
    return [{"value": value} for value in reversed(near)]


def count_cells(*_):
    cells = [{"value": str(n)} for n in (0, 1, 2, 3, 5, 6, 8, 20)]
    return [*cells, {"value": "6", "relieved": "1"}, {"value": "2", "relieved": "2"}, {"value": "1", "relieved": "3"}]


def availability_cells(measure, first, last, working):
    """Minutes of downtime that are an exact share of the period, with maintenance and relief; never more than there are."""
    counted = working.working_minutes if measure.get("hours") == "calendar" else working.minutes
    total = int(counted(first, last))
    tenths = [0, 10, 25, 30, 50, 100, 500]  # of a per cent
    cells = [{"downtime": f"{total * share // 1000}.{total * share % 1000:03}", "maintenance": "0"} for share in tenths]
    cells += [
        {"downtime": str(total // 20), "maintenance": str(total // 10), "relieved": str(total // 50)},
        {"downtime": str(total // 100), "maintenance": "0", "relieved": str(total // 20)},
        {"downtime": "0", "maintenance": str(total)},
        {"downtime": str(total // 3), "maintenance": str(total // 2)},
    ]
    return cells + ([{"downtime": "7", "maintenance": "61"}] if total > 100 else [])


CELLS = {"ratio": ratio_cells, "value": value_cells, "count": count_cells, "availability": availability_cells}
