"""A month is published as it is shown, restated beside, and accepted by the vendor."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from contracts.models import Reevaluation
from evaluation.models import Month, Result
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Notification
from scorecards.actions import accept_publication, publish
from scorecards.models import Publication, PublicationAcceptance, Scorecard
from scorecards.snapshot import standing_of
from tests.dashboard_world import APRIL
from tests.factories import contracts, measurements, scorecards


@pytest.fixture
def seen(cast, scope_of, month):
    """The checksum of the numbers as they are now."""

    def checksum():
        with scope_of(cast.aldermoor):
            return standing_of(month.contract, APRIL, timezone.now()).checksum

    return checksum


@pytest.fixture
def published(cast, act, month, seen):
    return act(cast.marco, publish, contract=month.contract, month=APRIL, seen=seen(), word="As discussed.")


@pytest.fixture
def corrected(cast, scope_of, month):
    """A correction: April's result is met by now, and costs nothing."""
    with scope_of(cast.aldermoor):
        Result.objects.filter(month=APRIL).update(value=Decimal("96.5"), outcome="met", points=0)
        Month.objects.filter(month=APRIL).update(credit=0, points=0)
        Scorecard.objects.filter(month=APRIL).update(score=Decimal("96.25"))


def test_the_numbers_are_kept_as_they_were_shown_and_the_vendor_is_told(cast, scope_of, published):
    with scope_of(cast.vera):
        edition = Publication.objects.get()
        assert (edition.edition, edition.by_name, edition.word) == (1, "Marco Bellini", "As discussed.")
        assert edition.is_intact and edition.checksum == published.checksum
        assert edition.snapshot["score"] == "90" and edition.snapshot["credit"] == "500"
        assert [(one["shown"], one["outcome"]) for one in edition.snapshot["levels"]] == [("92.0%", "default")]
        mine = Notification.objects.filter(member=cast.vera, event__kind="published").select_related("event").get()
        assert mine.event.title == "April 2024 scorecard published"
        assert "score 90.0, penalty points 1, credit £500.00" in mine.event.detail


def test_an_edition_is_never_changed(cast, scope_of, published):
    for change in (lambda rows: rows.update(score=99), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), scope_of(cast.aldermoor), transaction.atomic():
            change(Publication.objects.all())
    with scope_of(cast.aldermoor):
        assert Publication.objects.get().score == 90


def test_what_lacks_a_figure_or_a_judgement_is_not_published(cast, scope_of, act, month, seen):
    with scope_of(cast.aldermoor):
        waiting = contracts.reevaluation(month.contract)
        Reevaluation.objects.filter(pk=waiting.pk).update(from_on=APRIL)
    with pytest.raises(RuleBroken, match="being calculated"):
        act(cast.marco, publish, contract=month.contract, month=APRIL, seen=seen())
    with scope_of(cast.aldermoor):
        Reevaluation.objects.update(from_on=None)
        measurements.Submission.objects.filter(month=APRIL).update(status="submitted")
    with pytest.raises(RuleBroken, match="0 of 1 figure accepted; 1 figure submitted"):
        act(cast.marco, publish, contract=month.contract, month=APRIL, seen=seen())
    with scope_of(cast.aldermoor):
        assert not Publication.objects.exists()


def test_what_was_looked_at_is_what_is_published(cast, scope_of, act, month, seen, request):
    looked_at = seen()
    request.getfixturevalue("corrected")
    with pytest.raises(Conflict, match="changed after you opened"):
        act(cast.marco, publish, contract=month.contract, month=APRIL, seen=looked_at)
    with scope_of(cast.aldermoor):
        assert not Publication.objects.exists()


def test_a_message_to_the_vendor_has_an_end(cast, scope_of, act, month, seen):
    with pytest.raises(RuleBroken, match="Shorten it"):
        act(cast.marco, publish, contract=month.contract, month=APRIL, seen=seen(), word="x" * 10_001)
    with scope_of(cast.aldermoor):
        assert not Publication.objects.exists()


def test_nothing_is_published_twice(cast, act, month, seen, published):
    with pytest.raises(RuleBroken, match="nothing to publish"):
        act(cast.marco, publish, contract=month.contract, month=APRIL, seen=seen())


def test_a_correction_makes_the_next_edition_beside_the_first(cast, scope_of, act, month, published, corrected, seen):
    second = act(cast.marco, publish, contract=month.contract, month=APRIL, seen=seen())
    assert second.edition == 2
    with scope_of(cast.vera):
        assert [(one.edition, one.score, one.credit) for one in Publication.objects.all()] == [
            (1, Decimal(90), Decimal(500)),
            (2, Decimal("96.25"), Decimal(0)),
        ]
        detail = Notification.objects.get(member=cast.vera, event__title__endswith="edition 2").event.detail
    assert "score 96.3 (was 90.0), penalty points 0 (was 1), credit £0.00 (was £500.00)" in detail


def test_the_vendor_s_manager_accepts_the_edition_that_counts_once(
    cast, scope_of, act, month, published, corrected, seen
):
    act(cast.vera, accept_publication, publication=published)
    with pytest.raises(Conflict, match="accepted this edition already"):
        act(cast.vera, accept_publication, publication=published)
    second = act(cast.marco, publish, contract=month.contract, month=APRIL, seen=seen())
    with pytest.raises(Conflict, match="later edition"):
        act(cast.vera, accept_publication, publication=published)
    with scope_of(cast.aldermoor):
        assert list(PublicationAcceptance.objects.values_list("publication", flat=True)) == [published.pk]
    act(cast.vera, accept_publication, publication=second)


def test_after_its_last_day_an_edition_counts_as_accepted(cast, scope_of, act, month):
    with scope_of(cast.aldermoor):
        late = scorecards.publication(month.periods[0], by=cast.marco, answer_by="2024-05-30")
        late.refresh_from_db()
    with pytest.raises(RuleBroken, match="last day to answer was 30 May 2024"):
        act(cast.vera, accept_publication, publication=late)
    with scope_of(cast.aldermoor):
        assert not PublicationAcceptance.objects.exists()


def test_who_may_publish_and_accept(cast, act, month, seen, published):
    for member in (cast.petra, cast.ada, cast.olu, cast.vera):
        with pytest.raises(NotAllowed):
            act(member, publish, contract=month.contract, month=APRIL, seen=seen())
    for member in (cast.marco, cast.ravi):
        with pytest.raises(NotAllowed):
            act(member, accept_publication, publication=published)
