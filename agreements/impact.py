"""What a proposed contract would have meant over the months behind: outcomes, points, score, rules and credits, before and after.

Nothing is stored here. Whoever keeps an impact keeps its summary, with numbers as texts, and its fingerprint, by which may be asked
whether it still matches the data.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import Count, Q

from agreements.impact_wording import caveats, sentence
from contracts.contract_file import ContractFile
from contracts.models import Contract
from evaluation import ended
from evaluation.models import Month, PastResult, Result
from evaluation.proposed import Difference, Rows, dated_back, difference, proposed_rows, stored_rows, with_periods
from evaluation.replay import Proposal, Replay, Row, replay
from evaluation.rules import SAID_TO_VENDOR
from lib.months import after
from measurements.models import Figure
from measurements.rules import Status
from scorecards.models import Scorecard

Summary = dict[str, Any]

USUAL_MONTHS, SHOWN = 24, 20  # of a replay; service levels whose months are listed: of the others there are the sums
NOTHING = {"points": Decimal(0), "credit": Decimal(0), "credit_before_caps": Decimal(0), "capped": False}
MONEY = ("points", "credit_before_caps", "credit")


@dataclass(frozen=True)
class Impact:
    """`summary` is of texts, whole numbers, lists and mappings alone, so that it can be kept as JSON."""

    fingerprint: str
    summary: Summary

    @property
    def sentence(self) -> str:
        return str(self.summary["sentence"])


def work_out(
    contract: Contract,
    file: ContractFile,
    *,
    now: datetime,
    months: int = USUAL_MONTHS,
    until: date | None = None,
    by_vendor: bool = False,
) -> Impact:
    """Replay a proposed contract as if what it changes had held over the last so many judged months.

    `until` is the last of the months, where an impact is worked out again to be compared with one that was kept: what was judged since
    is no change of its data. Where the proposal is dated back, what it would restate is worked out as well, as it is dated. `by_vendor`:
    in its scope, where rights of the client's that have come about are not seen, and so cannot be compared.
    """
    today = contract.day(now)
    stored = ended.until(stored_rows([contract])[contract.pk], file.contract.ends_on)
    proposed = proposed_rows(contract, file, stored)
    change = difference(stored, proposed)
    window = _window(contract, today, months, until)
    if not window:
        return Impact("", _without_past(contract, change))
    start = max(window[0], contract.starts_on)
    seen = _replay(with_periods(dated_back(stored, proposed, start), file, stored), change, start, window[-1], today)
    summary = _compared(contract, stored, proposed, change, seen, window)
    if by_vendor:
        summary["rules"] = [rule for rule in summary["rules"] if rule["then"] in SAID_TO_VENDOR]
    back = change.from_on
    if back is not None and back < after(window[-1]):
        rows = with_periods(proposed, file, stored)
        summary["restates"] = _restated(
            _replay(rows, change, max(back, contract.starts_on), window[-1], today, added=True)
        )
    if file.contract.ends_on != contract.ends_on:
        summary["last_day"] = file.contract.ends_on.isoformat()
    summary["sentence"] = sentence(summary)
    return Impact(seen.fingerprint, summary)


def still_holds(
    contract: Contract, file: ContractFile, kept: Mapping[str, Any], fingerprint: str, *, now: datetime
) -> bool:
    """Whether an impact that was kept would come out the same of the data as they are now. Months that were judged since change nothing."""
    if not fingerprint:
        return True
    until = date.fromisoformat(kept["until"])
    return work_out(contract, file, now=now, months=len(kept["window"]), until=until).fingerprint == fingerprint


def _window(contract: Contract, today: date, count: int, until: date | None) -> list[date]:
    """The months that are over and judged, at most so many."""
    judged = Month.objects.filter(contract=contract, month__lt=today.replace(day=1))
    if until is not None:
        judged = judged.filter(month__lte=until)
    return sorted(judged.order_by("-month").values_list("month", flat=True)[:count])


def _replay(rows: Rows, change: Difference, start: date, until: date, today: date, *, added: bool = False) -> Replay:
    """Judged again are levels whose terms differ, and all of them where days and minutes do; never what is measured otherwise by now."""
    levels = change.terms | change.ended | (change.added if added else frozenset())
    if change.parts & {"calendar", "report_due"}:
        levels |= frozenset(number for number in rows.ids() if number > 0)
    return replay([Proposal(rows, sorted(levels - change.redefined))], from_on=start, as_of=today, until=until)


# Before and after ------------------------------------------------------------------------------------------------


def _compared(
    contract: Contract, stored: Rows, proposed: Rows, change: Difference, seen: Replay, window: list[date]
) -> Summary:
    slots = _slots(seen)
    changed: dict[date, Slots] = defaultdict(dict)  # by month; each slot is compared once
    for key, pair in slots.items():
        if _changed(pair):
            changed[pair[0]["month"]][key] = pair
    months, scores = _by_month(seen.before.months), _scores(contract, window)
    then, then_scores = _by_month(seen.after.months), {row["month"]: row["score"] for row in seen.after.scores}
    others = _others(contract, window, {row["service_level_id"] for row in seen.before.results})
    names = {row["id"]: row for row in (*proposed.levels, *stored.levels)}
    return {
        "contract": contract.reference,
        "currency": contract.currency,
        "vendor": contract.vendor.name,
        "window": [_key(month) for month in window],
        "until": window[-1].isoformat(),
        "unchanged": not change,
        "parts": sorted(change.parts),
        "figures": {
            "met": {
                "was": others["met"] + sum(was["outcome"] == "met" for was, _ in slots.values()),
                "becomes": others["met"] + sum(now["outcome"] == "met" for _, now in slots.values()),
                "of": others["judged"] + sum(_judged(now) for _, now in slots.values()),
            },
            "breaches": {
                "was": others["breaches"] + sum(was["streak"] > 0 for was, _ in slots.values()),
                "becomes": others["breaches"] + sum(now["streak"] > 0 for _, now in slots.values()),
            },
            "score": _pair(_mean(scores.get(one) for one in window), _mean(then_scores.get(one) for one in window)),
            **{
                name: _pair(
                    sum(months.get(one, NOTHING)[name] for one in window), sum(then.get(one, NOTHING)[name] for one in window)
                )
                for name in MONEY
            },
        },
        "levels": _levels(slots, changed, names, stored, proposed, change),
        "months": [
            _month(
                one, months.get(one, NOTHING), then.get(one, NOTHING), scores.get(one), then_scores.get(one), changed.get(one, {}), names
            )
            for one in window
            if _differs(months.get(one, NOTHING), then.get(one, NOTHING), scores.get(one), then_scores.get(one))
            or one in changed
        ],
        "rules": _rules(seen, names),
        "capped": any(row["capped"] for row in then.values()),
        "restates": None,
        "caveats": caveats(
            vendor=contract.vendor.name,
            months=len(window),
            added=[names[number]["name"] for number in sorted(change.added, reverse=True)],
            redefined=[names[number]["name"] for number in sorted(change.redefined)],
            listed_charges="charges" in change.parts and "months" in proposed.contract["charges"][-1],
            **_disturbances(contract, window),
        ),
    }  # fmt: skip


Slots = dict[tuple[int, date], tuple[Row, Row]]
JUDGED, SAID = ("met", "miss", "default"), itemgetter("outcome", "band_name", "points")
GONE = {"outcome": None, "band_name": None, "value": None, "points": Decimal(0), "streak": 0}


def _slots(seen: Replay) -> Slots:
    """Each slot that is over, as it is and as it would be; one that would not have been there has no outcome."""
    then = {(row["service_level_id"], row["starts_on"]): row for row in seen.after.results}
    return {
        (row["service_level_id"], row["starts_on"]): (row, then.get((row["service_level_id"], row["starts_on"]), GONE))
        for row in seen.before.results
        if row["outcome"] != "pending"
    }


def _judged(row: Row) -> bool:
    return row["outcome"] in JUDGED or row["streak"] > 0


def _changed(pair: tuple[Row, Row]) -> bool:
    was, now = pair
    return SAID(was) != SAID(now) or (was["streak"] > 0) != (now["streak"] > 0)


def _differs(was: Row, now: Row, score: Decimal | None, then: Decimal | None) -> bool:
    return score != then or any(was[name] != now[name] for name in MONEY)


def _by_month(rows: Iterable[Row]) -> dict[date, Row]:
    return {row["month"]: row for row in rows}


def _scores(contract: Contract, window: list[date]) -> dict[date, Decimal | None]:
    cards = Scorecard.objects.filter(contract=contract, month__gte=window[0], month__lte=window[-1])
    return dict(cards.values_list("month", "score"))


def _others(contract: Contract, window: list[date], levels: set[int]) -> dict[str, int]:
    """What is not judged again: how many were met, judged, and breaches."""
    rows = Result.objects.filter(contract=contract, month__gte=window[0], month__lte=window[-1])
    return rows.exclude(service_level__in=levels).aggregate(
        met=Count("pk", filter=Q(outcome="met")),
        judged=Count("pk", filter=Q(outcome__in=JUDGED) | Q(streak__gt=0)),
        breaches=Count("pk", filter=Q(streak__gt=0)),
    )


def _levels(
    slots: Slots,
    changes: Mapping[date, Slots],
    names: Mapping[int, Row],
    stored: Rows,
    proposed: Rows,
    change: Difference,
) -> list[Summary]:
    """Of each service level that is judged again what it comes to; of those that change most their slots and bands, too."""
    flipped = Counter(number for slots_of_month in changes.values() for number, _ in slots_of_month)
    by_level: dict[int, list[tuple[Row, Row]]] = defaultdict(list)
    for number, starts_on in sorted(slots):
        by_level[number].append(slots[number, starts_on])
    found = []
    for number, pairs in by_level.items():
        changed = flipped[number]
        if not changed and number not in change.terms | change.ended:
            continue
        found.append(
            {
                "id": number,
                "code": names[number]["code"],
                "name": names[number]["name"],
                "changed": changed,
                "of": sum(_judged(now) for _, now in pairs),
                "met": {"was": _count(pairs, 0, "met"), "becomes": _count(pairs, 1, "met")},
                "breaches": {"was": sum(was["streak"] > 0 for was, _ in pairs), "becomes": sum(now["streak"] > 0 for _, now in pairs)},
                "points": _pair(sum(was["points"] for was, _ in pairs), sum(now["points"] for _, now in pairs)),
                "terms": _terms_of(number, stored, proposed, names[number]),
                "slots": [],
            }
        )  # fmt: skip
    found.sort(key=lambda one: (-one["changed"], names[one["id"]]["position"]))
    for one in found[:SHOWN]:
        one["slots"] = [_slot(*pair) for pair in by_level[one["id"]]]
    return found


def _count(pairs: list[tuple[Row, Row]], side: int, outcome: str) -> int:
    return sum(pair[side]["outcome"] == outcome for pair in pairs)


def _terms_of(number: int, stored: Rows, proposed: Rows, level: Row) -> Summary:
    """What a picture of both needs: the bands now and then."""
    now, then = (rows.terms[number][-1]["full"] if rows.terms.get(number) else None for rows in (stored, proposed))
    keys = ("better", "scoring", "bands")
    return {
        "unit": level["measure"]["unit"],
        "was": now and {key: now[key] for key in keys},
        "becomes": then and {key: then[key] for key in keys},
    }


def _slot(was: Row, now: Row) -> Summary:
    return {
        "starts_on": was["starts_on"].isoformat(),
        "month": _key(was["month"]),
        "value": _text(was["value"] if now["value"] is None else now["value"]),
        "changed": _changed((was, now)),
        **{
            side: {"outcome": row["outcome"], "band": row["band_name"], "points": _text(row["points"]), "breach": row["streak"] > 0}
            for side, row in (("was", was), ("becomes", now))
        },
    }  # fmt: skip


def _month(
    month: date,
    was: Row,
    now: Row,
    score: Decimal | None,
    then: Decimal | None,
    changed: Slots,
    names: Mapping[int, Row],
) -> Summary:
    return {
        "month": _key(month),
        **{name: _pair(was[name], now[name]) for name in MONEY},
        "score": _pair(score, then),
        "results": [
            {"code": names[number]["code"], "name": names[number]["name"], **_slot(*pair)}
            for (number, _), pair in changed.items()
        ],
    }


def _rules(seen: Replay, names: Mapping[int, Row]) -> list[Summary]:
    """Rules that hold in other months, with those in which they do."""
    found: dict[tuple[str, int | None], dict[str, Any]] = {}
    for side, rows in (("was", seen.before.triggered_rules), ("becomes", seen.after.triggered_rules)):
        for row in rows:
            one = found.setdefault(
                (row["rule"], row["service_level_id"]), {"then": row["then"], "was": [], "becomes": []}
            )
            one[side].append(_key(row["month"]))
    return [
        {"rule": rule, "service_level": None if number is None else names[number]["name"], **one}
        for (rule, number), one in found.items()
        if one["was"] != one["becomes"]
    ]


def _restated(seen: Replay) -> Summary:
    """What would be stored otherwise once a proposal that is dated back is in force."""
    slots = _slots(seen)
    changed = [pair for pair in slots.values() if _changed(pair)]
    before, then = _by_month(seen.before.months), _by_month(seen.after.months)
    return {
        "results": len(changed),
        "months": sorted({_key(was["month"]) for was, _ in changed}),
        "breaches": {
            "opened": sum(now["streak"] > 0 and not was["streak"] > 0 for was, now in changed),
            "gone": sum(was["streak"] > 0 and not now["streak"] > 0 for was, now in changed),
        },
        "credits": [
            {"month": _key(month), **_pair(row["credit"], then[month]["credit"])}
            for month, row in sorted(before.items())
            if month in then and row["credit"] != then[month]["credit"]
        ],
    }


def _disturbances(contract: Contract, window: list[date]) -> dict[str, int]:
    """What a reader of the past has to know: results that were restated, figures that were relieved."""
    span = {"month__gte": window[0], "month__lte": window[-1]}
    relieved = Figure.objects.filter(
        submission__contract=contract, submission__status=Status.ACCEPTED, relieved__gt=0,
        submission__month__gte=window[0], submission__month__lte=window[-1],
    )  # fmt: skip
    restated = PastResult.objects.filter(contract=contract, **span).values("service_level", "starts_on").distinct()
    return {"restated": restated.count(), "relieved": relieved.count()}


def _without_past(contract: Contract, change: Difference) -> Summary:
    summary = {
        "contract": contract.reference,
        "currency": contract.currency,
        "vendor": contract.vendor.name,
        "window": [],
        "until": None,
        "unchanged": not change,
        "parts": sorted(change.parts),
        "figures": None,
        "levels": [],
        "months": [],
        "rules": [],
        "capped": False,
        "restates": None,
        "caveats": [],
    }
    return {**summary, "sentence": sentence(summary)}


# Texts -----------------------------------------------------------------------------------------------------------


def _key(month: date) -> str:
    return f"{month:%Y-%m}"


def _text(number: Decimal | int | None) -> str | None:
    """A number with all its digits and no zeros behind them."""
    if number is None:
        return None
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _pair(was: Decimal | int | None, becomes: Decimal | int | None) -> dict[str, str | None]:
    return {"was": _text(was), "becomes": _text(becomes)}


def _mean(numbers: Iterable[Decimal | None]) -> Decimal | None:
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) / len(known) if known else None
