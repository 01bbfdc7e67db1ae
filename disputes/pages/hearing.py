"""The page of a relief request or a dispute: where it stands, both figures, its thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Prefetch

from disputes.actions import numbers_of
from disputes.models import Dispute, HearingFile, ReliefRequest
from disputes.rules import HearingKind
from evaluation.models import Judgement, PastResult, Result
from explanations.thresholds import format_measured, minimum_of, places_of, target_of
from files.models import StoredFile
from lib.templatetags.dates import format_day
from measurements.models import Figure
from measurements.wording import describe_figure, format_figure, quotient
from organisations.models import Membership

Either = ReliefRequest | Dispute
LOOKS = {
    "open": "info",
    "granted": "met",
    "upheld": "met",
    "partly": "risk",
    "refused": "breach",
    "rejected": "breach",
    "withdrawn": "none",
}
EVENT_LOOKS = {HearingKind.ASKED: "info", HearingKind.RULED: "lock", HearingKind.ESCALATED: "late"}


class Stage(NamedTuple):
    """A station of its life. `state`: done, now or next."""

    word: str
    detail: str
    state: str


@dataclass(frozen=True)
class Claim:
    """One side's figure: whose it is, the value it comes to, what was counted, what it is judged as."""

    who: str
    value: str
    figure: str
    outcome: str = ""
    note: str = ""


def kind_of(hearing: Either) -> str:
    """`dispute` or `relief-request`: what the names of its addresses begin with."""
    return "dispute" if isinstance(hearing, Dispute) else "relief-request"


def measured_in(hearing: Either) -> str:
    """What relief is counted in: minutes of an availability, else what the measure counts."""
    measure = hearing.service_level.measure
    if measure["kind"] == "availability":
        return "minutes"
    if measure["kind"] == "count":
        return measure.get("unit") or "cases"
    return "cases"


def format_cases(count: Decimal, hearing: Either) -> str:
    """3 cases, 1 case, 45 minutes."""
    what = measured_in(hearing)
    return f"{format_figure(count)} {what.removesuffix('s') if count == 1 else what}"


def stages(hearing: Either) -> list[Stage]:
    """Asked, answered, calculated again; in between that it is late."""
    day = hearing.contract.day
    asked = Stage(
        "Disputed" if isinstance(hearing, Dispute) else "Asked for",
        _by(hearing.asked_by_name, day(hearing.asked_at)),
        "done",
    )
    if hearing.status == "withdrawn":
        return [asked, Stage("Withdrawn", "Nothing changes", "done")]
    if hearing.status == "open":
        at = hearing.escalated_at
        late = [Stage("Escalated", f"{format_day(day(at))}, no answer in time", "done")] if at else []
        word = "Ruling" if isinstance(hearing, Dispute) else "Decision"
        return [
            asked,
            *late,
            Stage(word, f"by {format_day(hearing.answer_by)}", "now"),
            Stage("Recalculated", "at once, if a figure changes", "next"),
        ]
    assert hearing.ruled_at is not None  # noqa: S101  # by dispute_ruled and relief_ruled
    ruled = Stage(hearing.get_status_display(), _by(hearing.ruled_by_name, day(hearing.ruled_at)), "done")
    again = [Stage("Recalculated", "by a correction of the figures", "done")] if hearing.corrected_id else []
    return [asked, ruled, *again]


def _by(name: str, day: Any) -> str:
    return f"{format_day(day)}, by {name}"


def disputed_judgement(dispute: Dispute) -> Judgement | None:
    """The judgement that was contradicted, as it was; two statements where it was restated since."""
    slot = {"service_level": dispute.service_level_id, "starts_on": dispute.period.starts_on}
    found: Judgement | None = Result.objects.filter(**slot).select_related("terms").first()
    if found is not None and getattr(found, "revision", 0) != dispute.result_revision:
        former = PastResult.objects.filter(**slot, revision=dispute.result_revision).select_related("terms").first()
        return former or found
    return found


def claims(hearing: Either, judged: Judgement | None) -> list[Claim]:
    """Both figures side by side, and the one that was ruled where that is a third. One statement."""
    measure = hearing.service_level.measure
    figures = {
        one.submission_id: one
        for one in Figure.objects.filter(
            submission_id__in=[pk for pk in (hearing.counted_id, hearing.corrected_id) if pk],
            service_level=hearing.service_level_id,
            period=hearing.period_id,
            part=hearing.part,
        )
    }

    def value_of(figure: Figure) -> str:
        value = quotient(measure, [figure])
        return "" if value is None or judged is None else format_result(value, judged.terms.full, measure)

    counted = figures.get(hearing.counted_id or 0)
    known = judged is not None and judged.value is not None
    found = [
        Claim(
            "Counted when it was asked" if hearing.status != "open" else "Counted now",
            format_result(judged.value, judged.terms.full, measure) if known and judged else "",
            describe_figure(measure, counted) if counted else "No figures were accepted",
            judged.outcome if judged else "",
        )
    ]
    if isinstance(hearing, Dispute):
        numbers = numbers_of(hearing)
        said = Figure(**numbers) if numbers else None
        text = describe_figure(measure, said) if said else "No other figure is given"
        found.append(Claim(f"{hearing.vendor.name} says", value_of(said) if said else "", text))
    else:
        asked = f"{format_cases(hearing.amount, hearing)} left out"
        found.append(Claim(f"{hearing.vendor.name} asks for", "", asked, note=hearing.get_ground_display()))
    if (ruled := figures.get(hearing.corrected_id or 0)) is not None:
        found.append(Claim("Counts since the ruling", value_of(ruled), describe_figure(measure, ruled)))
    elif isinstance(hearing, ReliefRequest) and hearing.granted:
        found.append(Claim("Granted", "", format_cases(hearing.granted, hearing)))
    return found


def format_result(value: Decimal | None, terms: Mapping[str, Any], measure: Mapping[str, Any]) -> str:
    """A value as the scorecard shows it: with as many places as it takes to stand on its side of the thresholds."""
    edges = [target_of(terms), minimum_of(terms)]
    unit = measure.get("unit") or ""
    return format_measured(value, edges, places_of(measure, edges), "%" if unit == "percent" else unit)


class Line(NamedTuple):
    """A line of the thread. `look` is set for what happened, and empty for what was said."""

    at: datetime
    who: str
    text: str
    what: str = ""
    look: str = ""
    side: str = ""
    own: bool = False
    files: Sequence[StoredFile] = ()


def thread(hearing: Either, member: Membership) -> list[Line]:
    """What was said and what happened, in order, with its files. Two statements."""
    sides = {True: hearing.vendor.name, False: member.organisation.name}
    lines = []
    entries: Any = hearing.entries  # type: ignore[union-attr]
    for entry in entries.prefetch_related(Prefetch("files", HearingFile.objects.shown())):
        side, own = sides[entry.from_vendor], entry.from_vendor == member.is_vendor
        given = {"side": side, "own": own, "files": entry.files.all()}
        if entry.kind in (HearingKind.MESSAGE, HearingKind.ASKED):
            lines.append(Line(entry.at, entry.by_name, entry.text, **given))
        else:
            word = HearingKind(entry.kind).label
            lines.append(Line(entry.at, entry.by_name, entry.text, word, EVENT_LOOKS.get(entry.kind, "none"), **given))
    return lines


def format_asked(hearing: Either) -> str:
    """What a row of the list says that is asked for: "6 cases" or the ground of a dispute."""
    if isinstance(hearing, ReliefRequest):
        return format_cases(hearing.amount, hearing)
    return str(hearing.get_ground_display())
