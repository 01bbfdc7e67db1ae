"""What the role of vendors may write of corrective plans and threads, asked by SQL alone."""

from collections.abc import Callable

import pytest

from breaches.models import CorrectivePlan, PlanStep
from breaches.rules.plans import PlanStatus
from tests.books import Books
from tests.cast import Cast
from tests.factories import breaches
from tests.isolation.by_sql import ask, refused

PROPOSAL = """INSERT INTO breaches_planproposal
    (organisation_id, vendor_id, plan_id, revision, cause, cause_text, by_id, by_name, at)
    SELECT organisation_id, vendor_id, id, %s, 'staff', 'Two left.', %s, %s, now() FROM breaches_correctiveplan"""
REPORT = """INSERT INTO breaches_stepreport (organisation_id, vendor_id, step_id, done, by_id, by_name, at)
    SELECT organisation_id, vendor_id, id, true, %s, %s, now() FROM breaches_planstep"""
ENTRY = """INSERT INTO breaches_threadentry (organisation_id, vendor_id, breach_id, kind, text, by_id, by_name, from_vendor, at)
    SELECT organisation_id, vendor_id, id, %s, 'x', %s, %s, %s, now() FROM breaches_breach"""


@pytest.fixture
def plan(cast: Cast, scope_of: Callable) -> CorrectivePlan:
    """A plan of Corvid's that is asked for, with one edition."""
    with scope_of(cast.aldermoor):
        books = Books(cast.corvid)
        made = breaches.plan(breaches.breach(books.terms.service_level, books.periods[0]), cast.marco)
        breaches.proposal(made, cast.vera)
    return made


def test_a_plan_is_proposed_while_it_is_asked_for_and_in_ones_own_name(
    plan: CorrectivePlan, cast: Cast, scope_of: Callable
):
    with scope_of(cast.vera):
        assert ask(PROPOSAL, 2, cast.vera.pk, cast.vera.name) == 1
        assert "acting member" in refused(PROPOSAL, 3, cast.ravi.pk, cast.ravi.name)
        assert "acting member's name" in refused(PROPOSAL, 3, cast.vera.pk, "Marco Bellini")
    with scope_of(cast.aldermoor):
        CorrectivePlan.objects.update(status=PlanStatus.VERIFIED)
    with scope_of(cast.vera):
        assert "that it is asked for" in refused(PROPOSAL, 3, cast.vera.pk, cast.vera.name)


def test_what_the_client_decides_on_a_plan_no_vendor_writes(plan: CorrectivePlan, cast: Cast, scope_of: Callable):
    with scope_of(cast.vera):
        assert "permission denied" in refused("UPDATE breaches_correctiveplan SET status = 'accepted'")
        assert "permission denied" in refused("SELECT * FROM breaches_internalnote")
        for change in ("UPDATE breaches_planstep SET text = 'Less'", "DELETE FROM breaches_planproposal"):
            assert "permission denied" in refused(change)


def test_a_step_is_reported_of_the_edition_that_was_accepted(plan: CorrectivePlan, cast: Cast, scope_of: Callable):
    with scope_of(cast.vera):
        assert "under way" in refused(REPORT, cast.vera.pk, cast.vera.name)
    with scope_of(cast.aldermoor):
        accepted = {"status": PlanStatus.ACCEPTED, "decided_revision": 1, "decided_at": breaches.OPENED_AT}
        CorrectivePlan.objects.update(counts_from="2024-06-15", **accepted)
    with scope_of(cast.vera):
        assert ask(REPORT, cast.vera.pk, cast.vera.name) == PlanStep.objects.count() == 1
        assert "acting member" in refused(REPORT, cast.ravi.pk, cast.ravi.name)


def test_a_vendor_writes_no_line_of_the_client_s(plan: CorrectivePlan, cast: Cast, scope_of: Callable):
    vera = cast.vera.pk, cast.vera.name
    with scope_of(cast.vera):
        assert ask(ENTRY, "message", *vera, True) == 1
        for kind in ("accepted", "verified", "closed", "asked"):
            assert "own people say and do" in refused(ENTRY, kind, *vera, True)
        assert "own people say and do" in refused(ENTRY, "message", *vera, False)
        assert "own people say and do" in refused(ENTRY, "message", None, "", True)
        assert "acting member" in refused(ENTRY, "message", cast.ravi.pk, cast.ravi.name, True)
        # Of what happens by itself nobody of the vendor's is the author.
        assert "own people say and do" in refused(ENTRY, "verified", None, "", False)


def test_files_are_attached_to_what_one_writes_oneself(plan: CorrectivePlan, cast: Cast, scope_of: Callable):
    file = """INSERT INTO breaches_threadfile
        (organisation_id, vendor_id, entry_id, name, size, sha256, stored_name, state, scan, added_by_id, added_by_name, added_at)
        SELECT organisation_id, vendor_id, id, 'a.pdf', 1, '', concat('threads/', organisation_id, '/', gen_random_uuid()), %s, 'none',
            %s, %s, at FROM breaches_threadentry WHERE id = %s"""
    with scope_of(cast.aldermoor):
        breach = plan.breaches.get()
        hers, marcos = breaches.entry(breach, cast.vera), breaches.entry(breach, cast.marco)
        ravis = breaches.entry(breach, cast.ravi)
    vera = cast.vera.pk, cast.vera.name
    with scope_of(cast.vera):
        assert ask(file, "pending", *vera, hers.pk) == 1
        assert "what they write themselves" in refused(file, "stored", *vera, hers.pk)
        for other in (marcos, ravis):
            assert "what they write themselves" in refused(file, "pending", *vera, other.pk)
        assert ask("UPDATE breaches_threadfile SET state = 'stored'") == 1
        assert "stays as it was" in refused("UPDATE breaches_threadfile SET name = 'b.pdf'")
        assert "permission denied" in refused("DELETE FROM breaches_threadfile")
        assert "permission denied" in refused("SELECT * FROM breaches_notefile")


def test_the_client_s_people_decide_in_their_own_name(plan: CorrectivePlan, cast: Cast, scope_of: Callable):
    with scope_of(cast.petra):
        forged = f"decided_revision = 1, decided_at = now(), decided_by_id = {cast.marco.pk}, decided_by_name = 'Marco Bellini'"
        assert "another than the acting member" in refused(f"UPDATE breaches_correctiveplan SET {forged}")
        assert "another than the acting member" in refused(ENTRY, "closed", cast.marco.pk, cast.marco.name, False)
