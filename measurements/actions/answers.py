"""What is asked about figures is answered, by a note, before they are handed over."""

from collections.abc import Iterable, Mapping

from lib.errors import RuleBroken
from lib.templatetags.dates import month_name
from measurements.actions.sheets import reported, sheets_of
from measurements.figures_file import FigureProblem
from measurements.models import Figure, Submission
from measurements.plausibility import Question, is_answered, questions
from measurements.querysets import standing_levels
from measurements.rules import Status
from organisations.models import Membership

Slot = tuple[int, int]  # service level, period


class Unanswered(RuleBroken):
    """Something is asked about figures that no note answers. `problems` has each row, with its line where it came with one."""

    problems: list[FigureProblem]

    def __init__(self, asked: list[tuple[Submission, Question, int | None]]) -> None:
        months = len({submission.month for submission, _, _ in asked})
        named = {
            f"{one.service_level.code} of {month_name(submission.month)}"
            if months > 1
            else one.service_level.code: None
            for submission, one, _ in asked
        }
        super().__init__("unanswered", f"Add a note to {', '.join(named)} first: say why the figures are as they are.")
        self.problems = [
            FigureProblem(
                line, "note", f"{one.service_level.code}, {one.period.label}: {one.sentence} Say why in the note."
            )
            for _, one, line in asked
        ]


def must_be_answered(
    by: Membership | None, submissions: Iterable[Submission], lines: Mapping[Slot, int] | None = None
) -> None:
    """Unanswered where a vendor hands over figures of which something is asked that no note answers; what was accepted as it is needs none.

    Who is asked answers: the client reads the note beside the figure. Its own people may do without. `lines`: where each slot stood in the
    file or list. Three statements, and one for each submission.
    """
    found = list(submissions) if by is not None and by.is_vendor else []
    if not found:
        return
    contract_id = found[0].contract_id
    accepted = {
        one.month: one
        for one in Submission.objects.filter(
            contract=contract_id, status=Status.ACCEPTED, month__in=[one.month for one in found]
        )
    }
    levels, sheets = standing_levels(contract_id), sheets_of([*found, *accepted.values()])
    asked = []
    for submission in found:
        former = accepted.get(submission.month)
        before = _by_slot(sheets.get(former.pk, {}).values()) if former else {}
        open_slots = {
            (figures[0].service_level_id, figures[0].period.starts_on): slot
            for slot, figures in _by_slot(sheets.get(submission.pk, {}).values()).items()
            if not is_answered(figures) and not says_the_same(figures, before.get(slot, []))
        }
        for one in questions(submission, levels):
            slot = open_slots.get((one.service_level.pk, one.period.starts_on))
            if slot:
                asked.append((submission, one, (lines or {}).get(slot)))
    if asked:
        raise Unanswered(asked)


def says_the_same(figures: Iterable[Figure], before: Iterable[Figure]) -> bool:
    """Whether a slot reports what it reported before, part by part."""
    now, then = ({one.part: reported(one) for one in sheet} for sheet in (figures, before))
    return now == then


def _by_slot(figures: Iterable[Figure]) -> dict[Slot, list[Figure]]:
    found: dict[Slot, list[Figure]] = {}
    for one in figures:
        found.setdefault((one.service_level_id, one.period_id), []).append(one)
    return found
