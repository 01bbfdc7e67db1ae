"""Who is in charge of a contract: who may say so, from when on, and who stands in."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from contracts.actions import Absence, assign_owner
from contracts.in_charge import Charge, charges_of
from contracts.models import Contract, Owner
from contracts.rules import Duty, may_assign
from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.models import Membership
from organisations.rules import Role
from tests.cast import Cast
from tests.factories import contracts as make
from tests.factories import organisations

Scopes = Callable[..., Any]
NOON = datetime(2025, 3, 10, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)


@pytest.fixture
def ben(cast: Cast, scope_of: Scopes) -> Membership:
    """A second account manager."""
    person = organisations.user("Ben Deputy")
    with scope_of(cast.aldermoor):
        return organisations.member(person, Role.ACCOUNT_MANAGER)


@pytest.fixture
def desk(cast: Cast, scope_of: Scopes) -> Contract:
    with scope_of(cast.aldermoor):
        return make.contract(cast.corvid)


def charge(desk: Contract, duty: Duty, now: datetime = NOON) -> Charge:
    return next(one for one in charges_of(desk, desk.day(now)) if one.duty == duty)


def test_somebody_is_in_charge_from_today_on(cast: Cast, scope_of: Scopes, desk: Contract) -> None:
    with scope_of(cast.petra):
        assign_owner(by=cast.petra, contract=desk, duty=Duty.ACCOUNT_MANAGER, member=cast.marco, seen="", now=NOON)
        row = Owner.objects.get()
        assert (row.name, row.starts_on, row.ends_on, row.is_deputy) == ("Marco Bellini", TODAY, None, False)
        assert [one.owner.name if one.owner else "" for one in charges_of(desk, TODAY)] == ["Marco Bellini", "", ""]


def test_a_successor_ends_the_one_before_and_history_stays(
    cast: Cast, scope_of: Scopes, desk: Contract, ben: Membership
) -> None:
    with scope_of(cast.petra):
        given = {"by": cast.petra, "contract": desk, "duty": Duty.ACCOUNT_MANAGER}
        assign_owner(member=cast.marco, now=NOON, **given)
        assign_owner(member=ben, now=NOON + 3 * DAY, **given)
        assert list(Owner.objects.order_by("starts_on").values_list("name", "starts_on", "ends_on")) == [
            ("Marco Bellini", TODAY, TODAY + 2 * DAY),
            ("Ben Deputy", TODAY + 3 * DAY, None),
        ]
        # Of the same day only the last word counts.
        assign_owner(member=cast.marco, now=NOON + 3 * DAY, **given)
        assign_owner(member=None, now=NOON + 4 * DAY, **given)
        assert list(Owner.objects.order_by("starts_on").values_list("name", "ends_on")) == [
            ("Marco Bellini", TODAY + 2 * DAY),
            ("Marco Bellini", TODAY + 3 * DAY),
        ]
        assert charge(desk, Duty.ACCOUNT_MANAGER, NOON + 4 * DAY).owner is None


def test_a_deputy_stands_in_on_the_days_of_the_absence(
    cast: Cast, scope_of: Scopes, desk: Contract, ben: Membership
) -> None:
    absence = Absence(ben, TODAY + 2 * DAY, TODAY + 4 * DAY)
    with scope_of(cast.petra):
        given = {"by": cast.petra, "contract": desk, "duty": Duty.ACCOUNT_MANAGER, "member": cast.marco}
        assign_owner(absence=absence, now=NOON, **given)
        away = [charge(desk, Duty.ACCOUNT_MANAGER, NOON + n * DAY) for n in range(6)]
        assert [one.is_away for one in away] == [False, False, True, True, True, False]
        assert [one.deputy is not None for one in away] == [True] * 5 + [False]
        # Back a day early: the last day is moved, and what was is kept.
        early = Absence(ben, absence.starts_on, TODAY + 3 * DAY)
        assign_owner(absence=early, now=NOON + 3 * DAY, **given)
        assert not charge(desk, Duty.ACCOUNT_MANAGER, NOON + 4 * DAY).is_away
        assign_owner(absence=None, now=NOON + 3 * DAY, **given)
        assert charge(desk, Duty.ACCOUNT_MANAGER, NOON + 3 * DAY).deputy is None
        assert Owner.objects.filter(is_deputy=True).values_list("starts_on", "ends_on").get() == (
            TODAY + 2 * DAY,
            TODAY + 2 * DAY,
        )


def test_today_is_the_day_of_the_contract(cast: Cast, scope_of: Scopes) -> None:
    evening = datetime(2025, 3, 10, 20, tzinfo=UTC)  # 11 March in Tokyo
    with scope_of(cast.petra):
        tokyo = make.contract(cast.corvid, timezone="Asia/Tokyo")
        given = {"by": cast.petra, "contract": tokyo, "duty": Duty.PROCUREMENT, "now": evening}
        assign_owner(member=cast.petra, **given)
        assert Owner.objects.get().starts_on == date(2025, 3, 11)
        assert Contract.objects.mine(cast.petra.pk, evening).get() == tokyo
        assert not Contract.objects.mine(cast.petra.pk, datetime(2025, 3, 10, 14, tzinfo=UTC)).exists()


@pytest.mark.parametrize(
    ("duty", "member", "absence", "code"),
    [
        ("boss", "marco", None, "duty"),
        (Duty.ACCOUNT_MANAGER, "petra", None, "member"),
        (Duty.ACCOUNT_MANAGER, "vera", None, "member"),
        (Duty.PROCUREMENT, "marco", None, "member"),
        (Duty.VENDOR_CONTACT, "hana", None, "member"),  # of another vendor
        (Duty.VENDOR_CONTACT, "marco", None, "member"),
        (Duty.VENDOR_CONTACT, "vera", ("vera", 0, 1), "deputy"),
        (Duty.VENDOR_CONTACT, "vera", ("hana", 0, 1), "deputy"),
        (Duty.VENDOR_CONTACT, "vera", ("ravi", 2, 1), "ends_on"),
        (Duty.VENDOR_CONTACT, "vera", ("ravi", -2, -1), "ends_on"),
        (Duty.VENDOR_CONTACT, None, ("ravi", 0, 1), "member"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    duty: str, member: str | None, absence: Any, code: str, cast: Cast, scope_of: Scopes, desk: Contract
) -> None:
    with scope_of(cast.ada):
        who = getattr(cast, member) if member else None
        days = absence and Absence(getattr(cast, absence[0]), TODAY + absence[1] * DAY, TODAY + absence[2] * DAY)
        with pytest.raises(RuleBroken) as refused:
            assign_owner(by=cast.ada, contract=desk, duty=duty, member=who, absence=days, now=NOON)
        assert refused.value.code == code
        assert not Owner.objects.exists()


def test_who_has_left_cannot_be_put_in_charge(cast: Cast, scope_of: Scopes, desk: Contract) -> None:
    with scope_of(cast.ada):
        Membership.objects.filter(pk=cast.marco.pk).update(is_active=False)
        cast.marco.refresh_from_db()
        with pytest.raises(RuleBroken, match="does not work here"):
            assign_owner(by=cast.ada, contract=desk, duty=Duty.ACCOUNT_MANAGER, member=cast.marco, now=NOON)


@pytest.mark.parametrize(
    ("who", "duties"),
    [
        ("ada", list(Duty)),
        ("petra", list(Duty)),
        ("marco", []),
        ("vera", [Duty.VENDOR_CONTACT]),
        ("olu", []),
        ("ravi", []),
    ],
)
def test_who_may_say_it(who: str, duties: list[Duty], cast: Cast, scope_of: Scopes, desk: Contract) -> None:
    member = getattr(cast, who)
    fitting = {Duty.ACCOUNT_MANAGER: cast.marco, Duty.PROCUREMENT: cast.petra, Duty.VENDOR_CONTACT: cast.ravi}
    for duty in Duty:
        with scope_of(member):
            if duty in duties:
                assign_owner(by=member, contract=desk, duty=duty, member=fitting[duty], now=NOON)
                continue
            with pytest.raises(NotAllowed):
                assign_owner(by=member, contract=desk, duty=duty, member=fitting[duty], now=NOON)
    with scope_of(cast.aldermoor):
        assert sorted(Owner.objects.values_list("duty", flat=True)) == sorted(duties)


def test_an_account_manager_hands_over_what_is_theirs(
    cast: Cast, scope_of: Scopes, desk: Contract, ben: Membership
) -> None:
    assert not may_assign(Role.ACCOUNT_MANAGER, Duty.ACCOUNT_MANAGER, in_charge=False)
    with scope_of(cast.marco):
        make.owner(desk, cast.marco)
        given = {"by": cast.marco, "contract": desk, "now": NOON}
        assign_owner(duty=Duty.VENDOR_CONTACT, member=cast.vera, **given)
        assign_owner(duty=Duty.ACCOUNT_MANAGER, member=ben, **given)
        with pytest.raises(NotAllowed, match="not in charge"):
            assign_owner(duty=Duty.ACCOUNT_MANAGER, member=cast.marco, **given)


def test_what_was_seen_must_still_be_so(cast: Cast, scope_of: Scopes, desk: Contract, ben: Membership) -> None:
    with scope_of(cast.petra):
        given = {"by": cast.petra, "contract": desk, "duty": Duty.ACCOUNT_MANAGER, "now": NOON}
        first = assign_owner(member=cast.marco, seen="", **given)
        for stale in ("", "0", "x"):
            with pytest.raises(Conflict):
                assign_owner(member=ben, seen=stale, **given)
        assert charge(desk, Duty.ACCOUNT_MANAGER).owner.member_id == cast.marco.pk  # type: ignore[union-attr]
        away = assign_owner(member=cast.marco, absence=Absence(ben, TODAY, TODAY + DAY), seen=first.version, **given)
        assert away.version != first.version
        # Nothing changes: the same rows, the same version.
        again = assign_owner(member=cast.marco, absence=Absence(ben, TODAY, TODAY + DAY), seen=away.version, **given)
        assert again.version == away.version


def test_mine_is_what_one_holds_or_stands_in_for(cast: Cast, scope_of: Scopes, ben: Membership) -> None:
    with scope_of(cast.aldermoor):
        held, deputised, later, others = (make.contract(cast.corvid) for _ in range(4))
        make.owner(held, ben, starts_on=TODAY)
        make.owner(deputised, cast.marco)
        make.owner(deputised, ben, is_deputy=True, starts_on=TODAY, ends_on=TODAY)
        make.owner(later, ben, starts_on=TODAY + DAY)
        make.owner(others, cast.marco)

        def mine(member: Membership) -> set[Contract]:
            return set(Contract.objects.mine(member.pk, NOON))

        assert mine(ben) == {held, deputised}
        assert mine(cast.marco) == {deputised, others}  # who is away still has their own
        # Another role, or no place any more: in charge of nothing.
        Membership.objects.filter(pk=ben.pk).update(role=Role.AUDITOR)
        assert mine(ben) == set()
        Membership.objects.filter(pk=cast.marco.pk).update(is_active=False)
        assert mine(cast.marco) == set()


def test_of_two_who_name_somebody_at_one_moment_one_is_told_so(
    cast: Cast, scope_of: Scopes, desk: Contract, ben: Membership
) -> None:
    done: list[bool] = []

    def overtake(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "contracts_owner"') and not done:
            done.append(True)
            make.owner(desk, ben, starts_on=TODAY)
        return execute(sql, *rest)

    with scope_of(cast.petra):
        with connection.execute_wrapper(overtake), pytest.raises(Conflict, match="at the same moment"):
            assign_owner(by=cast.petra, contract=desk, duty=Duty.ACCOUNT_MANAGER, member=cast.marco, now=NOON)
        assert done and not Owner.objects.exists()
