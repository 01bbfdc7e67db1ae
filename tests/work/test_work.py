"""One ring brings an organisation up to date; the second finds nothing to do."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, connections

from breaches.models import Breach
from breaches.rules import Status
from config import tasks
from credits.actions import verification
from credits.models import LedgerEntry
from credits.rules import EntryKind
from evaluation.models import Month, Result
from lib import formats
from notifications.models import Event, Notification
from organisations.scope import current
from scorecards.actions import build_due
from scorecards.models import Scorecard
from slas.actions import import_contract
from tests.factories.organisations import settings
from tests.work.conftest import CONTRACT, TODAY

TABLES = (
    "evaluation_result",
    "evaluation_pastresult",
    "evaluation_month",
    "evaluation_triggeredrule",
    "scorecards_scorecard",
)
TABLES += (
    "breaches_breach",
    "breaches_ledgerentry",
    "notifications_event",
    "notifications_notification",
    "audit_entry",
    "audit_seal",
)


def versions():
    """Every row of every table that the work writes, with the transaction that wrote it last."""
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{table}', id, xmin::text, ctid::text FROM {table}" for table in TABLES)
        )
        return sorted(cursor.fetchall())


def test_from_accepted_figures_to_mail(desk, work, cast, scope_of):
    desk.report()
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Result.objects.filter(streak__gt=0).count() == 2
        assert Scorecard.objects.exists()
        breaches = {breach.month.month: breach.status for breach in Breach.objects.all()}
        assert breaches == {5: Status.OPEN, 6: Status.OPEN}
        accrued = LedgerEntry.objects.filter(kind=EntryKind.ACCRUAL).order_by("month")
        # May: 1 point of 0.5 % of 200,000; June: 2 points doubled is 4, capped at 1.5 %; July is not due yet.
        assert [(entry.month.month, entry.amount) for entry in accrued] == [(4, 0), (5, 1000), (6, 3000)]
        assert LedgerEntry.objects.get(kind=EntryKind.FORGONE).capped_amount == 1000
        june = Event.objects.get(kind="breach", detail__contains="June")
        assert june.title == "Incidents resolved on time below target"
        assert june.detail == "Corvid Systems · June 2024 · 89.0% against 95%, as judged on 16 Jul 2024"
        assert not Notification.objects.unsent().exists()
    told = {message.to[0] for message in mail.outbox if message.subject.startswith("Incidents")}
    assert told == {"marco@example.test", "vera@example.test", "ravi@example.test"}


def test_letters_are_written_as_the_organisation_s_pages_are(desk, work, cast, scope_of):
    with scope_of(cast.aldermoor):
        settings(number_style="space_comma", day_style="year_first")
    desk.report()
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        june = Event.objects.get(kind="breach", detail__contains="June")
        assert june.detail == "Corvid Systems · June 2024 · 89,0% against 95%, as judged on 2024-07-16"
    assert any("89,0%" in message.body for message in mail.outbox)
    assert formats.active() == formats.USUAL


def test_the_second_time_nothing_is_written(desk, work, cast, scope_of):
    desk.report()
    work(cast.aldermoor)
    before = written(cast, scope_of)
    sent = len(mail.outbox)
    work(cast.aldermoor)
    assert written(cast, scope_of) == before
    assert len(mail.outbox) == sent


def written(cast, scope_of):
    with scope_of(cast.aldermoor):
        return versions()


def test_a_correction_restates_adjusts_and_says_why(desk, work, cast, scope_of):
    desk.report()
    work(cast.aldermoor)
    desk.correct(date(2024, 5, 1), 96)
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert {b.month.month: b.status for b in Breach.objects.all()} == {5: Status.RESTATED, 6: Status.OPEN}
        adjusted = LedgerEntry.objects.filter(kind=EntryKind.ADJUSTMENT).order_by("month")
        # June is no repeat any more: 2 points are 2,000 instead of 3,000 after the cap.
        assert [(entry.month.month, entry.amount, entry.posted_in.month) for entry in adjusted] == [
            (5, Decimal(-1000), 7),
            (6, Decimal(-1000), 7),
        ]
        assert [entry.reason for entry in adjusted] == [
            "Figures corrected: Two tickets were counted twice",
            "Figures corrected: Two tickets were counted twice (May 2024)",
        ]
        assert LedgerEntry.objects.filter(kind=EntryKind.FORGONE).by_month()[0]["capped_amount"] == 0
        for month in Month.objects.filter(month__lt=date(2024, 7, 1)):
            assert desk.contract.ledger.filter(month=month.month).balance() == month.credit
        assert Event.objects.get(kind="restated").detail.endswith("Figures corrected: Two tickets were counted twice")
    before = written(cast, scope_of)
    work(cast.aldermoor)
    assert written(cast, scope_of) == before


def test_a_late_report_is_restated_the_same_way(desk, work, cast, scope_of):
    head = "service_level,period,numerator,denominator"
    desk.report(f"{head}\nSL-01,2024-04,97,100\n")
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Event.objects.filter(kind="late").count() == 1  # June; May was due longer ago than anybody wants to know
        assert desk.contract.ledger.balance() == 0
    desk.report(f"{head}\nSL-01,2024-05,91,100\n")
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        entry = LedgerEntry.objects.get(kind=EntryKind.ADJUSTMENT)
        assert (entry.month.month, entry.amount, entry.reason) == (5, 1000, "Reported late")
        assert Breach.objects.get().status == Status.OPEN


def test_the_ledger_is_verified_and_a_difference_is_named(desk, work, cast, scope_of, capsys):
    desk.report()
    with scope_of(cast.aldermoor):
        before = versions()
    call_command("verify_ledger")
    with scope_of(cast.aldermoor):
        assert versions() == before
    assert "The ledger agrees." in capsys.readouterr().out
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        before = versions()
    call_command("verify_ledger", organisation="aldermoor")
    assert "aldermoor: 3 months judged again" in capsys.readouterr().out
    with scope_of(cast.aldermoor):
        assert versions() == before
        Month.objects.filter(month=date(2024, 5, 1)).update(credit=999)
        for month, amount in ((date(2024, 4, 1), 5), (date(2023, 12, 1), 7), (date(2023, 11, 1), 0)):
            LedgerEntry.objects.create(
                vendor=desk.contract.vendor,
                contract=desk.contract,
                month=month,
                posted_in=date(2024, 7, 1),
                kind=EntryKind.ADJUSTMENT,
                amount=amount,
                capped_amount=0,
            )
    with pytest.raises(CommandError) as found:
        call_command("verify_ledger")
    assert found.value.returncode == 1
    assert str(found.value).splitlines() == [
        "aldermoor: MSA-2024-017 2024-05: the stored credit is 999.0000, should be 1,000.0000",
        "aldermoor: MSA-2024-017 2024-04: the posted credit is 5.0000, should be 0.0000",
        "aldermoor: MSA-2024-017 2023-12: the posted credit is 7.0000, should be 0.0000",
    ]
    with pytest.raises(CommandError, match="no organisation at the address nowhere"):
        call_command("verify_ledger", organisation="nowhere")


def test_the_ledger_is_verified_a_share_at_a_time_while_nobody_else_judges_it(
    committed, desk, work, cast, scope_of, capsys, monkeypatch
):
    desk.report()
    with scope_of(cast.aldermoor):
        other = import_contract(by=None, source=CONTRACT.replace("MSA-2024-017", "MSA-2024-018"))
    work(cast.aldermoor)
    shares, judge = [], verification.judge

    def judged(requests, **given):
        with connections["owner"].cursor() as elsewhere:
            elsewhere.execute("SELECT contract_id FROM contracts_reevaluation FOR UPDATE SKIP LOCKED")
            shares.append(([one.contract_id for one in requests], [contract for (contract,) in elsewhere.fetchall()]))
        return judge(requests, **given)

    monkeypatch.setattr(verification, "judge", judged)
    monkeypatch.setattr("credits.management.commands.verify_ledger.SHARE", 1)
    call_command("verify_ledger")
    first, second = desk.contract.pk, other.pk
    assert shares == [([first], [second]), ([second], [first])]
    assert "The ledger agrees." in capsys.readouterr().out


def test_what_is_still_to_be_judged_is_left_out_of_the_check(desk, work, cast, scope_of, capsys):
    desk.report()
    work(cast.aldermoor)
    desk.correct(date(2024, 5, 1), 96)
    call_command("verify_ledger")
    assert "MSA-2024-017 has changes that are still to be judged; left out." in capsys.readouterr().out


def test_a_month_that_was_not_posted_is_a_difference(desk, cast, scope_of):
    desk.report()
    tasks.judge(cast.aldermoor.pk)
    with pytest.raises(CommandError, match="2024-05: the posted credit is missing, should be 1,000"):
        call_command("verify_ledger")


def test_a_step_that_fails_keeps_no_other_from_its_work(desk, work, cast, scope_of, monkeypatch):
    desk.report()

    def broken(**_):
        raise ZeroDivisionError

    monkeypatch.setattr("scorecards.actions.build_due", broken)
    with pytest.raises(tasks.WorkFailed, match=r"^plumbline\.score$"):
        work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Breach.objects.count() == 2
        assert not Scorecard.objects.exists()
    monkeypatch.undo()


def test_out_of_time_is_out_of_time(work, cast, monkeypatch):
    def slow(**_):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("breaches.actions.open_due", slow)
    with pytest.raises(SoftTimeLimitExceeded):
        work(cast.aldermoor)


@pytest.fixture
def called(monkeypatch, redis_url):
    """What was asked of the workers: task and organisation."""
    calls = []

    def noted(task):
        return lambda args=(), **_: calls.append((task.name, *args))

    for task in (tasks.hear, tasks.purge_orphans, tasks.look_again, tasks.forget_old):
        monkeypatch.setattr(task, "apply_async", noted(task))
    monkeypatch.setattr(tasks, "ring", lambda *call: calls.append(call))
    return calls


def test_a_tick_calls_for_every_organisation_that_has_something_to_do(desk, work, cast, scope_of, called):
    with scope_of(cast.brightwater):
        import_contract(by=None, source=CONTRACT)
    tasks.tick()
    rings = [("plumbline.work", cast.aldermoor.pk), ("plumbline.work", cast.brightwater.pk)]
    assert [call for call in called if call[0] == "plumbline.work"] == rings
    assert called[0] == ("plumbline.hear",)


def test_ticks_that_piled_up_are_one(cast, called, clock):
    """Two beats, or a day without a worker. The database's time decides, so a worker whose clock is ahead takes each tick, too."""
    clock(TODAY)
    tasks.tick()
    called.clear()
    tasks.tick()
    assert called == []
    clock(TODAY + timedelta(seconds=60))
    tasks.tick()
    assert called


def test_a_sign_of_life_from_the_future_counts_as_none(cast, called, clock):
    clock(TODAY + timedelta(days=40))
    tasks.tick()
    called.clear()
    clock(TODAY)
    tasks.tick()
    assert called


def test_each_night_what_uploads_left_behind_is_swept_everywhere_once(cast, called, clock, monkeypatch):
    def swept():
        called.clear()
        tasks.tick()
        return [organisation for task, *organisation in called if task == "plumbline.purge_orphans"]

    everywhere = [[cast.aldermoor.pk], [cast.brightwater.pk]]
    for hours, expected in ((0, everywhere), (1, []), (18, []), (18.2, everywhere), (30, []), (42.2, everywhere)):
        clock(TODAY + timedelta(hours=hours))  # from 9 o'clock on
        assert swept() == expected, hours
    reached = []
    monkeypatch.setattr("files.actions.purge_orphans", lambda **_: reached.append(current().organisation_id) or 0)
    tasks.purge_orphans(cast.brightwater.pk)
    assert reached == [cast.brightwater.pk]


def test_work_for_one_organisation_is_not_done_for_another(desk, work, cast, scope_of):
    desk.report()
    work(cast.brightwater)
    with scope_of(cast.aldermoor):
        assert not Result.objects.exists()


def test_the_alert_after_an_outage(desk, work, cast, scope_of, clock):
    desk.report()
    clock(TODAY + timedelta(days=30))
    work(cast.aldermoor)
    with scope_of(cast.aldermoor):
        assert Event.objects.filter(kind="breach").count() == 2


def test_scorecards_are_built_a_share_at_a_time(desk, cast, scope_of, monkeypatch):
    """Whoever reports on a contract waits as long as it is held."""
    desk.report()
    with scope_of(cast.aldermoor):
        import_contract(by=None, source=CONTRACT.replace("MSA-2024-017", "MSA-2024-018"))
    assert tasks.judge(cast.aldermoor.pk) == 2
    with scope_of(cast.aldermoor):
        assert build_due(now=TODAY, limit=1) == 1
        assert Scorecard.objects.values("contract").distinct().count() == 1
    monkeypatch.setattr(tasks, "SHARE", 1)
    monkeypatch.setattr(tasks, "wake_workers", lambda _: None)
    assert tasks.score(cast.aldermoor.pk) == 1
    with scope_of(cast.aldermoor):
        assert Scorecard.objects.values("contract").distinct().count() == 2
        assert build_due(now=TODAY) == 0
