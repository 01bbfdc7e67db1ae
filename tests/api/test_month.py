"""A vendor's month by machine: with a key, from what is due to the dispute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from api.models import RepeatableCall
from api.repeats import forget_calls
from contracts.models import Extension
from measurements.models import Evidence, Submission
from organisations.actions import make_key
from tests.breaches.test_plans import World
from tests.factories import breaches

NOW = datetime(2024, 5, 10, 12, tzinfo=UTC)
PDF = b"%PDF-1.7\nof April"
ROWS = [{"service_level": "SL-01", "period": "2024-04", "numerator": "98", "denominator": "100"}]


def upload(name="april.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


class Program:
    """A client that calls with a key."""

    def __init__(self, secret):
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(self, path):
        return self.client.get(f"/o/aldermoor/api/v1/{path}", headers=self.headers)

    def post(self, path, body, key=""):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        given = {"headers": headers} | (
            {} if any(map(is_file, body.values())) else {"content_type": "application/json"}
        )
        return self.client.post(f"/o/aldermoor/api/v1/{path}", body, **given)


def is_file(value):
    return isinstance(value, SimpleUploadedFile) or (isinstance(value, list) and all(map(is_file, value)) and value)


@pytest.fixture
def program(cast, scope_of, clock):
    """`program(member)`: calls with a key of this member's that reads and reports, or more."""
    clock(NOW)

    def with_key(member, scope="report"):
        with scope_of(member):
            now = datetime.now(UTC)
            end = now + timedelta(days=30)
            _, secret = make_key(by=member, name=f"Program {uuid4()}", scope=scope, expires_at=end, now=now)
        return Program(secret.text)

    return with_key


def test_from_what_is_due_to_handing_over(cast, agreed, program, scope_of):
    vera = program(cast.vera)
    (first,) = [row for row in vera.get("due/").json()["results"] if row["month"] == "2024-04-01"]
    assert (first["contract"], first["submission"]) == (agreed.pk, None)
    expected = vera.get(f"contracts/{agreed.pk}/expected/?month=2024-04").json()["results"]
    assert expected[0]["service_level"] == "SL-01" and expected[0]["numbers"] == ["numerator", "denominator"]
    wrong = [*ROWS, {"service_level": "SL-99", "period": "2024-04", "value": "1"}]
    checked = vera.post(f"contracts/{agreed.pk}/figures/check/", {"figures": wrong}).json()
    assert checked["good"] == 1 and checked["problems"][0]["line"] == 2
    with scope_of(cast.vera):
        assert not Submission.objects.exists()
    (draft,) = vera.post(f"contracts/{agreed.pk}/figures/", {"figures": ROWS}).json()
    prospect = vera.get(f"submissions/{draft['id']}/preview/").json()
    (foreseen,) = [one for one in prospect["results"] if one["service_level"] == "SL-01"]
    assert foreseen["value"] == "98" and foreseen["outcome"] in ("met", "miss", "default")
    seen = vera.get(f"submissions/{draft['id']}/").json()
    assert [one["numerator"] for one in seen["figures"]] == ["98"]
    answer = vera.post(f"submissions/{draft['id']}/submit/", {"version": seen["version"] + 7})
    assert (answer.status_code, answer.json()["code"]) == (409, "version")
    answer = vera.post(f"submissions/{draft['id']}/submit/", {"version": seen["version"]})
    assert (answer.status_code, answer.json()["status"]) == (200, "submitted")
    back = vera.post(f"submissions/{draft['id']}/withdraw/", {"version": answer.json()["version"]})
    assert back.json()["status"] == "draft"


def test_the_running_month_is_due_as_soon_as_it_was_begun(cast, agreed, program):
    vera = program(cast.vera)

    def may():
        return [row for row in vera.get("due/").json()["results"] if row["month"] == "2024-05-01"]

    assert may() == []
    row = ROWS[0] | {"period": "2024-05"}
    (draft,) = vera.post(f"contracts/{agreed.pk}/figures/", {"figures": [row]}).json()
    (begun,) = may()
    assert (begun["state"], begun["submission"], begun["drafted"]) == ("draft", draft["id"], 1)


def test_evidence_is_attached_listed_replaced_and_fetched(cast, agreed, program, scope_of):
    vera = program(cast.vera)
    (draft,) = vera.post(f"contracts/{agreed.pk}/figures/", {"figures": ROWS}).json()
    path = f"submissions/{draft['id']}/evidence/"
    given = {"attachments": [upload(), upload("b.pdf", PDF + b"2")], "service_level": "SL-01", "description": "Tickets"}
    first, second = vera.post(path, given).json()["results"]
    assert (first["name"], first["service_level"], first["scan"]) == ("april.pdf", "SL-01", "none")
    refused = vera.post(path, {"attachments": upload("x.pdf", b"<html>")})
    assert refused.status_code == 422 and "does not hold what its ending says" in refused.json()["detail"]
    assert vera.post(path, {"attachments": []}).status_code == 400
    newer = {"attachments": upload("c.pdf", PDF + b"3"), "replaces": first["id"]}
    assert vera.post(path, newer).json()["results"][2]["replaces"] == first["id"]
    again = vera.post(path, newer | {"attachments": upload("d.pdf", PDF + b"4")})
    assert (again.status_code, again.json()["code"]) == (409, "replaces")
    fetched = vera.get(f"evidence/{first['id']}/")
    assert b"".join(fetched.streaming_content) == PDF
    assert vera.post(f"evidence/{second['id']}/remove/", {}).status_code == 204
    with scope_of(cast.vera):
        assert sorted(Evidence.objects.values_list("name", flat=True)) == ["april.pdf", "c.pdf"]
    for outsider in (cast.hana, cast.marco):  # another vendor, and the client while it is prepared
        other = program(outsider)
        for address in (f"submissions/{draft['id']}/", path, f"evidence/{first['id']}/"):
            assert other.get(address).status_code == 404, address


def test_more_time_is_asked_for(cast, agreed, program, scope_of):
    vera = program(cast.vera)
    path, given = f"contracts/{agreed.pk}/extensions/", {"until": "2024-06-14", "reason": "The system was moved."}
    assert vera.post(path, given | {"month": "soon"}).status_code == 400
    answer = vera.post(path, given | {"month": "2024-04"})
    assert (answer.status_code, answer.json()["status"]) == (201, "open")
    assert vera.post(path, given | {"month": "2024-04"}).status_code == 409
    decide = f"extensions/{answer.json()['id']}/decide/"
    assert program(cast.marco).post(decide, {"grant": True, "version": 1}).status_code == 403  # no key decides
    with scope_of(cast.aldermoor):
        assert Extension.objects.get().status == "open"


def test_a_breach_is_answered_with_files_and_a_plan(cast, program, scope_of):
    with scope_of(cast.aldermoor):
        world = World(cast.corvid)
        plan = breaches.plan(world.breach, cast.marco)
    vera, path = program(cast.vera), f"breaches/{world.breach.pk}/"
    said = vera.post(f"{path}say/", {"text": "Two left.", "cause": "staff", "attachments": upload()}).json()["results"][
        0
    ]
    assert (said["cause"], said["files"][0]["name"]) == ("staff", "april.pdf")
    fetched = vera.get(f"breaches/files/{said['files'][0]['id']}/")
    assert b"".join(fetched.streaming_content) == PDF
    steps = [{"text": "Hire", "owner": "Vera", "due_on": "2024-06-15"}]
    given = {"cause": "staff", "cause_text": "Two left.", "steps": steps, "seen": 0}
    answer = vera.post(f"plans/{plan.pk}/propose/", given)
    assert (answer.status_code, answer.json()["proposals"][0]["steps"][0]["text"]) == (201, "Hire")
    assert vera.post(f"plans/{plan.pk}/propose/", given).status_code == 409
    assert vera.get("plans/").json()["count"] == 1
    step = answer.json()["proposals"][0]["steps"][0]["id"]
    assert vera.post(f"plans/steps/{step}/", {"done": True}).status_code == 409  # not accepted yet
    assert [one["kind"] for one in vera.get(f"{path}thread/").json()["results"]] == ["message", "proposed"]
    hana = program(cast.hana)
    assert hana.get(f"{path}thread/").status_code == hana.post(f"{path}say/", {"text": "x"}).status_code == 404


def test_a_plan_is_asked_for_and_led_to_its_end(cast, program, scope_of, client_for):
    with scope_of(cast.aldermoor):
        world = World(cast.corvid)
    marco, vera, path = program(cast.marco, "manage"), program(cast.vera), f"breaches/{world.breach.pk}/"
    version = marco.get("breaches/").json()["results"][0]["version"]
    assert marco.post(f"{path}acknowledge/", {"version": 9}).status_code == 409
    taken = marco.post(f"{path}acknowledge/", {"version": version, "note": "Seen."}).json()
    assert (taken["status"], taken["note"], taken["acknowledged_by_name"][:7]) == ("acknowledged", "Seen.", "Program")
    given = {"due_on": "2024-06-30", "request": "Causes, please.", "version": taken["version"]}
    assert marco.post(f"{path}ask/", given | {"also": [10**9]}).status_code == 400
    asked = marco.post(f"{path}ask/", given)
    assert (asked.status_code, asked.json()["status"], asked.json()["breaches"]) == (201, "asked", [world.breach.pk])
    assert marco.post(f"{path}ask/", given).status_code == 409
    plan = f"plans/{asked.json()['id']}/"
    steps = [{"text": "Hire", "owner": "Vera", "due_on": "2024-06-15"}]
    vera.post(f"{plan}propose/", {"cause": "staff", "cause_text": "Two left.", "steps": steps, "seen": 0})
    decide = {"seen": 1, "version": asked.json()["version"]}
    assert marco.post(f"{plan}accept/", decide).status_code == 403, "no key decides"
    assert vera.post(f"{plan}accept/", decide).status_code == 403
    person = client_for(cast.marco)
    send = partial(person.post, content_type="application/json")
    assert send(f"api/v1/{plan}send-back/", decide).status_code == 400, "without a reason"
    back = send(f"api/v1/{plan}send-back/", decide | {"reason": "Who covers the nights?"}).json()
    assert (back["status"], back["decision_reason"]) == ("asked", "Who covers the nights?")
    vera.post(f"{plan}propose/", {"cause": "staff", "cause_text": "Two left.", "steps": steps, "seen": 1})
    stale = send(f"api/v1/{plan}accept/", {"seen": 1, "version": back["version"]})
    assert stale.status_code == 409, "another edition lies here"
    accepted = send(f"api/v1/{plan}accept/", {"seen": 2, "version": back["version"]}).json()
    assert (accepted["status"], accepted["decided_revision"]) == ("accepted", 2)
    stands = marco.get(plan).json()
    verification = [{"breach": world.breach.pk, "status": "plan", "met": 0, "failed_on": None}]
    assert (stands["verification"], stands["steps_open"]) == (verification, 1)
    assert program(cast.hana).get(plan).status_code == 404


class TestRepeats:
    """`Idempotency-Key`: the same call is done once."""

    def test_the_same_call_is_answered_again(self, cast, agreed, program, scope_of):
        vera, path = program(cast.vera), f"contracts/{agreed.pk}/figures/"
        first = vera.post(path, {"figures": ROWS, "submit": True}, key="april-1")
        again = vera.post(path, {"figures": ROWS, "submit": True}, key="april-1")
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json() and again["Idempotent-Replayed"] == "true"
        assert vera.post(path, {"figures": ROWS, "submit": True}).status_code == 422  # without it, a call of its own
        with scope_of(cast.vera):
            assert Submission.objects.get().version == first.json()[0]["version"]

    def test_another_call_with_the_key_is_refused(self, cast, agreed, program, scope_of):
        vera, path = program(cast.vera), f"contracts/{agreed.pk}/figures/"
        vera.post(path, {"figures": ROWS}, key="april-1")
        other = vera.post(path, {"figures": [ROWS[0] | {"numerator": "97"}]}, key="april-1")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key")
        assert "Send a new one with each call" in other.json()["detail"]
        long = vera.post(path, {"figures": ROWS}, key="x" * 201)
        assert long.status_code == 400
        another = program(cast.vera).post(path, {"figures": ROWS}, key="april-1")
        assert "Idempotent-Replayed" not in another  # keys are the caller's own: another API key's call

    def test_a_refused_call_can_be_sent_again(self, cast, agreed, program):
        vera, path = program(cast.vera), f"contracts/{agreed.pk}/figures/"
        bad = vera.post(path, {"figures": [ROWS[0] | {"numerator": "101"}]}, key="april-1")
        assert bad.status_code == 422
        good = vera.post(path, {"figures": ROWS}, key="april-1")
        assert good.status_code == 201 and "Idempotent-Replayed" not in good

    def test_it_is_kept_for_a_day(self, cast, agreed, program, clock, scope_of):
        vera, path = program(cast.vera), f"contracts/{agreed.pk}/figures/"
        vera.post(path, {"figures": ROWS}, key="april-1")
        clock(NOW + timedelta(hours=23, minutes=59))
        assert "Idempotent-Replayed" in vera.post(path, {"figures": ROWS}, key="april-1")
        clock(NOW + timedelta(hours=24))
        assert "Idempotent-Replayed" not in vera.post(path, {"figures": ROWS}, key="april-1")
        with scope_of(cast.aldermoor):
            assert forget_calls(now=NOW + timedelta(hours=47)) == 0
            assert forget_calls(now=NOW + timedelta(hours=48)) == 1
            assert not RepeatableCall.objects.exists()

    def test_files_are_compared_by_their_content(self, cast, agreed, program, scope_of):
        vera = program(cast.vera)
        (draft,) = vera.post(f"contracts/{agreed.pk}/figures/", {"figures": ROWS}).json()
        path = f"submissions/{draft['id']}/evidence/"
        first = vera.post(path, {"attachments": upload()}, key="file-1")
        assert vera.post(path, {"attachments": upload()}, key="file-1").json() == first.json()
        assert vera.post(path, {"attachments": upload(content=PDF + b"x")}, key="file-1").status_code == 422
        with scope_of(cast.vera):
            assert Evidence.objects.count() == 1

    def test_two_at_one_moment_are_one(self, committed, cast, agreed, program, scope_of):
        vera, path = program(cast.vera), f"contracts/{agreed.pk}/figures/"

        def call(_):
            try:
                return vera.post(path, {"figures": ROWS, "submit": True}, key="april-1")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(call, range(3)))
        assert [one.status_code for one in answers] == [201, 201, 201]
        assert sorted("Idempotent-Replayed" in one for one in answers) == [False, True, True]
        assert len({one.content for one in answers}) == 1
        with scope_of(cast.vera):
            assert Submission.objects.get().status == "submitted"
