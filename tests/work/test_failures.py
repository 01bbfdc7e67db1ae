"""Contracts that cannot be worked out hold up no other, are tried again later and later, and say why."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections

from config import tasks
from contracts.actions import mark_for_reevaluation
from contracts.models import Reevaluation
from evaluation.models import Result
from measurements.actions import import_figures
from scorecards.models import Scorecard
from slas.actions import import_contract
from slas.models import Terms
from tests.work.conftest import CONTRACT, ENTERED, FIGURES, TODAY

TOO_LARGE = "9" * 40  # a weight that makes points which no column holds


@pytest.fixture
def sign(desk, cast, scope_of):
    """`sign("MSA-2", weight=…)`: another contract of the same terms and figures."""

    def signed(reference, weight=None):
        with scope_of(cast.aldermoor):
            contract = import_contract(by=None, source=CONTRACT.replace("MSA-2024-017", reference))
            given = {"source": FIGURES.encode(), "filename": "f.csv", "accept": True, "now": ENTERED}
            import_figures(by=None, contract=contract, **given)
            if weight:
                weigh(contract, weight)
            return contract

    return signed


def weigh(contract, weight):
    terms = Terms.objects.get(service_level__contract=contract)
    terms.full["weight"] = weight
    terms.save()
    mark_for_reevaluation(contract, contract.starts_on)


def queue(of):
    return Reevaluation.objects.get(contract=of)


def judged(contract):
    return Result.objects.filter(contract=contract).exists()


def tries(monkeypatch):
    """The contracts of each share that is judged from now on."""
    shares, judge = [], tasks.evaluation.actions.judge

    def noted(requests, **given):
        shares.append([one.contract_id for one in requests])
        return judge(requests, **given)

    monkeypatch.setattr("evaluation.actions.judge", noted)
    return shares


def test_it_holds_up_no_other_and_comes_last_and_alone(desk, sign, work, cast, scope_of, clock, caplog, monkeypatch):
    desk.report()
    with scope_of(cast.aldermoor):
        weigh(desk.contract, TOO_LARGE)
    other = sign("MSA-2024-018")
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert judged(other) and not judged(desk.contract)
        row = queue(desk.contract)
        assert (row.failures, row.failed_step, row.failing_since) == (1, "judge", TODAY)
        assert row.failed_because == "22003: numeric field overflow"
        assert row.from_on and row.try_at == TODAY + timedelta(minutes=1)
        assert queue(other).failures == 0
        mark_for_reevaluation(other, other.starts_on)
    assert f"Contract {desk.contract.pk} cannot be worked out (judge)." in caplog.text
    clock(TODAY + timedelta(minutes=2))
    shares = tries(monkeypatch)
    work(cast.aldermoor)
    assert shares == [[other.pk], [desk.contract.pk]]


def test_it_is_tried_again_later_and_later_at_last_every_six_hours(desk, work, cast, scope_of, clock, monkeypatch):
    desk.report()
    with scope_of(cast.aldermoor):
        weigh(desk.contract, TOO_LARGE)
    now, waits = TODAY, []
    for _ in range(11):
        work(cast.aldermoor)
        shares = tries(monkeypatch)
        with scope_of(cast.aldermoor):
            row = queue(desk.contract)
        waits.append((row.try_at - now) // timedelta(minutes=1))
        clock(row.try_at - timedelta(seconds=1))
        work(cast.aldermoor)
        assert shares == []  # not before its time
        monkeypatch.undo()
        now = row.try_at
        clock(now)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    with scope_of(cast.aldermoor):
        assert queue(desk.contract).failing_since == TODAY


def test_once_corrected_it_is_judged_at_once_and_nothing_is_left_of_it(desk, work, cast, scope_of):
    desk.report()
    with scope_of(cast.aldermoor):
        weigh(desk.contract, TOO_LARGE)
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        weigh(desk.contract, "1")
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert judged(desk.contract)
        row = queue(desk.contract)
        assert (row.failures, row.failed_step, row.failed_because) == (0, "", "")
        assert row.failing_since is row.try_at is row.from_on is None


def test_fifty_of_them_stop_nobody(sign, work, cast, scope_of, clock, monkeypatch):
    bad = [sign(f"A-{number:02}", TOO_LARGE) for number in range(50)]
    good = [sign(f"B-{number:02}") for number in range(3)]
    work(cast.aldermoor)
    work(cast.aldermoor)  # the first share was full: a run of its own is asked for
    with scope_of(cast.aldermoor):
        assert all(judged(one) for one in good)
        assert Reevaluation.objects.filter(failures=1).count() == len(bad)
        for one in good:
            mark_for_reevaluation(one, one.starts_on)
    clock(TODAY + timedelta(minutes=5))
    shares = tries(monkeypatch)
    work(cast.aldermoor)
    work(cast.aldermoor)
    assert shares[0] == [one.pk for one in good]
    assert sorted(shares[1:]) == [[one.pk] for one in bad]


# Each kind of refusal, made by the database itself: (a change of the schema, what is refused).
REFUSALS = {
    "a constraint": (
        "ALTER TABLE evaluation_result ADD CONSTRAINT wrong CHECK (contract_id <> {contract})",
        "23514: new row for relation",
    ),
    "a function that is not there": (
        "CREATE FUNCTION wrong() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN IF NEW.contract_id = {contract} THEN PERFORM nowhere(); END IF; RETURN NEW; END'; "
        "CREATE TRIGGER wrong BEFORE INSERT ON evaluation_result FOR EACH ROW EXECUTE FUNCTION wrong()",
        "42883: function nowhere() does not exist",
    ),
}
UNDO = """
ALTER TABLE evaluation_result DROP CONSTRAINT IF EXISTS wrong;
ALTER TABLE scorecards_scorecard DROP CONSTRAINT IF EXISTS wrong;
DROP TRIGGER IF EXISTS wrong ON evaluation_result;
DROP FUNCTION IF EXISTS wrong()
"""


@contextmanager
def changed(schema):
    """The database's owner has changed the schema meanwhile."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(schema)
        try:
            yield
        finally:
            cursor.execute(UNDO)


@pytest.mark.parametrize("kind", REFUSALS)
def test_whatever_the_database_refuses_stops_no_organisation(kind, committed, desk, sign, work, cast, scope_of):
    """Errors of integrity and of programming, not only of data."""
    desk.report()
    other = sign("MSA-2024-018")
    change, because = REFUSALS[kind]
    with changed(change.format(contract=desk.contract.pk)):
        work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert judged(other) and not judged(desk.contract)
        assert queue(desk.contract).failed_because.startswith(because)


def test_what_is_wrong_around_it_is_no_fault_of_a_contract(desk, cast, scope_of, monkeypatch):
    """A connection that is lost in the middle ends the step; the contract is not blamed."""
    desk.report()

    def lost(*_, **__):
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$")

    monkeypatch.setattr("evaluation.actions.judge", lost)
    with pytest.raises(tasks.WorkFailed, match=r"plumbline\.judge"):
        tasks.work(cast.aldermoor.pk)
    with scope_of(cast.aldermoor):
        assert queue(desk.contract).failures == 0


def test_a_scorecard_that_cannot_be_built_holds_up_no_other(committed, desk, sign, work, cast, scope_of):
    desk.report()
    other = sign("MSA-2024-018")
    with changed(f"ALTER TABLE scorecards_scorecard ADD CONSTRAINT wrong CHECK (contract_id <> {desk.contract.pk})"):
        work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Scorecard.objects.filter(contract=other).exists()
        assert not Scorecard.objects.filter(contract=desk.contract).exists()
        row = queue(desk.contract)
        assert (row.failed_step, row.failures) == ("score", 1)
        Reevaluation.objects.update(try_at=None)
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Scorecard.objects.filter(contract=desk.contract).exists()
        assert queue(desk.contract).failures == 0


# What people see ---------------------------------------------------------------------------------------------------


def test_the_contracts_page_says_since_when_why_and_what_to_do(desk, work, cast, scope_of, client_for):
    client = client_for(cast.marco)
    desk.report()
    assert "cannot be judged" not in client.get(f"contracts/{desk.contract.pk}/").content.decode()
    with scope_of(cast.aldermoor):
        weigh(desk.contract, TOO_LARGE)
    work(cast.aldermoor)
    page = client.get(f"contracts/{desk.contract.pk}/").content.decode()
    assert "This contract cannot be judged since Tue 16 Jul 2024, 09:00 UTC." in page
    assert "A number becomes too large to be kept (22003: numeric field overflow)." in page
    assert (
        "Next try: Tue 16 Jul 2024, 09:01 UTC. Look for a weight, a factor, a charge or a figure with too many digits."
        in page
    )
    vendors = client_for(cast.vera).get(f"contracts/{desk.contract.pk}/")
    assert vendors.status_code == 200 and "cannot be judged" not in vendors.content.decode()
