"""What the workers do. `plumbline.work` brings one organisation up to date; `plumbline.tick` asks for it everywhere,
that is each minute (`settings.TICK_SECONDS`), and `nightly` for what is enough once a day.

Each step is one transaction in a scope of its own, finds its work by query and may run twice without harm. The order is that of
consequence, so that an acceptance shows in the same run as judgement, score, breach, credit, alert and e-mail.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import uuid4

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.utils.log import get_task_logger
from django.conf import settings
from django.db import DatabaseError

import agreements.actions
import api.repeats
import audit.actions
import breaches.actions
import credits.actions
import disputes.actions
import evaluation.actions
import exports.actions
import files.actions
import files.registry
import measurements.actions
import notifications.actions
import organisations.sessions
import scorecards.actions
import slas.actions
from config.due import work_is_due
from evaluation import follow_up
from evaluation.pipeline import SHARE
from lib import clock
from lib.wakeup import (
    ACCOUNT_LETTERS,
    VERIFY_FILE,
    WORK,
    begin,
    give_seat,
    keep_seat,
    leave_note,
    ring,
    take_note,
    take_seat,
    wake_workers,
)
from notifications.email import AttachedFile, EventLine
from organisations import heartbeats
from organisations.actions import settings_in_scope
from organisations.models import Membership, Organisation
from organisations.scope import Scope, open_scope
from organisations.tasks import Job, ScopedTask
from reporting.pages.receipt_document import receipt_of_notice

log = get_task_logger(__name__)

DELIVER = "plumbline.deliver"
NIGHT = timedelta(hours=3, minutes=7)  # after midnight, UTC


class WorkFailed(RuntimeError):
    """Steps failed whose errors have been logged. The next beat tries again."""


@shared_task(base=Job, name="plumbline.put_in_force")
def put_in_force(organisation_id: int) -> int:
    """First of all: what is in force from today on is what today is judged by."""
    return agreements.actions.put_in_force(now=clock.database_now())


@shared_task(base=Job, name="plumbline.tell_of_revisions")
def tell_of_revisions(organisation_id: int) -> int:
    """Revisions that somebody has to decide on, or that were decided on; contracts that end soon."""
    now = clock.database_now()
    return agreements.actions.tell(now=now) + agreements.actions.tell_endings(now=now)


# Each contract is held by its row in the re-evaluation queue, so that several workers can judge and score a large organisation at once.
# One share, then the next ring is for whoever is idle: between two shares every other organisation that waits has its turn.
@shared_task(base=Job, name="plumbline.judge", alone=False)
def judge(organisation_id: int) -> int:
    tried, more = evaluation.actions.judge_share(now=clock.database_now(), limit=SHARE)
    if more:
        wake_workers(organisation_id)
    return tried


@shared_task(base=Job, name="plumbline.score", alone=False)
def score(organisation_id: int) -> int:
    tried = scorecards.actions.build_due(now=clock.database_now(), limit=SHARE)
    if tried == SHARE:
        wake_workers(organisation_id)
    return tried


@shared_task(base=Job, name="plumbline.open")
def open_breaches(organisation_id: int) -> int:
    return _followed_up(organisation_id, breaches.actions.open_due, breaches.actions.OPEN_STEP)


@shared_task(base=Job, name="plumbline.verify")
def verify(organisation_id: int) -> int:
    return breaches.actions.verify_due(now=clock.database_now())


@shared_task(base=Job, name="plumbline.climb")
def climb(organisation_id: int) -> int:
    return breaches.actions.climb_due(now=clock.database_now())


@shared_task(base=Job, name="plumbline.accept")
def accept(organisation_id: int) -> int:
    return disputes.actions.accept_due(now=clock.database_now())


@shared_task(base=Job, name="plumbline.escalate")
def escalate(organisation_id: int) -> int:
    return disputes.actions.escalate_due(now=clock.database_now())


@shared_task(base=Job, name="plumbline.post")
def post(organisation_id: int) -> int:
    return _followed_up(organisation_id, credits.actions.post_due, credits.actions.POST_STEP)


@shared_task(base=Job, name="plumbline.alert")
def alert(organisation_id: int) -> int:
    return _followed_up(organisation_id, breaches.actions.alert_due, breaches.actions.ALERT_STEP)


@shared_task(base=Job, name="plumbline.make_packs")
def make_packs(organisation_id: int) -> int:
    """One step of one review pack; the next one is for whoever is idle."""
    made = scorecards.actions.make_due(now=clock.database_now())
    if made:
        wake_workers(organisation_id)
    return made


@shared_task(base=Job, name="plumbline.work_out_bulk")
def work_out_bulk(organisation_id: int) -> int:
    """The same change over many contracts: some of them; the next ones are for whoever is idle."""
    done = agreements.actions.work_out_due(now=clock.database_now())
    if done:
        wake_workers(organisation_id)
    return done


# It is read in the scope of whoever asked for it, and kept in the system's.
@shared_task(base=ScopedTask, bind=True, name="plumbline.make_tables")
def make_tables(self: ScopedTask, organisation_id: int) -> int:
    """One large table that somebody asked for; the next one is for whoever is idle."""

    def scope(member: Membership | None) -> AbstractContextManager[Scope]:
        return self.scope(organisation_id) if member is None else self.scope_of(member)

    made = exports.actions.make_table(scope=scope, now=clock.database_now())
    if made:
        wake_workers(organisation_id)
    return made


def _followed_up(organisation_id: int, act: Callable[..., int], step: str) -> int:
    """What the step did about the contracts that it takes at a time; where there are more, they are for whoever is idle."""
    now = clock.database_now()
    done = act(now=now)
    if follow_up.is_behind(step, now=now):
        wake_workers(organisation_id)
    return done


# It has a lock of its own, against those who write to the trail.
@shared_task(base=Job, name="plumbline.seal", alone=False)
def seal(organisation_id: int) -> int:
    sealed = audit.actions.seal(now=clock.database_now())
    if sealed == audit.actions.BATCH_SIZE:
        wake_workers(organisation_id)
    return sealed


@shared_task(base=Job, name="plumbline.ask_for_delivery", alone=False)
def ask_for_delivery(organisation_id: int) -> int:
    """Letters have a queue and processes of their own (`config.settings`): a slow mail server must not hold up the judgement."""
    now = clock.database_now()
    due = notifications.actions.delivery_due(now=now) or notifications.actions.invitations_due(now=now)
    if due:
        ring(DELIVER, organisation_id)
    return int(due)


# It takes no turn: letters are claimed, so any number of workers may do this at once.
@shared_task(base=ScopedTask, bind=True, name=DELIVER)
def deliver(self: ScopedTask, organisation_id: int, number: int | None = None) -> int:
    if not begin(DELIVER, organisation_id, number):
        return 0
    # Invitations first: they are few, and somebody waits for each.
    invitations = notifications.actions.deliver_invitations(scope=lambda: self.scope(organisation_id))
    return invitations + notifications.actions.deliver(scope=lambda: self.scope(organisation_id), attach=attach)


def attach(line: EventLine, organisation: str) -> AttachedFile | None:
    """What goes with the letter of a notice: with a receipt its PDF."""
    made = receipt_of_notice(line.path, organisation) if line.kind == "receipt" else None
    return AttachedFile(made.name, made.content) if made else None


STEPS: tuple[Callable[[int], object], ...] = (
    put_in_force,
    accept,
    judge,
    score,
    open_breaches,
    verify,
    climb,
    post,
    escalate,
    alert,
    tell_of_revisions,
    make_packs,
    work_out_bulk,
    make_tables,
    ask_for_delivery,
    seal,
)


@shared_task(name=WORK)
def work(organisation_id: int, number: int | None = None) -> None:
    """Do what is due for an organisation, as much as is done in one go. A step that fails does not keep the others from their work.

    `number`: of the ring; a ring that a worker has begun to answer since is void.
    """
    worker = uuid4().hex
    if not _seated(organisation_id, worker):
        return
    try:
        failed = _steps(organisation_id, worker) if begin(WORK, organisation_id, number) else []
    finally:
        give_seat(organisation_id, worker)
    if take_note(organisation_id):  # somebody came meanwhile, found a turn or all seats taken and left
        ring(WORK, organisation_id)
    if failed:
        raise WorkFailed(", ".join(failed))


def _seated(organisation_id: int, worker: str) -> bool:
    """Whether there is a seat for one more worker. Who finds none leaves a note and tries once more: either a seat is free by then, or
    whoever has it has not looked for the note yet. Nobody waits, so that some workers are always there for other organisations."""
    most = settings.WORKERS_PER_ORGANISATION
    if take_seat(organisation_id, worker, most):
        return True
    leave_note(organisation_id)
    return take_seat(organisation_id, worker, most)


def _steps(organisation_id: int, worker: str) -> list[str]:
    """The names of the steps that failed."""
    failed = []
    for step in STEPS:
        keep_seat(organisation_id, worker)
        try:
            step(organisation_id)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("%s failed for organisation %s.", step.name, organisation_id)  # type: ignore[attr-defined]
            failed.append(step.name)  # type: ignore[attr-defined]
    return failed


@shared_task(name="plumbline.tick")
def tick() -> None:
    """Wake the workers for every organisation that has something to do: whatever wake-up was lost, its work is found now.

    Of calls that were sent by two beats, or have piled up while no worker was there, one is enough. What decides is the database's time:
    the clocks of beat and worker may differ by more than a call would be allowed to wait.
    """
    now = clock.database_now()
    if not heartbeats.claim("tick", now=now, before=now - timedelta(seconds=settings.TICK_SECONDS / 2)):
        return
    hear.apply_async(retry=False)
    for organisation_id in _organisations():
        if is_due(organisation_id, now):
            ring(WORK, organisation_id)
    account_letters.apply_async(retry=False)
    if heartbeats.claim("reminders", now=now, before=now.replace(minute=0, second=0, microsecond=0)):
        for organisation_id in _organisations():
            remind.apply_async(args=[organisation_id], retry=False)
    night_began = (now - NIGHT).replace(hour=0, minute=0, second=0, microsecond=0) + NIGHT
    if heartbeats.claim("night", now=now, before=night_began):
        nightly()


def is_due(organisation_id: int, now: datetime) -> bool:
    """Whether a tick has to wake the workers for an organisation; also where nobody can tell."""
    try:
        with open_scope(organisation_id=organisation_id, request_id="tick"):
            return work_is_due(now=now)
    except DatabaseError:
        log.exception("Nobody knows whether there is work for organisation %s.", organisation_id)
        return True


@shared_task(name="plumbline.hear")
def hear() -> None:
    """A sign of life of whoever takes the queue of letters, which may have nothing to do for days (`config.health`)."""
    heartbeats.note("mail", now=clock.database_now())


@shared_task(name=ACCOUNT_LETTERS)
def account_letters() -> None:
    """Letters about accounts, which are no organisation's."""
    notifications.actions.deliver_account_letters()


@shared_task(name="plumbline.forget")
def forget() -> None:
    """Sessions and counts that have run out."""
    organisations.sessions.purge(now=clock.database_now())


@shared_task(base=Job, name="plumbline.purge_orphans")
def purge_orphans(organisation_id: int) -> int:
    now = clock.database_now()
    swept = files.actions.purge_orphans(now=now) + measurements.actions.sweep_batches(now=now)
    swept += exports.actions.expire_tables(now=now)
    return swept + files.actions.scan_files(now=now) + api.repeats.forget_calls(now=now)


@shared_task(base=ScopedTask, bind=True, name=VERIFY_FILE)
def verify_file(self: ScopedTask, organisation_id: int, table: str, file_id: int) -> int:
    """Somebody was refused a file that is damaged: look again, and tell the administrators."""
    with self.scope(organisation_id):
        return len(files.actions.verify_files(files.registry.table(table), only=file_id, now=clock.database_now())[0])


@shared_task(base=Job, name="plumbline.remind")
def remind(organisation_id: int) -> int:
    """Each hour, since it is morning at another hour in each organisation; what was reminded of on a day is not again."""
    told = breaches.actions.remind_due(now=clock.database_now())
    if told:
        wake_workers(organisation_id)
    return told


@shared_task(base=Job, name="plumbline.look_again", alone=False)
def look_again(organisation_id: int) -> int:
    """Each step looks at every contract once more, whatever it has noted as seen: what a fault or a restored backup hid is found."""
    wake_workers(organisation_id)
    slas.actions.look_over()
    return follow_up.look_again()


@shared_task(base=Job, name="plumbline.forget_old")
def forget_old(organisation_id: int) -> int:
    """What the organisation no longer wants to keep."""
    kept, now = settings_in_scope(), clock.database_now()
    expired = files.actions.expire_files(years=kept.keep_evidence_years, now=now)
    entries = audit.actions.forget_entries(years=kept.keep_trail_years, now=now)
    return expired + entries + notifications.actions.forget_letters(days=kept.keep_mail_days, now=now)


def nightly() -> None:
    """What is enough once a day, for every organisation."""
    for organisation_id in _organisations():
        purge_orphans.apply_async(args=[organisation_id], retry=False)
        look_again.apply_async(args=[organisation_id], retry=False)
        forget_old.apply_async(args=[organisation_id], retry=False)
    forget.apply_async(retry=False)


def _organisations() -> list[int]:
    # A list: a cursor on the server lives in one transaction, and behind a pooler the next one is another session's.
    return list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
