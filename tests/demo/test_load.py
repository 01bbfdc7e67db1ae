"""The demo in the database: everybody, everything and each story, by the product's own actions, once."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from breaches.models import Breach
from contracts.in_charge import charges_of
from contracts.models import Contract, Owner
from demo import log_ins, people
from demo.figures import contract_files
from demo.load import load, told_until
from demo.people import CLIENTS_LOG_INS, PEOPLE
from evaluation.models import PastResult, Result
from lib.months import after
from measurements.models import Submission
from notifications.models import Notification
from organisations.models import Membership, Organisation, User
from organisations.rules import Role
from organisations.scope import open_scope
from scorecards.models import Publication, PublicationAcceptance, Scorecard
from slas.actions import import_contract
from tests.databases import copy, made_once
from tests.run import NAME

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
LAST = date(2026, 10, 1)
# One has not finished its October; the other has no figures yet for a week of November.
VENDORS_WITH_WORK = {
    "dele@farrow.example.test": "1 month to report",
    "gwen@wrenfield.example.test": "1 month to report",
}
CONTRACT = contract_files()["PAY-2024-003"].read_text(encoding="utf-8")


@pytest.fixture
def demo(committed: None, clock: Callable[[datetime], None]) -> dict[str, Organisation]:
    """Loaded once in a run; each test has a copy."""
    clock(NOW)
    made_once("test_loaded", loaded_after_a_power_cut)
    copy("test_loaded", NAME)
    return {organisation.slug: organisation for organisation in Organisation.objects.all()}


def loaded_after_a_power_cut() -> None:
    """A load that was interrupted goes on where it was: all that the tests look at was made so. The journeys' was not."""
    said: list[str] = []

    def power_cut(line: str) -> None:
        said.append(line)
        if line == "Aldermoor Energy: August 2026":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(say=power_cut)
    assert load(say=said.append)
    assert [line.split(",")[0] for line in said[:2]] == [
        "Aldermoor Energy: 6 contracts",
        "Brightwater Council: 4 contracts",
    ]
    assert said.count("Aldermoor Energy: October 2026") == said.count("Brightwater Council: October 2026") == 1


def test_the_demo_is_loaded_judged_and_left_alone_the_second_time(demo: dict[str, Organisation]) -> None:
    Organisation.objects.filter(slug="aldermoor-energy").update(
        name="Aldermoor Power"
    )  # by somebody who tries the settings
    assert not load(say=pytest.fail)
    assert set(demo) == {"aldermoor-energy", "brightwater-council"}
    assert User.objects.count() == len({person.email for person in PEOPLE})
    _, email, password = CLIENTS_LOG_INS[0]
    assert authenticate(None, username=email, email=email, password=password) is not None
    assert len(set(User.objects.values_list("password", flat=True))) == 1  # hashed once, so it is right for all
    _look_at_aldermoor(demo["aldermoor-energy"])
    _look_at_publications(demo)
    with open_scope(organisation_id=demo["brightwater-council"].pk):
        assert Contract.objects.count() == 4
        running = Submission.objects.get(month=date(2026, 11, 1))
        assert running.status == "accepted" and running.figures.count() == 3
        assert Membership.objects.get(email="vera@corvid.example.test").vendor.code == "CORVID"


def test_somebody_is_in_charge_of_every_contract_and_somebody_stands_in(demo: dict[str, Organisation]) -> None:
    with open_scope(organisation_id=demo["aldermoor-energy"].pk):
        for contract in Contract.objects.all():
            assert all(charge.owner for charge in charges_of(contract, contract.day(NOW)))
        marco = Membership.objects.get(email="marco@aldermoor.example.test")
        assert Contract.objects.mine(marco.pk, NOW).count() == 6
        away = Owner.objects.filter(is_deputy=True)
        assert {(one.name, one.contract.vendor.code) for one in away} == {("Ravi Menon", "CORVID")}


def test_everything_carries_the_day_on_which_it_would_have_happened(demo: dict[str, Organisation]) -> None:
    for organisation in demo.values():
        with open_scope(organisation_id=organisation.pk):
            assert {contract.created_at.date() for contract in Contract.objects.all()} == {date(2026, 5, 1)}
            for one in Submission.objects.filter(month__gte=date(2026, 5, 1)).exclude(status="draft"):
                assert one.created_at == one.submitted_at > datetime(one.month.year, one.month.month, 1, tzinfo=UTC)
            for breach in Breach.objects.filter(month__range=(date(2026, 5, 1), LAST)).exclude(status="closed"):
                accepted = Submission.objects.filter(contract=breach.contract_id, month=breach.month).latest(
                    "decided_at"
                )
                assert timedelta(0) < breach.opened_at - accepted.decided_at < timedelta(days=1)
                assert breach.acknowledged_at is None or breach.opened_at < breach.acknowledged_at <= NOW
            opened = Counter(f"{at:%Y-%m}" for at in Breach.objects.values_list("opened_at", flat=True))
            assert len(opened) >= 5
            told = Notification.objects.filter(event__kind__startswith="breach").values_list("created_at", flat=True)
            assert {f"{at:%Y-%m}" for at in told} >= set(opened) - {"2026-05"}
            assert not Notification.objects.filter(
                created_at__lt=datetime(2026, 11, 1, tzinfo=UTC), read_at=None
            ).exclude(member__role=Role.VENDOR_MANAGER)


def test_the_log_ins_of_vendors_are_of_those_with_figures_due(demo: dict[str, Organisation], tmp_path: Path) -> None:
    log_ins.write(tmp_path / "kept", NOW.date())
    printed = people.log_ins(tmp_path / "kept")
    assert tuple(printed[: len(CLIENTS_LOG_INS)]) == CLIENTS_LOG_INS
    vendors = {email: who.split(": ")[1] for who, email, _ in printed[len(CLIENTS_LOG_INS) :]}
    assert vendors == VENDORS_WITH_WORK


def test_a_contract_that_somebody_brought_in_is_left_to_them(
    demo: dict[str, Organisation], clock: Callable[[datetime], None]
) -> None:
    theirs = CONTRACT.replace("PAY-2024-003", "OURS-1")
    assert theirs != CONTRACT
    with open_scope(organisation_id=demo["aldermoor-energy"].pk):
        import_contract(by=Membership.objects.get(role=Role.PROCUREMENT), source=theirs, today=NOW.date())
    assert not load(say=pytest.fail)
    clock(NOW + timedelta(days=40))
    assert not load(say=pytest.fail)


def test_on_the_first_morning_of_a_month_the_last_one_is_not_over_everywhere() -> None:
    for hour, last in ((0, date(2026, 11, 30)), (11, date(2026, 11, 30)), (12, date(2026, 12, 1))):
        assert told_until(datetime(2026, 12, 1, hour, 30, tzinfo=UTC)).date() == last
    assert told_until(NOW) == NOW


def _look_at_aldermoor(aldermoor: Organisation) -> None:
    with open_scope(organisation_id=aldermoor.pk):
        standing = Counter(Submission.objects.filter(month=LAST).values_list("status", flat=True))
        assert standing == {"accepted": 4, "submitted": 1, "draft": 1}
        for submission in Submission.objects.filter(submitted_by__isnull=False, decided_by__isnull=False):
            assert submission.submitted_by_id != submission.decided_by_id
            assert submission.submitted_at < submission.decided_at < NOW
        fresh = Breach.objects.filter(month=LAST)
        assert 3 <= fresh.count() <= 8 and {breach.status for breach in fresh} == {"open"}
        assert not Breach.objects.filter(month__lt=LAST, status="open").exists()
        corrected = Submission.objects.filter(contract__reference="PAY-2024-003", month=date(2026, 5, 1))
        assert [one.status for one in corrected] == ["superseded", "accepted"]
        assert PastResult.objects.filter(service_level__code="PR-01").exists()
        assert Result.objects.filter(
            service_level__code="PR-01", starts_on=date(2026, 5, 1), outcome="default"
        ).exists()
        score = Scorecard.objects.get(contract__reference="MSA-2024-017", month=LAST).score
        assert Decimal(60) < score < Decimal(70)


def _look_at_publications(demo: dict[str, Organisation]) -> None:
    """Months are published and accepted, one is restated, and the last is provisional."""
    for organisation in demo.values():
        with open_scope(organisation_id=organisation.pk):
            published = Publication.objects.exclude(edition__gt=1)
            assert {one.month for one in published} >= {after(LAST, -back) for back in range(1, 20)}
            assert published.count() > 18 * Contract.objects.count()
            assert all(one.is_intact and one.at <= NOW for one in published)
            assert not Publication.objects.filter(month=LAST).exists()
            assert PublicationAcceptance.objects.count() > 0.8 * published.count()
    with open_scope(organisation_id=demo["aldermoor-energy"].pk):
        again = Publication.objects.filter(edition=2).select_related("contract")
        assert ("PAY-2024-003", date(2026, 5, 1)) in {(one.contract.reference, one.month) for one in again}
        silent = Publication.objects.filter(contract__reference="MSA-2024-017", month=date(2026, 9, 1)).get()
        assert not silent.acceptances.exists() and silent.answer_by < NOW.date()
