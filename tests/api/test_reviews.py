"""The rest of a month by machine: declared, corrected, cleared; accepted and returned by people alone, figure by figure."""

import pytest

from measurements.models import Figure, Step, Submission
from tests.api.test_month import PDF, ROWS, program, upload  # noqa: F401  # a fixture
from tests.measurements.reporting import contract

MORE = {"service_level": "SL-03", "period": "2024-04", "downtime": "30", "maintenance": "0"}


@pytest.fixture
def waiting(cast, agreed_with_uptime, program):  # noqa: F811
    """A submission of two figures by a key of Vera's."""
    vera = program(cast.vera)
    path = f"contracts/{agreed_with_uptime.pk}/figures/"
    (made,) = vera.post(path, {"figures": [*ROWS, MORE], "submit": True, "declared": True}).json()
    return made, vera


@pytest.fixture
def agreed_with_uptime(cast, scope_of):
    with scope_of(cast.aldermoor):
        return contract()


def marco_posts(client_for, cast, path, body):
    return client_for(cast.marco).post(f"api/v1/{path}", body, content_type="application/json")


def test_what_a_key_declares_stands_with_its_name_and_has_a_receipt(cast, scope_of, waiting):
    made, vera = waiting
    with scope_of(cast.aldermoor):
        step = Step.objects.get()
    assert step.declaration.startswith("Key Program ")
    assert step.declaration.endswith(
        "declares for Corvid Systems that these figures are complete and come from its records."
    )
    shown = vera.get(f"submissions/{made['id']}/").json()
    assert (shown["reference"], shown["declaration"]) == (made["reference"], step.declaration)
    assert (shown["checksum"], shown["replaces"], shown["returned"]) == (step.checksum, None, [])
    assert {one["fed_by"] for one in shown["figures"]} == {step.by_name}
    receipt = vera.get(f"submissions/{made['id']}/receipt/")
    assert receipt["Content-Type"] == "application/pdf" and receipt.content.startswith(b"%PDF")


def test_figures_are_accepted_and_returned_each_by_itself_and_by_people_alone(cast, scope_of, client_for, waiting):
    made, vera = waiting
    path = f"submissions/{made['id']}/review/"
    back = [{"service_level": "SL-03", "period": "2024-04-01", "reason": "The night of 3 April is missing."}]
    given = {
        "version": made["version"],
        "accepted": [{"service_level": "SL-01", "period": "2024-04-01"}],
        "returned": back,
    }
    for name in ("review", "accept", "return"):
        assert vera.post(f"submissions/{made['id']}/{name}/", given | {"reason": "x"}).status_code == 403
    stale = marco_posts(client_for, cast, path, given | {"version": made["version"] + 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "version")
    alien = marco_posts(client_for, cast, path, given | {"returned": [back[0] | {"service_level": "SL-99"}]})
    assert alien.status_code == 400
    half = marco_posts(client_for, cast, path, given | {"accepted": []})
    assert (half.status_code, half.json()["code"]) == (422, "undecided")
    with scope_of(cast.aldermoor):
        assert Submission.objects.get().status == "submitted"
    done = marco_posts(client_for, cast, path, given)
    assert (done.status_code, done.json()["status"]) == (200, "returned")
    shown = vera.get(f"submissions/{made['id']}/").json()
    assert shown["returned"] == back
    with scope_of(cast.aldermoor):
        accepted = Submission.objects.get(status="accepted")
    assert shown["replaces"] == accepted.pk


def test_a_month_is_returned_accepted_and_corrected(cast, scope_of, client_for, waiting):
    """What a correction attaches may take the place of evidence of the revision before it."""
    made, vera = waiting
    path = f"submissions/{made['id']}"
    returned = marco_posts(
        client_for, cast, f"{path}/return/", {"version": made["version"], "reason": "York is missing."}
    )
    assert (returned.json()["status"], returned.json()["return_reason"]) == ("returned", "York is missing.")
    (older,) = vera.post(f"{path}/evidence/", {"attachments": upload()}).json()["results"]
    version = vera.get(f"{path}/").json()["version"]
    sent = vera.post(f"{path}/submit/", {"version": version, "declared": True}).json()
    accepted = marco_posts(client_for, cast, f"{path}/accept/", {"version": sent["version"]}).json()
    assert (accepted["status"], accepted["decided_by_name"]) == ("accepted", "Marco Bellini")
    with scope_of(cast.aldermoor):
        of = Submission.objects.get().contract_id
    assert vera.post(f"contracts/{of}/corrections/", {"month": "2024-04", "reason": " "}).status_code == 400
    draft = vera.post(f"contracts/{of}/corrections/", {"month": "2024-04", "reason": "Two were counted twice."})
    assert draft.status_code == 201
    said = draft.json()
    assert (said["replaces"], said["revision"], said["reason"]) == (made["id"], 2, "Two were counted twice.")
    assert len(said["figures"]) == 2
    newer = {"attachments": upload("better.pdf", PDF + b"2"), "replaces": older["id"]}
    (row,) = vera.post(f"submissions/{said['id']}/evidence/", newer).json()["results"]
    assert (row["name"], row["replaces"]) == ("better.pdf", older["id"])
    again = vera.post(f"contracts/{of}/corrections/", {"month": "2024-04", "reason": "x"})
    assert again.status_code == 409


def test_a_figure_is_taken_out_of_a_draft(cast, scope_of, agreed_with_uptime, program):  # noqa: F811
    vera, path = program(cast.vera), f"contracts/{agreed_with_uptime.pk}/figures/"
    vera.post(path, {"figures": [*ROWS, MORE]})
    given = {"service_level": "SL-03", "period": "2024-04-01"}
    assert program(cast.hana).post(f"{path}clear/", given).status_code == 404
    left = vera.post(f"{path}clear/", given)
    assert [one["service_level"] for one in left.json()["figures"]] == ["SL-01"]
    assert vera.post(f"{path}clear/", given).status_code == 422
    with scope_of(cast.vera):
        assert Figure.objects.count() == 1
