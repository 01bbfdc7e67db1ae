"""Files in the thread of a breach: with messages for both sides, with internal notes for the client alone, with plans and their steps."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.actions import decide_on_plan, say
from breaches.models import InternalNote, NoteFile, PlanStep, ThreadEntry, ThreadFile
from breaches.rules import Status
from lib.errors import RuleBroken
from tests.breaches.test_plans import MAY, World
from tests.breaches.test_thread_views import steps
from tests.factories import breaches
from tests.markup import tight

PDF = b"%PDF-1.7\nlog of the outage"
PNG = b"\x89PNG\r\n\x1a\nscreen"


@pytest.fixture
def world(cast, scope_of, clock):
    clock(MAY)
    with scope_of(cast.aldermoor):
        return World(cast.corvid)


def upload(name="log.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def page(client, world):
    return tight(client.get(f"breaches/{world.breach.pk}/").content.decode())


def test_files_come_with_a_message_and_both_sides_have_them(cast, scope_of, client_for, world):
    vera, marco = client_for(cast.vera), client_for(cast.marco)
    given = {"text": "See both.", "cause": "staff", "attachments": [upload(), upload("screen.png", PNG)]}
    assert vera.post(f"breaches/{world.breach.pk}/say/", given).status_code == 302
    with scope_of(cast.marco):
        entry = ThreadEntry.objects.get()
        log, screen = entry.files.order_by("name")
    assert (entry.cause, log.added_by_name, log.sha256) == ("staff", "Vera Novak", hashlib.sha256(PDF).hexdigest())
    for client in (vera, marco):
        seen = page(client, world)
        assert "log.pdf" in seen and log.sha256 in seen and "Not scanned for viruses" in seen
        assert "Root cause:" in seen and "Too few people, or not trained" in seen
        answer = client.get(f"breaches/files/{log.pk}/")
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"] == 'attachment; filename="log.pdf"'
        assert "sandbox" in answer["Content-Security-Policy"]
    shown = marco.get(f"breaches/files/{screen.pk}/?show")
    assert shown["Content-Disposition"] == 'inline; filename="screen.png"'
    assert "sandbox" in shown["Content-Security-Policy"] and "default-src 'none'" in shown["Content-Security-Policy"]
    for outsider in (cast.hana, cast.otto):
        assert client_for(outsider).get(f"breaches/files/{log.pk}/").status_code == 404


def test_the_files_of_an_internal_note_are_the_client_s_alone(cast, scope_of, client_for, world):
    marco, vera = client_for(cast.marco), client_for(cast.vera)
    given = {"text": "Our own count.", "to": "us", "attachments": upload("count.pdf")}
    assert marco.post(f"breaches/{world.breach.pk}/say/", given).status_code == 302
    with scope_of(cast.marco):
        assert InternalNote.objects.count() == 1 and not ThreadFile.objects.exists()
        file = NoteFile.objects.get()
    assert "count.pdf" in page(marco, world)
    assert b"".join(marco.get(f"breaches/note-files/{file.pk}/").streaming_content) == PDF
    assert "count.pdf" not in page(vera, world)
    assert vera.get(f"breaches/note-files/{file.pk}/").status_code == 403


def test_what_is_not_taken_is_said_and_nothing_is_kept(cast, scope_of, client_for, world):
    given = {"text": "See both.", "attachments": [upload(), upload("tool.exe", b"MZ")]}
    answer = client_for(cast.vera).post(f"breaches/{world.breach.pk}/say/", given)
    seen = tight(answer.content.decode())
    assert answer.status_code == 422 and "tool.exe is of a kind that is not taken." in seen and "See both." in seen
    with scope_of(cast.aldermoor):
        assert not ThreadEntry.objects.exists() and not ThreadFile.objects.exists()


def test_the_cause_is_the_vendor_s_to_name_from_the_list(cast, scope_of, client_for, world):
    assert "Root cause" not in page(client_for(cast.marco), world)
    for who, cause in ((cast.marco, "staff"), (cast.vera, "moon")):
        with scope_of(who), pytest.raises(RuleBroken, match="The vendor names the root cause"):
            say(by=who, breach=world.breach, text="So it was.", cause=cause)
    with scope_of(cast.aldermoor):
        assert not ThreadEntry.objects.exists()


def test_a_plan_and_its_steps_come_with_what_shows_them(cast, scope_of, client_for, world):
    """In the thread of each breach that the plan is for."""
    vera = client_for(cast.vera)
    with scope_of(cast.aldermoor):
        plan = breaches.plan(world.breach, cast.marco)
        other = breaches.breach(world.level, world.periods[1], status=Status.PLAN, plan=plan)
    assert vera.post(f"plans/{plan.pk}/propose/", steps(attachments=upload("plan.pdf"))).status_code == 302
    with scope_of(cast.marco):
        decide_on_plan(by=cast.marco, plan=plan, accept=True, seen=1)
        step = PlanStep.objects.get()
    assert "Mark as done" in page(vera, world)
    assert vera.post(f"plans/steps/{step.pk}/", {"done": "1", "attachments": upload("contract.pdf")}).status_code == 302
    with scope_of(cast.aldermoor):
        found = ThreadFile.objects.values_list("entry__breach", "name").order_by("entry__breach", "name")
        wanted = [(one, name) for one in (world.breach.pk, other.pk) for name in ("contract.pdf", "plan.pdf")]
        assert list(found) == wanted
    assert "contract.pdf" in page(client_for(cast.marco), world)


def test_the_page_asks_as_much_for_three_files_as_for_one(cast, scope_of, client_for, world):
    marco = client_for(cast.marco)

    def statements():
        with CaptureQueriesContext(connection) as asked:
            page(marco, world)
        return len(asked)

    with scope_of(cast.aldermoor):
        breaches.thread_file(breaches.entry(world.breach, cast.vera))
        breaches.note_file(breaches.note(world.breach, cast.marco))
    statements()
    one = statements()
    with scope_of(cast.aldermoor):
        for _ in range(2):
            breaches.thread_file(breaches.entry(world.breach, cast.vera))
            breaches.note_file(breaches.note(world.breach, cast.marco))
    assert statements() == one
