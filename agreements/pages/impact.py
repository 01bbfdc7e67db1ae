"""An impact as it is shown: the four figures, the chart with both sets of terms, the strip of months, and what changes in which month.

Pure: a summary of `agreements.impact` in, what the template places out.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from contracts.wording import THEN, format_list, format_many
from evaluation.rules import SAID_TO_VENDOR
from lib.charts import Heat, Limit, Point, steady, trend
from lib.status_styles import marker_for, style_for
from lib.templatetags.dates import month_name, month_short
from lib.templatetags.money import format_short_amount, money_exact
from lib.templatetags.numbers import NO_VALUE, format_decimal, number, signed
from slas.curve import LOOKS, Curve, curve

Summary = Mapping[str, Any]
DRAWN, LISTED = (
    3,
    60,
)  # service levels with a chart of their own, the others are lines of a table; results that are listed


class Figure(NamedTuple):
    """One of the four: before, after, and what that is."""

    label: str
    was: str
    becomes: str
    words: str


class Strip(NamedTuple):
    """A service level: its chart, the points of each slot by both sets of terms, and its values on the proposed bands."""

    level: Summary
    chart: dict[str, Any] | None
    heads: list[str]
    was: list[Heat]
    becomes: list[Heat]
    words: str
    bands: Curve | None
    reached: str


class Line(NamedTuple):
    """A result that would be another."""

    month: str
    name: str
    value: str
    was: str
    becomes: str
    points: str


def impact_page(summary: Summary, *, to_vendor: bool = False) -> dict[str, Any]:
    """Everything that the panel shows; nothing but the sentence where there is no past. That a right of the client's would have come about
    is not said to its vendor."""
    if not summary["window"]:
        return {"summary": summary, "months": 0}
    return {
        "summary": summary,
        "months": len(summary["window"]),
        "figures": _figures(summary),
        "strips": [_strip(level) for level in summary["levels"][:DRAWN] if level["slots"]],
        "others": [_level_line(level) for level in summary["levels"][DRAWN:]],
        "lines": list(islice((line for month in summary["months"] for line in _lines(month)), LISTED)),
        "money": [_money_line(month, summary["currency"]) for month in summary["months"] if _money_differs(month)],
        "rules": [_rule(rule) for rule in summary["rules"] if not to_vendor or rule["then"] in SAID_TO_VENDOR],
        "restates": _restates(summary["restates"], summary["currency"]),
    }


# Four figures ------------------------------------------------------------------------------------------------------


def _figures(summary: Summary) -> list[Figure]:
    figures, currency = summary["figures"], summary["currency"]
    met, points, score = figures["met"], _pair(figures["points"]), _pair(figures["score"])
    credit, before = _pair(figures["credit"]), _pair(figures["credit_before_caps"])
    capped = "" if before == credit else f"Before caps {_short(before[0], currency)} → {_short(before[1], currency)}"
    return [
        Figure("Results met", str(met["was"]), str(met["becomes"]), f"{_more(met['becomes'] - met['was'])}, of {met['of']}"),
        Figure(
            "Penalty points", number(points[0]), number(points[1]), f"{_more(_minus(points))}, whole contract"
        ),
        Figure("Mean score", number(score[0], 1), number(score[1], 1), _higher(score)),
        Figure("Credits", _short(credit[0], currency), _short(credit[1], currency), capped or _more_money(credit, currency)),
    ]  # fmt: skip


def _pair(texts: Mapping[str, str | None]) -> tuple[Decimal | None, Decimal | None]:
    was, becomes = (None if texts[key] is None else Decimal(str(texts[key])) for key in ("was", "becomes"))
    return was, becomes


def _minus(pair: tuple[Decimal | None, Decimal | None]) -> Decimal:
    return (pair[1] or Decimal(0)) - (pair[0] or Decimal(0))


def _more(change: Decimal | int) -> str:
    if not change:
        return "as before"
    return f"{format_decimal(abs(Decimal(change)), None)} {'more' if change > 0 else 'fewer'}"


def _higher(pair: tuple[Decimal | None, Decimal | None]) -> str:
    change = format_decimal(abs(_minus(pair)), 1)
    if None in pair or change == "0.0":
        return "as before"
    return f"{change} {'higher' if _minus(pair) > 0 else 'lower'}"


def _more_money(pair: tuple[Decimal | None, Decimal | None], currency: str) -> str:
    change = _minus(pair)
    if not change:
        return "as before"
    return f"{_short(abs(change), currency)} {'more' if change > 0 else 'less'}"


def _short(amount: Decimal | None, currency: str) -> str:
    return NO_VALUE if amount is None else format_short_amount(amount, currency)


# One service level ---------------------------------------------------------------------------------------------------


def _strip(level: Summary) -> Strip:
    slots, terms = level["slots"], level["terms"]
    most = max(Decimal(slot[side]["points"]) for slot in slots for side in ("was", "becomes"))
    points = level["points"]
    return Strip(
        level,
        _chart(slots, terms),
        [_month(slot["month"]) for slot in slots],
        [_cell(slot["was"], most, flipped=False) for slot in slots],
        [_cell(slot["becomes"], most, flipped=slot["changed"]) for slot in slots],
        f"Penalty points of {level['code']}: {number(points['was'])} → {number(points['becomes'])} in all.",
        _bands(slots, terms),
        f"{level['met']['becomes']} of {format_many(level['of'], 'judged period')} would be met; {level['met']['was']} were.",
    )


def _chart(slots: Sequence[Summary], terms: Summary) -> dict[str, Any] | None:
    values = [None if slot["value"] is None else Decimal(slot["value"]) for slot in slots]
    if not any(value is not None for value in values):
        return None
    dots = [
        Point(
            month_short(_day(slot["month"])),
            value,
            marker_for(slot["becomes"]["outcome"]),
            title=month_name(_day(slot["month"])),
            ringed=slot["changed"],
        )
        for slot, value in zip(slots, values, strict=True)
    ]
    unit = "%" if terms["unit"] == "percent" else terms["unit"]
    better = (terms["becomes"] or terms["was"] or {}).get("better", "higher")
    return trend(dots, list(_limits(terms, len(slots))), better, unit)


def _limits(terms: Summary, count: int) -> list[Limit]:
    """The bands of both: those in force dashed, the proposed target and thresholds as lines. Ranges are left to the bands' own picture."""
    found: list[Limit] = []
    now, then = ([] if side is None else _thresholds(side) for side in (terms["was"], terms["becomes"]))
    found += [Limit("previous", steady(at, count)) for at in now if at not in then]
    found += [Limit("target" if position == 0 else "minimum", steady(at, count)) for position, at in enumerate(then)]
    return found


def _thresholds(terms: Summary) -> list[Decimal]:
    return [Decimal(str(band["at"])) for band in terms["bands"] if band.get("at") is not None]


def _cell(side: Summary, most: Decimal, *, flipped: bool) -> Heat:
    """The points of one slot; what was met has none."""
    points, flip = Decimal(side["points"]), " h-flip" if flipped else ""
    said = f"{side['band'] or style_for(side['outcome']).word}{', changed' if flipped else ''}"
    if side["outcome"] is None:
        return Heat(f"h-none{flip}", NO_VALUE, f"not judged{', changed' if flipped else ''}")
    if not points:
        css = {"met": "h-ok", "miss": "h-low", "default": "h-low"}.get(side["outcome"], "h-none")
        return Heat(f"{css}{flip}", "0" if side["outcome"] in LOOKS else NO_VALUE, said)
    share = points / most
    css = "h-low" if share <= Decimal("0.25") else "h-poor" if share <= Decimal("0.6") else "h-bad"
    return Heat(f"{css}{flip}", number(points, 1) if points % 1 else number(points), f"points, {said}")


def _bands(slots: Sequence[Summary], terms: Summary) -> Curve | None:
    side = terms["becomes"] or terms["was"]
    if side is None:
        return None
    past = [
        (drawn(slot["value"]), marker_for(slot["becomes"]["outcome"])) for slot in slots if slot["value"] is not None
    ]
    return curve(side["bands"], side["better"], terms["unit"], linear=side["scoring"] == "linear", past=past)


def drawn(value: str) -> Decimal:
    """A value as exactly as a picture can show it; its axis ends where values do."""
    return Decimal(value).quantize(Decimal("0.01"))


def _level_line(level: Summary) -> tuple[str, str, str]:
    breaches, points = level["breaches"], level["points"]
    return (
        f"{level['code']} {level['name']}",
        f"{breaches['was']} → {breaches['becomes']}",
        f"{number(points['was'])} → {number(points['becomes'])}",
    )


# Months, rules, restatements ---------------------------------------------------------------------------------------


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _month(month: str) -> str:
    return month_name(_day(month))


def _lines(month: Summary) -> Iterator[Line]:
    for result in month["results"]:
        yield Line(
            _month(month["month"]),
            result["name"],
            number(result["value"], 1),
            _band(result["was"]),
            _band(result["becomes"]),
            f"{number(result['was']['points'])} → {number(result['becomes']['points'])}",
        )


def _band(side: Summary) -> str:
    if side["outcome"] is None:
        return "Not judged"
    return str(side["band"] or style_for(side["outcome"]).word)


def _money_differs(month: Summary) -> bool:
    return any(month[name]["was"] != month[name]["becomes"] for name in ("points", "credit", "score"))


def _money_line(month: Summary, currency: str) -> dict[str, str]:
    score, credit = _pair(month["score"]), _pair(month["credit"])
    return {
        "month": _month(month["month"]),
        "points": f"{number(month['points']['was'])} → {number(month['points']['becomes'])}",
        "score": f"{number(score[0], 1)} → {number(score[1], 1)}",
        "credit": f"{money_exact(credit[0], currency)} → {money_exact(credit[1], currency)}",
        "more": signed(_minus(credit), 0) if _minus(credit) else "",
    }


def _rule(rule: Summary) -> dict[str, str]:
    return {
        "rule": rule["rule"],
        "then": f"{rule['service_level']}: {THEN[rule['then']]}" if rule["service_level"] else THEN[rule["then"]],
        "was": _spans(rule["was"]),
        "becomes": _spans(rule["becomes"]),
    }


def _spans(months: Sequence[str]) -> str:
    """July 2026 to October 2026; never where there is none."""
    if not months:
        return "never"
    days = [_day(month) for month in sorted(set(months))]
    spans: list[list[date]] = []
    for one in days:
        number_of = one.year * 12 + one.month
        if spans and number_of == spans[-1][-1].year * 12 + spans[-1][-1].month + 1:
            spans[-1].append(one)
        else:
            spans.append([one])
    return format_list(
        month_name(span[0]) if len(span) == 1 else f"{month_name(span[0])} to {month_name(span[-1])}" for span in spans
    )


def _restates(restates: Summary | None, currency: str) -> dict[str, Any] | None:
    if restates is None:
        return None
    breaches = restates["breaches"]
    return {
        "results": format_many(restates["results"], "result"),
        "months": _spans(restates["months"]) if restates["months"] else "",
        "opened": breaches["opened"],
        "gone": breaches["gone"],
        "credits": [
            {
                "month": _month(one["month"]),
                "was": money_exact(Decimal(one["was"]), currency),
                "becomes": money_exact(Decimal(one["becomes"]), currency),
            }
            for one in restates["credits"]
        ],
    }
