"""Questions on figures: when each is raised, when it is not, and what is read for a whole submission."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from files.rules import FileState
from measurements.models import Figure
from measurements.plausibility import (
    Aim,
    Period,
    aim_of,
    asked,
    question_on,
    questions,
)
from measurements.querysets import standing_levels
from measurements.rules import Status
from reporting.querysets import month_report, seen_in
from tests.factories import contracts, measurements, slas

ENTERED = datetime(2024, 5, 7, 9, tzinfo=UTC)
AIM = Aim("higher", Fraction(95, 100), Fraction(5, 100))


def ratio(*pairs, **fields):
    return [
        Period(date(2024, 1, 1), f"month {n}", numerator=Decimal(a), denominator=Decimal(b), **fields)
        for n, (a, b) in enumerate(pairs, 1)
    ]


def values(*amounts):
    return [Period(date(2024, 1, 1), f"month {n}", value=Decimal(amount)) for n, amount in enumerate(amounts, 1)]


def kinds(periods, aim=None):
    return [kind for kind, _ in asked(periods[:-1], periods[-1], aim)]


LIVELY = ((90, 100), (96, 102), (91, 98), (97, 101), (90, 99), (95, 103))


def test_ordinary_figures_raise_no_question():
    assert kinds(ratio(*LIVELY, (93, 100)), AIM) == []
    assert kinds(ratio((93, 100)), AIM) == []


def test_the_same_again():
    (found,) = asked(ratio((97, 100), (97, 100)), ratio((97, 100))[0])
    assert found == (
        "same",
        "97 of 100 was reported 3 times in a row, since 1 Jan 2024. Was it counted again this month?",
    )
    assert kinds(values("4.25", "4.25", "4.25")) == ["same"]
    assert kinds(ratio((97, 100), (97, 100), (97, 101))) == []
    assert kinds(ratio((97, 100), (97, 100))) == []
    assert kinds(ratio((97, 100), (96, 100), (97, 100), (97, 100))) == []


def test_nothing_may_well_repeat():
    assert kinds(values(0, 0, 0)) == []
    assert kinds(ratio((0, 0), (0, 0), (0, 0))) == []
    quiet = [Period(date(2024, 1, 1), "month", minutes=44640, downtime=Decimal(0), maintenance=Decimal(60))] * 3
    assert kinds(quiet) == []


def test_a_jump_beyond_what_the_history_leads_one_to_expect():
    steady = [10, 12] * 4
    assert kinds(values(*steady, 16)) == []
    (found,) = asked(values(*steady), values(30)[0])
    assert found == (
        "jump",
        "30 is higher than earlier periods suggest (5.68 to 16.32). What changed?",
    )
    (found,) = asked(ratio(*LIVELY), ratio((50, 100))[0])
    assert found[0] == "jump"
    assert found[1].startswith("50% is lower than")
    assert kinds(ratio(*LIVELY[:5], (50, 100))) == []
    assert kinds(ratio(*LIVELY, *LIVELY, (0, 0))) == ["volume"]


def test_old_periods_are_forgotten_after_twelve():
    assert kinds(values(*[100, 900] * 3, *[10, 12] * 6, 30)) == ["jump"]


def test_a_share_is_not_expected_beyond_everything():
    (found,) = asked(ratio(*((n, 100) for n in (97, 100, 98, 100, 96, 100, 97, 100))), ratio((40, 100))[0])
    assert "to 100%). What changed?" in found[1]


def test_a_jump_of_downtime():
    quiet = [Period(date(2024, 1, 1), "m", minutes=43200, downtime=Decimal(n)) for n in [40, 50] * 4]
    assert kinds([*quiet, Period(date(2024, 1, 1), "m", minutes=43200, downtime=Decimal(4000))]) == ["jump"]
    assert kinds([*quiet, Period(date(2024, 1, 1), "m", minutes=0, downtime=Decimal(0))]) == []


def test_always_above_the_target_by_a_hair():
    """The step to the next band is 5 points; a hair is 0.01 of them."""
    pairs = [(95000 + n, 100000) for n in (3, 9, 5, 0, 8, 10)]
    assert kinds(ratio(*pairs), AIM) == ["hair"]
    assert kinds(ratio(*pairs[:-1], (95011, 100000)), AIM) == []
    assert kinds(ratio(*pairs[:-1], (94999, 100000)), AIM) == []
    assert kinds(ratio(*pairs[1:]), AIM) == []
    low = [(5000 - n, 100000) for n in (3, 9, 5, 0, 8, 10)]
    assert kinds(ratio(*low), Aim("lower", Fraction(5, 100), Fraction(5, 100))) == ["hair"]
    assert kinds(ratio(*pairs[:5], (0, 0)), AIM) == []


def test_a_volume_that_collapsed():
    many = ratio(*LIVELY)
    assert "volume" not in kinds([*many, *ratio((47, 51))])
    found = dict(asked(many, ratio((46, 50))[0]))["volume"]
    assert found == "50 cases are less than half of the usual 100.5. Are all of them in?"
    assert kinds([*many[:5], *ratio((10, 11))]) == []
    assert kinds([*many, Period(date(2024, 7, 1), "July", value=None)]) == []


def test_relief_and_maintenance_that_are_unusual():
    before = ratio(*LIVELY, relieved=Decimal(2))
    assert kinds([*before, *ratio((93, 100), relieved=Decimal(4))]) == []
    (found,) = asked(before, ratio((93, 100), relieved=Decimal(5))[0])
    assert found == ("relief", "5 cases of relief are unusually many: the most before was 2. What were they?")
    assert kinds([*ratio(*LIVELY), *ratio((93, 100), relieved=Decimal(1))]) == []
    assert kinds([*ratio(*LIVELY[:4]), *ratio((93, 100), relieved=Decimal(50))]) == []
    calm = {"minutes": 43200, "downtime": Decimal(5)}
    up = [
        Period(date(2024, n, 1), "m", maintenance=Decimal(60), **calm | {"downtime": Decimal(n)}) for n in range(1, 7)
    ]
    (found,) = asked(up, Period(date(2024, 7, 1), "m", maintenance=Decimal(500), **calm))
    assert found[0] == "maintenance"
    assert found[1].startswith("500 minutes of maintenance")


@pytest.mark.parametrize(
    ("better", "ats", "measure", "aim"),
    [
        ("higher", ["95", "90", None], {"kind": "ratio", "unit": "percent", "scale": "100"}, AIM),
        ("higher", ["99.5", None], {"kind": "availability"}, Aim("higher", Fraction(995, 1000), Fraction(5, 1000))),
        (
            "lower",
            ["5", None],
            {"kind": "ratio", "unit": "percent", "scale": "100"},
            Aim("lower", *[Fraction(5, 100)] * 2),
        ),
        ("lower", ["4", "6", None], {"kind": "value"}, Aim("lower", Fraction(4), Fraction(2))),
        (
            "lower",
            ["4", None],
            {"kind": "ratio", "unit": "hours", "scale": "1"},
            Aim("lower", Fraction(4), Fraction(4)),
        ),
        ("inside", [None, None], {"kind": "value"}, None),
    ],
)
def test_what_the_terms_want(better, ats, measure, aim):
    assert aim_of({"better": better, "bands": [{"at": at} for at in ats]}, measure) == aim


# Submissions -----------------------------------------------------------------------------------------------------


class Reporting:
    """A contract of Corvid's with months of accepted figures."""

    def __init__(self, cast, levels=1):
        self.cast = cast
        self.contract = contracts.contract(cast.corvid)
        self.periods = contracts.periods(self.contract, count=9)
        self.levels = [slas.service_level(self.contract, f"SL-{n:02}") for n in range(levels)]
        for level in self.levels:
            slas.terms(level)

    def accept(self, nth, *pairs, **fields):
        submission = measurements.accepted(self.contract, self.periods[nth].month, self.cast.marco, **fields)
        self._report(submission, nth, pairs)
        return submission

    def submit(self, nth, *pairs, **fields):
        submission = measurements.submission(self.contract, self.periods[nth].month, by=self.cast.vera, **fields)
        self._report(submission, nth, pairs)
        return submission

    def _report(self, submission, nth, pairs):
        for level in self.levels:
            for part, (good, base) in enumerate(pairs):
                name = f"Site {part}" if len(pairs) > 1 else ""
                measurements.figure(submission, level, self.periods[nth], good, base, part=name)


@pytest.fixture
def corvid(cast, scope_of):
    with scope_of(cast.aldermoor):
        yield lambda **words: Reporting(cast, **words)


def test_a_submission_is_compared_with_what_was_accepted_before(corvid):
    reporting = corvid()
    reporting.accept(0, (60, 70), (37, 30))
    reporting.accept(1, (50, 60), (47, 40))
    (found,) = questions(reporting.submit(2, (97, 100)))
    assert (found.kind, found.service_level, found.period.label) == ("same", reporting.levels[0], "2024-06")
    assert found.period.numerator == 97


def test_what_is_not_accepted_and_what_comes_later_does_not_count(corvid):
    reporting = corvid()
    reporting.accept(0, (97, 100))
    reporting.submit(1, (97, 100))
    reporting.accept(3, (97, 100))
    assert questions(reporting.submit(2, (97, 100))) == []


def test_a_correction_stands_for_the_month_that_it_corrects(corvid):
    reporting = corvid()
    reporting.accept(0, (97, 100))
    reporting.accept(1, (97, 100))
    reporting.accept(2, (96, 100))
    correction = reporting.submit(2, (97, 100), revision=2)
    assert [one.kind for one in questions(correction)] == ["same"]
    assert correction.status == Status.SUBMITTED


def test_the_target_of_the_terms_in_force_is_looked_at(corvid):
    """A hair is 0.2 % of the five points between 95 and 90: 0.01."""
    reporting = corvid()
    for nth, good in enumerate((95003, 95009, 95005, 95000, 95008)):
        reporting.accept(nth, (good, 100000))
    assert [one.kind for one in questions(reporting.submit(5, (95010, 100000)))] == ["hair"]


def test_a_level_whose_terms_have_not_begun_has_no_target(corvid):
    reporting = corvid()
    for level in reporting.levels:
        level.terms.update(valid=(date(2025, 4, 1), None))
    for nth, good in enumerate((95003, 95009, 95005, 95000, 95008)):
        reporting.accept(nth, (good, 100000))
    assert questions(reporting.submit(5, (95010, 100000))) == []


def test_means_of_parts_are_averaged_and_sums_are_summed(corvid):
    reporting = corvid(levels=2)
    for level, roll_up in zip(reporting.levels, ("mean", "sum"), strict=True):
        level.measure = {"kind": "value", "unit": "s", "roll_up": roll_up}
        level.save()
    for nth in range(3):
        submission = reporting.submit(nth) if nth == 2 else reporting.accept(nth)
        for level in reporting.levels:
            for part, amount in (("North", 3), ("South", 5)):
                measurements.figure(submission, level, reporting.periods[nth], None, None, value=amount, part=part)
    assert [(one.service_level.code, one.period.value) for one in questions(submission)] == [("SL-00", 4), ("SL-01", 8)]


def test_an_availability_is_worked_out_over_the_hours_of_its_measure(corvid):
    """October 2024 has 23 working days of 8 hours, 11,040 minutes, and 745 hours in all: of these 552 minutes are 5 and 1.23 %."""
    reporting = corvid(levels=2)
    for level, hours in zip(reporting.levels, ("calendar", "always"), strict=True):
        level.measure = {"kind": "availability", "unit": "percent", "hours": hours, "roll_up": "sum"}
        level.save()
    for nth in range(7):
        submission = reporting.submit(nth) if nth == 6 else reporting.accept(nth)
        for level in reporting.levels:
            down = 552 if nth == 6 else nth % 2
            measurements.figure(submission, level, reporting.periods[nth], None, None, downtime=down)
    said = [one.sentence.split(" is lower")[0] for one in questions(submission) if one.kind == "jump"]
    assert said == ["95%", "98.77%"]


def test_a_submission_without_figures_has_no_questions(corvid):
    assert questions(corvid().submit(0)) == []


@pytest.mark.parametrize("levels", [1, 3])
def test_the_number_of_statements_is_constant(corvid, levels, django_assert_num_queries):
    reporting = corvid(levels=levels)
    reporting.accept(0, (97, 100))
    reporting.accept(1, (97, 100))
    submission = reporting.submit(2, (97, 100))
    with django_assert_num_queries(2):
        assert len(questions(submission)) == levels
    known = standing_levels(submission.contract_id)
    with django_assert_num_queries(1):
        assert len(questions(submission, known)) == levels


def test_of_a_month_that_is_filled_in_the_series_that_changed_is_read_alone(corvid, django_assert_num_queries):
    reporting = corvid(levels=2)
    reporting.accept(0, (97, 100))
    reporting.accept(1, (97, 100))
    submission = reporting.submit(2, (97, 100))
    known = standing_levels(submission.contract_id)

    def asked_again(past, statements):
        own = list(Figure.objects.filter(submission=submission))
        with django_assert_num_queries(statements):
            return [(one.service_level.code, one.kind) for one in questions(submission, known, own, past)]

    assert asked_again("1", 1) == [("SL-00", "same"), ("SL-01", "same")]
    assert asked_again("1", 0) == [("SL-00", "same"), ("SL-01", "same")]
    Figure.objects.filter(submission=submission, service_level=reporting.levels[0]).update(numerator=96)
    assert asked_again("1", 1) == [("SL-01", "same")]
    Figure.objects.filter(submission__status=Status.ACCEPTED, service_level=reporting.levels[1]).update(numerator=96)
    assert asked_again("2", 1) == [] == questions(submission)


# Evidence --------------------------------------------------------------------------------------------------------


def seen_before(submission):
    stored = month_report(submission).evidence
    return {one.pk: question for one in stored if (question := question_on(one, seen_in(one)))}


def test_the_same_file_as_for_an_earlier_month(corvid):
    reporting = corvid()
    for nth in (0, 1):
        measurements.evidence(reporting.accept(nth), b"the same", "first.csv")
    now = reporting.submit(2)
    again = measurements.evidence(now, b"the same", "june.csv")
    measurements.evidence(now, b"something else", "first.csv")
    assert seen_before(now) == {
        again.pk: "june.csv is the same file as the evidence for May 2024. Is it the right one?"
    }


def test_the_same_file_elsewhere_is_no_question(corvid, cast):
    """In this month's former revision, attached for a later month or another contract afterwards, or while it is being written."""
    reporting = corvid()
    months = [reporting.accept(1), reporting.submit(1, revision=2), reporting.submit(2)]
    for submission in months:
        measurements.evidence(submission, b"the same")
    measurements.evidence(reporting.submit(0), b"the same", state=FileState.PENDING)
    other = contracts.contract(cast.corvid, reference="MSA-9")
    measurements.evidence(measurements.submission(other, reporting.periods[0].month), b"the same")
    assert seen_before(months[1]) == {}
    assert len(seen_before(months[2])) == 1


def test_the_same_file_for_another_contract_month_or_figure(corvid, cast):
    reporting = corvid(levels=2)
    other = contracts.contract(cast.corvid, reference="MSA-9")
    measurements.evidence(measurements.submission(other, reporting.periods[0].month), b"of the other")
    measurements.evidence(reporting.submit(3), b"of a later month")
    now = reporting.submit(2)
    files = [
        measurements.evidence(now, b"of the other", "a.csv"),
        measurements.evidence(now, b"of a later month", "b.csv"),
        measurements.evidence(now, b"twice", "c.csv"),
        measurements.evidence(now, b"twice", "d.csv", service_level=reporting.levels[0]),
    ]
    said = [seen_before(now).get(one.pk) for one in files]
    assert said == [
        "a.csv is the same file as the evidence for April 2024 of MSA-9. Is it the right one?",
        "b.csv is the same file as the evidence for July 2024. Is it the right one?",
        None,
        "d.csv is the same file as the evidence for all figures. Is it the right one?",
    ]


def test_any_number_of_files_is_one_statement(corvid, django_assert_num_queries):
    reporting = corvid()
    before, now = reporting.accept(0), reporting.submit(1)
    for nth in range(4):
        for submission in (before, now):
            measurements.evidence(submission, b"%d" % nth)
    with django_assert_num_queries(1):
        assert len(seen_before(now)) == 4
