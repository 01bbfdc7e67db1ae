"""Steps 12 to 19 of an explanation: incidents, month total, tariff, bedding-in, caps, minimum, credit, earn-back, rules that hold."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from contracts.models import Contract
from contracts.wording import format_list, format_many
from evaluation.models import Month
from explanations.parts import Cap, Counted, ExplanationLine, Money
from explanations.rows import Rows
from explanations.spans import FOLLOWS, SPANS, months_between, span_begins
from explanations.words import WIDE, format_count, format_number, format_stated
from explanations.writing import EXACT, format_cash, format_points, format_sentence, settled
from lib.months import after, each_month
from lib.templatetags.dates import format_day, month_name

ZERO, ONE = Decimal(0), Decimal(1)
BASES = {"charges": "charges", "at_risk": "at-risk amount"}
MOST_NAMED = 8  # slots of a month's total that are named; the others are summed up


def without(rows: Rows) -> str:
    """Why there is no money to show; empty where there is some."""
    if rows.month is None:
        return "This month is not calculated yet."
    return "" if rows.result.contract.credits else "The contract has no service credits: points are counted, not paid."


def explain_money(rows: Rows, *, whole: bool = False) -> Money | None:
    """The month's money as it was stored, and this slot's share of it; `whole`: of the month alone, whichever slot the rows are of."""
    month, contract = rows.month, rows.result.contract
    if month is None or not contract.credits:
        return None
    trace, slots = rows.month_trace, _counted(rows, whole)
    mine = next((slot for slot in slots if slot.mine), None)
    found = Money(
        points=month.points,
        earning=trace.get("earning", ZERO),
        units=settled(trace.get("units", ZERO)),
        worth=trace.get("worth", ZERO),
        bedding=trace.get("bedding", ONE),
        before_caps=month.credit_before_caps,
        caps=_caps(rows, month),
        credit=month.credit,
        capped_amount=month.capped_amount,
        share=mine.share if mine else ZERO,
        counted=slots,
        lines=(),
    )
    lines = _month_lines(rows, month, found, whole) if whole else _lines(rows, month, found, mine)
    return Money(**{**vars(found), "lines": tuple(lines)})


def _credits(contract: Contract, month: date) -> Mapping[str, Any]:
    """The contract's terms about money by which a month is judged; only called where it has some."""
    return contract.in_force(month).credits


def _counted(rows: Rows, whole: bool) -> tuple[Counted, ...]:
    """The month's slots with points, in the order in which shares are computed."""
    result, contract = rows.result, rows.result.contract
    me = None if whole else (result.service_level.code, result.starts_on.isoformat())
    return tuple(
        Counted(
            code=slot["code"],
            period=format_day(date.fromisoformat(slot["starts_on"])),
            starts_on=date.fromisoformat(slot["starts_on"]),
            points=slot["points"],
            counted=slot["counted"],
            earning=slot["earning"],
            share=slot["share"],
            shown=(format_points(slot["points"]), format_points(slot["counted"]), format_cash(contract, slot["share"])),
            mine=(slot["code"], slot["starts_on"]) == me,
            instead=_instead(rows, slot),
        )
        for slot in rows.month_trace.get("counted", ())
    )


def _instead(rows: Rows, slot: dict[str, Any]) -> str:
    """What counts in the place of a slot whose points leave the month; named where the incident is this result's own."""
    if slot["counted"] == slot["points"]:
        return ""
    result, key = rows.result, (slot["code"], slot["starts_on"])
    same = {(one.service_level.code, one.starts_on.isoformat()) for one in (result, *rows.incident)}
    for one in rows.month_trace["counted"]:
        if result.incident and key in same and one["counted"] and (one["code"], one["starts_on"]) in same:
            return f"{result.incident}: the {format_count(one['counted'], 'point')} of {one['code']} count instead"
    return "Another result of the same incident counts instead"


def _caps(rows: Rows, month: Month) -> tuple[Cap, ...]:
    """Each cap with what was issued before in its span, and the headroom that was left of it."""
    contract, trace = rows.result.contract, rows.month_trace
    given = _credits(contract, month.month)["caps"]
    caps = []
    for at, cap in enumerate(trace.get("caps", ())):
        used = _used(cap["over"], contract, month.month, rows.credits)
        headroom = max(cap["limit"] - used, ZERO)
        name = _cap_name(contract, cap["over"], given[at] if at < len(given) else {}, month.month)
        shown = (format_cash(contract, cap["limit"]), format_cash(contract, used), format_cash(contract, headroom))
        caps.append(Cap(name, cap["limit"], used, headroom, shown, narrowest=headroom == trace["room"]))
    return tuple(caps)


def _used(over: str, contract: Contract, month: date, credits: dict[date, Decimal]) -> Decimal:
    """Credits issued earlier in a cap's span; what was earned back makes no headroom."""
    first = span_begins(over, contract.starts_on, month)
    return sum((credit for on, credit in credits.items() if first <= on < month), ZERO)


def _cap_name(contract: Contract, over: str, cap: Mapping[str, Any], month: date) -> str:
    """ "10% of the charges in a month, £200,000.00" """
    if not cap.get("percent_of"):
        return f"A fixed amount in {SPANS[over]}"
    base = _base(contract, cap["percent_of"], _months(contract, over, month))
    return f"{format_stated(cap['value'])}% of the {BASES[cap['percent_of']]} in {SPANS[over]}, {base}"


def _months(contract: Contract, over: str, month: date) -> list[date]:
    """The months of a cap's span; a contract year has all its months, also those to come."""
    first = max(span_begins(over, contract.starts_on, month), contract.starts_on.replace(day=1))
    last = min(after(first, 11), contract.ends_on) if over == "contract_year" else month
    return each_month(first, last)


def _base(contract: Contract, of: str, months: list[date]) -> str:
    """What a percentage is taken of, unrounded: "£4,166.66625 (12.5% of the charges of £33,333.33)"."""
    clauses = [(contract.in_force(month), month) for month in months]
    charges = sum((one.charge(month) for one, month in clauses), ZERO)
    if of == "charges":
        return format_cash(contract, charges)
    at_risk = ZERO
    for one, month in clauses:
        share = WIDE.multiply(one.charge(month), Decimal(one.credits.get("at_risk_percent") or 0)).scaleb(-2, WIDE)
        at_risk = WIDE.add(at_risk, share)
    percents = {format_stated(one.credits.get("at_risk_percent") or ZERO) for one, _ in clauses}
    share_of = f"{percents.pop()}%" if len(percents) == 1 else "each month's share"
    return f"{format_cash(contract, at_risk)} ({share_of} of the charges of {format_cash(contract, charges)})"


def _lines(rows: Rows, month: Month, found: Money, mine: Counted | None) -> list[ExplanationLine]:
    contract = rows.result.contract
    incident = _incident(rows, mine)
    lines = [] if incident is None else [incident]
    return [*lines, *_month_lines(rows, month, found, whole=False), _share(contract, found, mine), *_returned(rows)]


def _month_lines(rows: Rows, month: Month, found: Money, whole: bool) -> list[ExplanationLine]:
    contract = rows.result.contract
    lines = [_total(found, month), _earning(rows, found, whole), _tariff(contract, month, found)]
    lines += [_worth(contract, month, found), _before(contract, month, found), *_cap_lines(rows, month, found)]
    return [line for line in lines if line is not None]


def _incident(rows: Rows, mine: Counted | None) -> ExplanationLine | None:
    if mine is None or mine.counted == mine.points or not rows.incident:
        return None
    largest = rows.incident[0]
    text = (
        f"{rows.result.incident} caused several of the month's points; only the largest count, the "
        f"{format_points(largest.points)} of {largest.service_level.code}. "
        f"{format_count(mine.points, 'point of this one leaves', 'points of this one leave')} the month."
    )
    return ExplanationLine("Incident", text)


def _total(found: Money, month: Month) -> ExplanationLine:
    """This slot's points first, then the others by name, up to a few."""
    slots = sorted((slot for slot in found.counted if slot.counted), key=lambda slot: not slot.mine)
    named, rest = slots[:MOST_NAMED], slots[MOST_NAMED:]
    terms = [f"{format_points(slot.counted)} ({'this one' if slot.mine else slot.code})" for slot in named]
    if rest:
        terms.append(f"{format_points(sum((slot.counted for slot in rest), ZERO))} (of {len(rest)} others)")
    total = format_count(month.points, "point")
    return ExplanationLine("Month total", f"{' + '.join(terms)} = {total}" if terms else total)


def _earning(rows: Rows, found: Money, whole: bool) -> ExplanationLine | None:
    """Whose points earn no money yet. Told by slots: the sums of points and of what earns are kept to different places."""
    late = [slot for slot in found.counted if slot.earning != slot.counted]
    if not late:
        return None
    others = dict.fromkeys(slot.code for slot in late if not slot.mine)
    codes = format_list(others) if len(others) <= MOST_NAMED else f"{len(others)} others"
    whose = [f"those of {codes} do not yet"] if others else []
    begins = rows.result.terms.full.get("credits_from", "")
    if not whole and begins > rows.result.starts_on.isoformat():
        whose.append(f"this one's do from {format_day(date.fromisoformat(begins))}")
    earn = format_count(settled(found.earning), "earns", "earn")
    text = f"Of {format_count(settled(found.points), 'point')} {earn} money; by their terms {', and '.join(whose)}."
    return ExplanationLine("Earning", text)


def _tariff(contract: Contract, month: Month, found: Money) -> ExplanationLine | None:
    tariff = _credits(contract, month.month)["tariff"]
    if tariff["kind"] == "step":
        return ExplanationLine(
            "Tariff", format_sentence(f"{_step(tariff['steps'], found.earning)}: {format_points(found.units)}")
        )
    if tariff["kind"] == "marginal":
        return ExplanationLine(
            "Tariff", format_sentence(f"{_slices(tariff['slices'], found.earning)} = {format_points(found.units)}")
        )
    return None


def _step(steps: list[dict[str, str]], total: Decimal) -> str:
    ats = sorted(Decimal(step["at"]) for step in steps)
    reached = [at for at in ats if at <= total]
    return (
        f"{format_many(format_stated(reached[-1]), 'point')} or more"
        if reached
        else f"Fewer than {format_many(format_stated(ats[0]), 'point')}"
    )


def _slices(slices: list[dict[str, Any]], total: Decimal) -> str:
    """ "20 × 0 + 15 × 1" """
    terms: list[str] = []
    lower = ZERO
    for part in slices:
        upto = total if part["upto"] is None else min(total, Decimal(part["upto"]))
        if upto > lower or not terms:
            terms.append(f"{format_points(max(upto - lower, ZERO))} × {format_stated(part['factor'])}")
        lower = max(lower, upto)
    return " + ".join(terms)


def _worth(contract: Contract, month: Month, found: Money) -> ExplanationLine:
    point = _credits(contract, month.month)["point"]
    worth = format_cash(contract, found.worth)
    if point["percent_of"]:
        base = _base(contract, point["percent_of"], [month.month])
        worth = f"{format_stated(point['value'])}% of the month's {BASES[point['percent_of']]} of {base}: {worth}"
    return ExplanationLine("A point is worth", format_sentence(worth))


def _before(contract: Contract, month: Month, found: Money) -> ExplanationLine:
    nth = months_between(contract.starts_on, month.month) + 1
    beds = len(_credits(contract, month.month)["bedding_in"])
    bedding = f" × {format_stated(found.bedding)} (bedding-in, month {nth})" if nth <= beds else ""
    exact = WIDE.multiply(WIDE.multiply(found.units, found.worth), found.bedding)
    ends = _rounded(exact, found.before_caps)
    due = f"{format_cash(contract, found.before_caps)}{ends}"
    text = f"{format_points(found.units)} × {format_cash(contract, found.worth)}{bedding} = {due}"
    return ExplanationLine("Before caps", text)


def _rounded(exact: Decimal, amount: Decimal) -> str:
    """Said where an amount is not what the arithmetic comes to; of products of thirds the judgement takes 8 places."""
    return "" if abs(exact - amount) < Decimal("1e-8") else ", rounded half up"


def _cap_lines(rows: Rows, month: Month, found: Money) -> list[ExplanationLine]:
    contract, lines = rows.result.contract, []
    applies = "; this limit applies" if month.capped else ""
    for cap in found.caps:
        limit, used, headroom = cap.shown
        text = f"{cap.name}: {limit} cap − {used} already credited = {headroom} left{applies if cap.narrowest else ''}."
        lines.append(ExplanationLine("Cap", text))
    if month.capped:
        cut = (
            f"; {format_cash(contract, month.capped_amount)} is not charged. The penalty points stay."
            if month.capped_amount
            else " exactly."
        )
        lines.append(ExplanationLine("Capped", f"The cap is reached{cut}"))
    after, least = rows.month_trace.get("after_caps", ZERO), Decimal(_credits(contract, month.month)["minimum"] or 0)
    if ZERO < after <= least:
        lines.append(ExplanationLine("Minimum", f"A credit of {format_cash(contract, least)} or less is not issued."))
    issued = format_cash(contract, month.credit) + (
        _rounded(after, month.credit) if month.capped and after > least else ""
    )
    lines.append(
        ExplanationLine("Month's credit", f"{issued}{'' if month.final else ', some results are still open'}.")
    )
    return lines


def _share(contract: Contract, found: Money, mine: Counted | None) -> ExplanationLine:
    """By points that earn; the rounding is what makes all shares add up to the credit."""
    if mine is None:
        return ExplanationLine("Share of it", f"{format_cash(contract, ZERO)}: this period has no points.")
    share = format_cash(contract, mine.share)
    if not found.earning:
        return ExplanationLine("Share of it", f"{share}: no points of the month earn money.")
    text = f"{format_cash(contract, found.credit)} × {format_points(mine.earning)} ÷ {format_points(found.earning)} = {share}"
    exact = Fraction(found.credit) * Fraction(mine.earning) / Fraction(found.earning)
    ends = "" if abs(exact - Fraction(mine.share)) < EXACT else ", rounded so that all shares add up to the credit"
    return ExplanationLine("Share of it", f"{text}, in proportion to penalty points{ends}.")


def _returned(rows: Rows) -> list[ExplanationLine]:
    contract = rows.result.contract
    return [
        ExplanationLine("Earned back", f"{format_cash(contract, share)} returned in {month_name(on)}.")
        for on, share in rows.returned
    ]


def rules(rows: Rows) -> tuple[ExplanationLine, ...]:
    """The rules that hold in the month, for the contract or for this service level."""
    written = {rule["name"]: rule for rule in rows.result.contract.rules}
    lines = []
    for triggered_rule in rows.triggered_rules:
        rule = written.get(triggered_rule.rule)
        count = measured(triggered_rule.measured, rule) if rule else format_number(triggered_rule.measured)
        text = f"{FOLLOWS[triggered_rule.then]}: {count}"
        lines.append(ExplanationLine(triggered_rule.rule, f"{text[0].upper()}{text[1:]}."))
    return tuple(lines)


# One and many of what rules count.
COUNTS = {
    "points": ("point", "points"),
    "defaults": ("default", "defaults"),
    "consecutive_defaults": ("default in a row", "defaults in a row"),
    "credit": ("of credit", "of credit"),
    "capped_months": ("month at the cap", "months at the cap"),
}
MONTHS_IN_A_ROW = ("month with a default in a row", "months with a default in a row")


def measured(amount: Decimal, rule: dict[str, Any]) -> str:
    """ "59 points in 3 months, at least 50" """
    window, level = int(rule["window"]), rule["over"] == "service_level"
    if rule["count"] == "default_share":
        what = f"{format_number(amount)}% of results in default"
    elif rule["count"] == "consecutive_defaults" and not level:
        what = format_count(amount, *MONTHS_IN_A_ROW)
    else:
        what = format_count(amount, *COUNTS[rule["count"]])
    span = (
        "" if rule["count"] == "consecutive_defaults" else f" in {format_count(window, 'period' if level else 'month')}"
    )
    if rule["bands"] and rule["count"] != "credit":
        what += f" in {format_list(rule['bands'], 'or')}"
    limit = rule["at_least"] is not None
    bound = f"at least {format_stated(rule['at_least'])}" if limit else f"more than {format_stated(rule['more_than'])}"
    return f"{what}{span}, {bound}"
