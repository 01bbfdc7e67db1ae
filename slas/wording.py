"""Service levels in plain words: the measure, the bands, what else the terms say, and what a version changed. Pure."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from contracts.wording import format_list, format_many
from lib.templatetags.dates import format_day
from lib.templatetags.numbers import format_ordinal, number

Clauses = dict[str, Any]

EVERY = {"month": "month", "quarter": "quarter", "year": "year", "week": "week", "custom": "period"}
BETTER = {"higher": "Higher is better", "lower": "Lower is better", "inside": "Best inside a range"}
OUTCOMES = {"met": "met", "miss": "tolerated miss", "default": "breach"}
HOURS = {"always": "around the clock", "calendar": "in working hours"}
MAINTENANCE = {
    "excluded": "Agreed maintenance does not count: (all minutes − maintenance − downtime) ÷ (all minutes − maintenance) × 100",
    "uptime": "Maintenance counts as up: (all minutes − downtime) ÷ all minutes × 100",
    "downtime": "Maintenance counts as down: (all minutes − maintenance − downtime) ÷ all minutes × 100",
}
# The keys of full terms, in the order in which people read them.
TERMS = {
    "better": "Direction",
    "bands": "Bands",
    "scoring": "Score between bands",
    "rounding": "Rounding",
    "missing": "No figures",
    "no_volume": "No cases",
    "minimum_volume": "Least volume",
    "allowance": "Small volumes",
    "tolerated": "Tolerated misses",
    "repeat": "Repeated breaches",
    "exempt_streak": "After an exempt period",
    "relief": "Relieved cases",
    "rolling": "Rolling value",
    "weight": "Weight of points",
    "credits_from": "Credits from",
    "kras": "Weights in KRAs",
}


def format_sign(measure: Clauses) -> str:
    unit = measure.get("unit") or ""
    return "%" if unit == "percent" else f" {unit}" if unit else ""


def describe_cycle(cycle: str) -> str:
    """ "each month", "each of its own periods"."""
    kind = cycle.partition(":")[0]
    return "in each of its own periods" if kind == "custom" else f"each {EVERY.get(kind, kind)}"


def describe_formula(measure: Clauses) -> str:
    """How figures become one value."""
    kind = measure["kind"]
    if kind == "ratio":
        scale = "" if measure["scale"] == "1" else f" × {number(measure['scale'])}"
        return f"{measure['of'] or 'Numerator'} ÷ {_lower(measure['among'] or 'denominator')}{scale}"
    if kind == "availability":
        return f"{MAINTENANCE[measure['maintenance']]}, {HOURS[measure['hours']]}"
    return "A count, as reported" if kind == "count" else "A number, as reported"


def _lower(text: str) -> str:
    """The first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def describe_roll_up(measure: Clauses) -> str:
    """What becomes of several parts (sites, teams)."""
    if measure.get("roll_up") == "mean":
        return "Mean of the parts"
    return "Sum over the parts, then the ratio" if measure["kind"] in ("ratio", "availability") else "Sum of the parts"


def describe_span(terms: Clauses, cycle: str) -> str:
    """Over what a value is that is not of its own period alone: "over 3 months"; empty of one that is. For wherever a value stands."""
    periods = int(terms.get("rolling") or 1)
    return f"over {periods} {EVERY.get(cycle.partition(':')[0], 'period')}s" if periods > 1 else ""


class Band(NamedTuple):
    """One line of the table of bands. `reach` is which values are in it."""

    name: str
    reach: str
    outcome: str
    points: str
    score: str


def bands(terms: Clauses, measure: Clauses) -> list[Band]:
    """Best first; each says its own values, so that nobody has to look at the line above."""
    sign, found, before = format_sign(measure), [], None
    for band in terms["bands"]:
        points = number(band["points"])
        if step := band.get("per_step"):
            points += f" for each {number(step['step'])}{sign} beyond {number(step['from'])}{sign}"
        found.append(
            Band(
                band["name"],
                _reach(band, terms["better"], sign, before),
                band["outcome"],
                points,
                number(band["score"]),
            )
        )
        before = band
    return found


def _reach(band: Clauses, better: str, sign: str, before: Clauses | None) -> str:
    if band.get("low") is not None:
        return f"{number(band['low'])}{sign} to {number(band['high'])}{sign}"
    if band.get("at") is not None:
        return f"{'at least' if better == 'higher' else 'at most'} {number(band['at'])}{sign}"
    if before is None:
        return "every value"
    if better == "inside":
        return "everything else"
    return f"{'below' if better == 'higher' else 'above'} {number(before['at'])}{sign}"


def describe_target(terms: Clauses, measure: Clauses) -> str:
    """The best band in a few words: "at least 95%"."""
    found = bands(terms, measure)
    return found[0].reach if found else "–"


# What else the terms say -------------------------------------------------------------------------------------------


def describe_clauses(terms: Clauses, measure: Clauses) -> list[tuple[str, str]]:
    """(head, sentence) of everything that differs from the simplest terms, and of what always matters."""
    return list(_clauses(terms, measure))


def _clauses(terms: Clauses, measure: Clauses) -> Iterator[tuple[str, str]]:
    yield "Direction", BETTER[terms["better"]]
    yield TERMS["missing"], describe_key("missing", terms.get("missing", "exclude"))
    for key in ("rounding", "minimum_volume", "tolerated"):
        if terms.get(key) is not None:
            yield TERMS[key], describe_key(key, terms[key])
    if measure["kind"] == "ratio":
        yield TERMS["no_volume"], describe_key("no_volume", terms.get("no_volume", "exclude"))
    simple = {"scoring": "step", "allowance": False, "exempt_streak": "neutral", "relief": "exclude", "rolling": "1"}
    for key, plain in (*simple.items(), ("weight", "1"), ("repeat", ["1"]), ("credits_from", terms["from"])):
        if terms.get(key, plain) != plain:
            yield TERMS[key], describe_key(key, terms[key])


SENTENCES = {
    ("scoring", "step"): "the band's own",
    ("scoring", "linear"): "On a straight line between the bands",
    ("missing", "default"): "A period without figures is a breach, with the last band's points",
    ("missing", "exclude"): "A period without figures has no result and is left out",
    ("no_volume", "exclude"): "A period without cases has no result",
    ("no_volume", "met"): "A period without cases is met",
    ("exempt_streak", "neutral"): "Breaches in a row go on counting",
    ("exempt_streak", "reset"): "Breaches in a row start again",
    ("relief", "exclude"): "Leave both sides of the ratio",
    ("relief", "deem_met"): "Count as good",
    ("allowance", True): "As many failing cases as the target allows, and at least one, still reach the first band",
    ("allowance", False): "no allowance",
}


def describe_key(key: str, value: Any) -> str:
    """One key of full terms in words."""
    if value is None:
        return "–"
    if isinstance(value, str | bool) and (key, value) in SENTENCES:
        return SENTENCES[key, value]
    if key == "rounding":
        way = "half up" if value["mode"] == "half_up" else "cut off"
        return f"To {format_many(value['places'], 'place')}, {way}, before it is compared"
    if key == "minimum_volume":
        return f"Below {number(value)} cases the period is exempt"
    if key == "tolerated":
        which = "misses and breaches" if value["counting_defaults"] else "misses"
        return f"The {format_ordinal(int(value['count']))} of the {which} within {value['window']} periods is a breach"
    if key == "repeat":
        return f"Points × {format_list(number(factor) for factor in value)} for the 1st, 2nd, … breach in a row; the last repeats"
    if key == "rolling":
        return f"Over this period and the {format_many(int(value) - 1, 'period')} before it"
    if key == "weight":
        return f"× {number(value)}"
    if key == "kras":
        return format_list(f"{code} {number(weight)}" for code, weight in value.items()) or "none"
    return BETTER.get(value, str(value)) if key == "better" else str(value)


# Versions ----------------------------------------------------------------------------------------------------------


class Difference(NamedTuple):
    """One field that a version changed; `part` is what it belongs to ("band Minor"), if not to the terms as a whole."""

    part: str
    field: str
    was: str
    becomes: str


def differences(before: Clauses, after: Clauses, measure: Clauses) -> list[Difference]:
    """What a version of the terms changed, field by field; of the bands each that differs."""
    found: list[Difference] = []
    for key, head in TERMS.items():
        if key == "credits_from" and all(terms.get(key) == terms["from"] for terms in (before, after)):
            continue  # both say nothing about it
        if before.get(key) == after.get(key):
            continue
        if key == "bands":
            found += _band_differences(bands(before, measure), bands(after, measure))
        else:
            found.append(Difference("", head, describe_key(key, before.get(key)), describe_key(key, after.get(key))))
    return found


def _band_differences(before: list[Band], after: list[Band]) -> Iterator[Difference]:
    """Of bands by the same name each field that differs; of the others all."""
    old, new = ({band.name: _fields(band) for band in found} for found in (before, after))
    for name in dict.fromkeys((*new, *old)):
        was, becomes = old.get(name, {}), new.get(name, {})
        for field in was or becomes:
            if was.get(field) != becomes.get(field):
                yield Difference(f"band {name}", field, was.get(field, "–"), becomes.get(field, "–"))


def _fields(band: Band) -> dict[str, str]:
    return {"Values": band.reach, "Outcome": OUTCOMES[band.outcome], "Points": band.points, "Score": band.score}


def format_span(lower: Any, upper: Any) -> str:
    """ "1 Apr 2024 to 31 Mar 2025", "since 1 Apr 2025"; `upper` is exclusive, as stored."""
    if upper is None:
        return f"from {format_day(lower)}"
    return f"{format_day(lower)} to {format_day(type(upper).fromordinal(upper.toordinal() - 1))}"
