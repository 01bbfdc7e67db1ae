"""The invariants' own test: each kind of damage is seen and named."""

from collections.abc import Callable

import pytest
from django.db import connection, connections

from config.tasks import deliver, work
from measurements.models import Submission
from organisations.scope import open_scope
from tests.faults.firm import Firm
from tests.faults.invariants import broken
from tests.faults.visitor import Write


@pytest.fixture
def sound(committed, cast, settings, tmp_path) -> Callable[..., list[str]]:
    """`sound()`: what is broken after all work was done, here in one process."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    firm = Firm(cast)
    for organisation in firm.organisations:
        work(organisation.pk)
        deliver(organisation.pk)

    def check(**given):
        return broken(firm.organisations, mail=tmp_path, **given)

    check.firm, check.mail = firm, tmp_path
    return check


def as_owner(statement):
    """Change rows behind the product's back, past the trail and the walls."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0
        cursor.execute("RESET session_replication_role")


def test_damage_is_named(sound, subtests):
    assert sound() == []
    first = "(SELECT min(id) FROM {})"
    for damage, said in (
        ("DELETE FROM evaluation_result WHERE outcome = 'met' AND id = (SELECT max(id) FROM evaluation_result "
         "WHERE outcome = 'met')", "results: 1 missing, 0 too many"),
        ("UPDATE evaluation_month SET credit = credit + 1 WHERE id = (SELECT max(id) FROM evaluation_month)", "stored credit"),
        (f"DELETE FROM breaches_breach WHERE id = {first.format('breaches_breach')}", "breaches: 1 missing, 0 too many"),
        (f"DELETE FROM notifications_notification WHERE id = {first.format('notifications_notification')}", "is told to members"),
        ("DELETE FROM notifications_event WHERE key LIKE 'breach:%%' AND id = (SELECT max(id) FROM notifications_event "
         "WHERE kind = 'breach')", "1 breaches untold"),
        (f"UPDATE measurements_figure SET numerator = 1 WHERE id = {first.format('measurements_figure')}",
         "the trail of measurements_figure is not what happened to its rows"),
        (f"UPDATE audit_entry SET actor_id = 1 WHERE id = {first.format('audit_entry')}", "were changed"),
        ("UPDATE breaches_breach SET organisation_id = (SELECT max(id) FROM organisations_organisation) "
         "WHERE id = (SELECT max(id) FROM breaches_breach WHERE organisation_id = (SELECT min(id) FROM organisations_organisation))",
         "of another organisation"),
    ):  # fmt: skip
        with subtests.test(said):
            as_owner(damage)
            assert any(said in problem for problem in sound())
            connection.close()


def test_promises_and_letters(sound):
    waiting = sound.firm.waiting(sound.firm.cast.aldermoor)[0]
    assert "lost" in sound(writes=[Write(waiting.pk, 302)])[0]
    marco = sound.firm.cast.marco
    with open_scope(organisation_id=marco.organisation_id):
        Submission.objects.filter(pk=waiting.pk).update(
            status="accepted", decided_by=marco, decided_at="2026-01-01T00:00Z"
        )
    assert any("answered with an error" in problem for problem in sound(writes=[Write(waiting.pk, 503)]))
    email = next(sound.mail.iterdir())
    (sound.mail / "again.log").write_text(email.read_text())
    assert any("went out more than once" in problem for problem in sound())
    (sound.mail / "again.log").unlink()
    email.unlink()
    assert any("were not" in problem for problem in sound())
