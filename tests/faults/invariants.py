"""What must hold after any fault, whatever happened before: `broken(…)` says in words what does not."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from email import message_from_string
from pathlib import Path
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import connection, connections, transaction
from django.utils import timezone

import audit.actions
import audit.models
import credits.actions
from breaches.models import Breach
from breaches.rules import HISTORY_NOTE, Status
from contracts.models import Contract, Reevaluation
from evaluation.actions import judge
from evaluation.models import Result
from evaluation.pipeline import EvaluationRequest
from lib.exact_json import ExactDecoder
from measurements.models import Submission
from notifications.models import Event, Notification
from organisations import row_security
from organisations.models import Membership, Organisation
from organisations.rules import Role
from organisations.scope import open_scope
from tests.faults.visitor import Write


def settled(organisation: Organisation) -> bool:
    """Whether nothing is left to do, as far as that can be seen cheaply."""
    with open_scope(organisation_id=organisation.pk):
        to_judge = Reevaluation.objects.exclude(from_on=None) | Reevaluation.objects.filter(judged_on=None)
        if to_judge.exists() or Notification.objects.unsent().exists():
            return False
        defaults = Result.objects.filter(streak__gt=0).count()
        if Breach.objects.exclude(status=Status.RESTATED).count() != defaults or not defaults:
            return False
        return not audit.models.Entry.objects.filter(pk__gt=_last_sealed()).exists()


def _last_sealed() -> int:
    newest = audit.models.Seal.objects.order_by("-last_entry").first()
    return newest.last_entry if newest else 0


def broken(
    organisations: Iterable[Organisation], *, mail: Path, writes: Iterable[Write] = (), sent_twice: int = 0
) -> list[str]:
    """Every invariant that does not hold, of each organisation and of all together. Empty is what it must be.

    `mail`: the folder in which emails were written. `writes`: what people sent, and what they were answered.
    `sent_twice`: how many emails may have gone out more than once (always under one id), because their sender was killed.
    """
    found, due = [], Counter()
    for organisation in organisations:
        with open_scope(organisation_id=organisation.pk):
            checks = (_results(), _breaches(), _alerts(), _credits(), _trail())
            found += [f"{organisation.slug}: {problem}" for check in checks for problem in check]
            due.update(_letters_due(organisation))
    found += _letters(due, mail, sent_twice)
    found += _writes(organisations, list(writes))
    found += _strangers()
    with connections["owner"].cursor() as cursor:
        found += row_security.drift(cursor)
    return found


# Each due slot has exactly one result ------------------------------------------------------------------------------


def _results() -> Iterator[str]:
    """Counted from contracts and terms by hand; then judged again from the first day, which must change nothing."""
    expected, requests, now = Counter(), [], timezone.now()
    for reevaluation in Reevaluation.objects.select_related("contract"):
        contract = reevaluation.contract
        if reevaluation.from_on is not None or reevaluation.judged_on != _today(contract, now):
            yield f"{contract.reference} is still to be judged"
        requests.append(EvaluationRequest(contract.pk, contract.starts_on, _today(contract, now), contract.starts_on))
        for level in contract.service_levels.prefetch_related("terms"):
            for period in contract.periods.filter(cycle=level.cycle, starts_on__lte=_today(contract, now)):
                if any(period.starts_on in terms.valid for terms in level.terms.all()):
                    expected[level.pk, period.starts_on] += 1
    there = Counter(Result.objects.values_list("service_level_id", "starts_on"))
    if there != expected:
        yield f"results: {sum((expected - there).values())} missing, {sum((there - expected).values())} too many"
    with transaction.atomic():
        if changed := judge(requests, now=now):
            yield f"results of {changed} contracts are others when they are judged again"
        transaction.set_rollback(True)


def _today(contract: Contract, now: datetime) -> object:
    return now.astimezone(ZoneInfo(contract.timezone)).date()


# Each breach at least one delivered alert with one id --------------------------------------------------------------


def _breaches() -> Iterator[str]:
    defaults = Counter(Result.objects.filter(streak__gt=0).values_list("service_level_id", "starts_on"))
    there = Counter(Breach.objects.exclude(status=Status.RESTATED).values_list("service_level_id", "starts_on"))
    if defaults != there:
        yield f"breaches: {sum((defaults - there).values())} missing, {sum((there - defaults).values())} too many"


def _alerts() -> Iterator[str]:
    events = Counter(
        int(key.split(":")[1]) for key in Event.objects.filter(kind="breach").values_list("key", flat=True)
    )
    news = Counter(Breach.objects.exclude(note=HISTORY_NOTE).values_list("pk", flat=True))
    if events != news:
        yield f"alerts: {sum((news - events).values())} breaches untold, {sum((events - news).values())} told twice"
    told: dict[int, list[int]] = defaultdict(list)
    for event, member in Notification.objects.values_list("event_id", "member_id"):
        told[event].append(member)
    members = list(Membership.objects.filter(is_active=True))
    for event in Event.objects.filter(kind="breach"):
        to = [one.pk for one in members if _hears_of(one, event)]
        if sorted(told[event.pk]) != sorted(to):
            yield f"event {event.key} is told to members {told[event.pk]} instead of {to}"
    for notification in Notification.objects.filter(sent_at=None).exclude(
        tries=0, given_up_at__isnull=False
    ):  # those need no email
        yield f"notification {notification.pk} was not sent: {notification.last_error or 'not tried'}"


def _hears_of(member: Membership, event: Event) -> bool:
    return member.role == Role.ACCOUNT_MANAGER if member.vendor_id is None else member.vendor_id == event.vendor_id


def _letters_due(organisation: Organisation) -> Iterator[tuple[str, str, str]]:
    """Message id, recipient and the organisation's address of each email."""
    for notification in Notification.objects.exclude(sent_at=None).select_related("member"):
        yield str(notification.mail_id), notification.member.email, organisation.slug


def emails(mail: Path) -> Counter[tuple[str, str, str]]:
    """Message id, recipient and the organisation's address of each email that was written."""
    found: Counter[tuple[str, str, str]] = Counter()
    for file in mail.iterdir():
        for text in file.read_text().split(f"{'-' * 79}\n"):
            if text.strip():
                email = message_from_string(text)
                words = next(
                    part for part in email.walk() if part.get_content_type() == "text/plain"
                )  # files may go along
                mail_id, slug = email["Message-ID"], re.search(r"/o/([^/]+)/", str(words.get_payload(decode=True)))
                found[mail_id.strip("<>").partition("@")[0], email["To"], slug[1] if slug else ""] += 1
    return found


def _letters(due: Counter[tuple[str, str, str]], mail: Path, sent_twice: int) -> Iterator[str]:
    sent = emails(mail)
    if missing := due.keys() - sent.keys():
        yield f"{len(missing)} emails are noted as sent and were not"
    if unknown := sent.keys() - due.keys():
        yield f"emails nobody knows of: {sorted(unknown)}"
    again = {email: count for email, count in sent.items() if count > 1}
    if len(again) > sent_twice:
        yield f"{len(again)} emails went out more than once: {again}"


# Credits equal a recomputation -------------------------------------------------------------------------------------


def _credits() -> Iterator[str]:
    found = credits.actions.verify_share(credits.actions.contracts_to_verify())
    yield from (str(difference) for difference in found.differences)
    yield from (f"{reference} waits to be judged" for reference in found.waiting)


# Every 2xx write is there and no >= 400 write is -------------------------------------------------------------------


def _writes(organisations: Iterable[Organisation], writes: list[Write]) -> Iterator[str]:
    """Acceptances by people: the system's own (history) have nobody who decided."""
    kept = set()
    for organisation in organisations:
        with open_scope(organisation_id=organisation.pk):
            decided = Submission.objects.exclude(decided_by=None).filter(status="accepted")
            kept.update(decided.values_list("pk", flat=True))
    promised = {write.submission for write in writes if write.status < 400}
    if lost := promised - kept:
        yield f"acceptances of {sorted(lost)} were answered with success and are lost"
    if unasked := kept - promised:
        yield f"acceptances of {sorted(unasked)} were answered with an error and are there"


# Audit rows equal row changes --------------------------------------------------------------------------------------


def _trail() -> Iterator[str]:
    """Each audited row, put together again from the trail, is the row that is there; and the seals hold."""
    told: dict[str, dict[int, dict[str, object]]] = defaultdict(dict)
    for entry in audit.models.Entry.objects.order_by("pk").iterator():
        rows = told[entry.table_name]
        if entry.operation == "DELETE":
            rows.pop(entry.row_id, None)
        else:
            after = {column: pair[1] for column, pair in entry.difference.items()}
            rows.setdefault(entry.row_id, {}).update(after)
    for model in row_security.tables():
        if row_security.is_tenant(model) and model.AUDITED:
            table = model._meta.db_table
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT id, to_jsonb(t)::text FROM "{table}" AS t')
                there = {pk: model_row(text) for pk, text in cursor.fetchall()}
            if there != {pk: known(row) for pk, row in told[table].items()}:
                yield f"the trail of {table} is not what happened to its rows"
    yield from audit.actions.verify()


def model_row(text: str) -> dict[str, object]:
    return known(json.loads(text, cls=ExactDecoder))


def known(row: dict[str, object]) -> dict[str, object]:
    """Without the columns that are null: the trail does not mention a null that was never anything else."""
    return {column: value for column, value in row.items() if value is not None}


# Nothing of another organisation anywhere --------------------------------------------------------------------------


def _strangers() -> Iterator[str]:
    """Rows that point at a row of another organisation, for every key between organisations' tables. As the owner of all."""
    with connections["owner"].cursor() as cursor:
        for model in apps.get_models():
            if not row_security.is_tenant(model) or model is Organisation:
                continue
            for field in model._meta.local_concrete_fields:
                target = field.related_model if field.is_relation else None
                if target is None or not row_security.is_tenant(target) or target is Organisation:
                    continue
                here, there = model._meta.db_table, target._meta.db_table
                cursor.execute(
                    f'SELECT count(*) FROM "{here}" AS h JOIN "{there}" AS t ON t.id = h."{field.column}" '
                    "WHERE t.organisation_id <> h.organisation_id"
                )
                if count := cursor.fetchone()[0]:
                    yield f"{count} rows of {here} point at {there} of another organisation"
