"""An impact in words: the one sentence that says what would have been different, and what a replay cannot say. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.wording import format_list, format_many
from lib.templatetags.dates import format_day, month_name
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import number

Summary = Mapping[str, Any]
Caveat = dict[str, str]

ENOUGH = 12  # months, of which a replay is a fair guide
NAMED = 2  # months that are named; more are counted


def sentence(summary: Summary) -> str:
    """The finding: "May 2026 becomes a breach and 3 results fall into a worse band; credits stay at £72,000, because a cap is reached." """
    if not summary["window"]:
        return "No month has been judged yet, so there is nothing to replay."
    if summary["unchanged"] and summary.get("last_day"):
        day = format_day(date.fromisoformat(summary["last_day"]))
        return f"The months behind stay as they are; the contract’s last day becomes {day}."
    if summary["unchanged"]:
        return "Change a term to see its effect."
    results, rest = _results(summary), _money(summary)
    if not results and not rest:
        rest = _score(summary)
    said = "; ".join(part for part in (results, rest) if part)
    if not said:
        return f"Nothing would have been different in the last {format_many(len(summary['window']), 'month')}."
    return f"{said[:1].upper()}{said[1:]}."


def _results(summary: Summary) -> str:
    slots = [
        slot for month in summary["months"] for slot in month["results"]
    ]  # all that change: of levels only some list theirs
    becomes = [slot for slot in slots if slot["becomes"]["breach"] and not slot["was"]["breach"]]
    no_more = [slot for slot in slots if slot["was"]["breach"] and not slot["becomes"]["breach"]]
    same = [slot for slot in slots if slot["was"]["breach"] == slot["becomes"]["breach"]]
    worse, better = (
        sum(sign * (Decimal(slot["becomes"]["points"]) - Decimal(slot["was"]["points"])) > 0 for slot in same)
        for sign in (1, -1)
    )
    parts = []
    if becomes:
        parts.append(_named(becomes, "becomes a breach", "become breaches"))
    if no_more:
        parts.append(_named(no_more, "would be no breach", "would be no breaches"))
    for count, what in ((worse, "more"), (better, "fewer")):
        if count:
            parts.append(f"{format_many(count, 'result')} {'carries' if count == 1 else 'carry'} {what} points")
    return format_list(parts) if parts else ""


def _named(slots: Sequence[Summary], one: str, many: str) -> str:
    months = list(dict.fromkeys(slot["month"] for slot in slots))
    if len(slots) <= NAMED and len(months) == len(slots):
        said = format_list(month_name(date.fromisoformat(f"{month}-01")) for month in months)
        return f"{said} {one if len(slots) == 1 else many}"
    return f"{format_many(len(slots), 'result')} {one if len(slots) == 1 else many}"


def _money(summary: Summary) -> str:
    credit, before = (
        {key: Decimal(text) for key, text in summary["figures"][name].items()}
        for name in ("credit", "credit_before_caps")
    )
    now, then = (_amount(credit[key], summary["currency"]) for key in ("was", "becomes"))
    if credit["was"] != credit["becomes"]:
        return f"credits {'rise' if credit['becomes'] > credit['was'] else 'fall'} from {now} to {then}"
    if before["was"] != before["becomes"] and summary["capped"]:
        return f"credits stay at {now}, because a cap is reached"
    return f"credits stay at {now}" if _results(summary) else ""


def _amount(amount: Decimal, currency: str) -> str:
    return format_amount(amount, currency, 0 if amount == amount.to_integral_value() else None)


def _score(summary: Summary) -> str:
    score = summary["figures"]["score"]
    was, becomes = score["was"], score["becomes"]
    if was == becomes:
        return ""
    return f"the mean score would be {number(becomes, 1)} instead of {number(was, 1)}"


def caveats(
    *,
    vendor: str,
    months: int,
    added: Sequence[str],
    redefined: Sequence[str],
    listed_charges: bool,
    restated: int,
    relieved: int,
) -> list[Caveat]:
    """What the replay cannot say, the weightiest first; `look` is that of a glyph."""
    found = []
    if redefined:
        has = "measures" if len(redefined) == 1 else "measure"
        text = f"{format_list(redefined)} {has} something else from now on. Past figures say nothing about it; its results stay."
        found.append(_caveat("redefined", "risk", text))
    if months < ENOUGH:
        text = f"Uses {format_many(months, 'month')}. Fewer than {ENOUGH} makes this a weak guide."
        found.append(_caveat("short", "risk", text))
    if added:
        text = f"{format_list(added)} {'is' if len(added) == 1 else 'are'} new: there are no figures, and nothing is made up."
        found.append(_caveat("added", "info", text))
    if listed_charges:
        found.append(_caveat("listed", "info", "Charges that are listed by month stay in their months."))
    found.append(
        _caveat("past", "info", f"The past under other terms, not a forecast: {vendor} might have acted differently.")
    )
    if not redefined:
        found.append(_caveat("same", "met", "What is measured is unchanged, so every month could be replayed."))
    if restated:
        are = "was" if restated == 1 else "were"
        text = f"{format_many(restated, 'result')} of these months {are} restated; the replay uses what holds now."
        found.append(_caveat("restated", "info", text))
    if relieved:
        text = f"{format_many(relieved, 'figure')} {'has' if relieved == 1 else 'have'} cases under relief; they are relieved here, too."
        found.append(_caveat("relieved", "info", text))
    if not restated and not relieved:
        text = f"{format_many(months, 'month')} of accepted figures; none restated, none under relief."
        found.append(_caveat("clean", "met", text))
    return found


def _caveat(code: str, look: str, text: str) -> Caveat:
    return {"code": code, "look": look, "text": text}
