"""The settings through the API: the same actions, versions and refusals as on the page."""

import pytest

from organisations.actions import settings_in_scope

PATH = "api/v1/settings/"


def patch(client, **body):
    return client.patch(PATH, body, content_type="application/json")


def test_what_is_named_is_changed_and_the_rest_stays(cast, client_for):
    ada = client_for(cast.ada)
    before = ada.get(PATH).json()
    assert (before["version"], before["timezone"], len(before["bands"])) == (1, "UTC", 5)
    answer = patch(ada, version=1, timezone="Europe/Paris", quiet_from="19:00", quiet_until="07:00")
    assert answer.status_code == 200
    after = ada.get(PATH).json()
    assert (
        answer.json()
        == after
        == before
        | {
            "version": 3,
            "timezone": "Europe/Paris",
            "quiet_from": "19:00:00",
            "quiet_until": "07:00:00",
        }
    )
    bands = [band | {"begins": begins} for band, begins in zip(before["bands"], [90, 80, 70, 60, None], strict=True)]
    assert patch(ada, version=3, bands=bands).json()["bands"] == bands
    assert before["approvals"] == {"terms": 1, "money": 1, "dates": 1, "two_from": None}
    needed = {"terms": 1, "money": 2, "dates": 1, "two_from": "5000.00"}
    assert patch(ada, version=4, approvals=needed).json()["approvals"] == needed
    assert ada.get(PATH).json()["approvals"] == needed
    assert before["escalation"]["minor"] == [{"after": 40, "to": "in_charge"}, {"after": 80, "to": "deputy"}]
    ladder = before["escalation"] | {"minor": [{"after": 8, "to": "procurement"}]}
    assert patch(ada, version=5, escalation=ladder).json()["escalation"] == ladder


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"version": 9, "timezone": "Europe/Paris"}, 409, "Somebody else changed the settings"),
        ({"version": 1}, 422, "Name at least one setting"),
        ({"version": 1, "timezone": "Europe/Paris", "keep_mail_days": 3}, 422, "90 days or more"),
        ({"version": 1, "quiet_from": "19:00"}, 422, "Enter both times"),
        ({"timezone": "Europe/Paris"}, 400, "version"),
        ({"version": 1, "approvals": {"terms": 1}}, 400, "money"),
        ({"version": 1, "escalation": {"critical": []}}, 400, "major"),
        ({"version": 1, "approvals": {"terms": 0, "money": 1, "dates": 1, "two_from": None}}, 422, "from 1 to"),
    ],
)
def test_a_refusal_changes_nothing(cast, client_for, scope_of, body, status, said):
    answer = patch(client_for(cast.ada), **body)
    assert answer.status_code == status and said in answer.content.decode()
    with scope_of(cast.ada):
        assert settings_in_scope().pk is None


def test_auditors_read_and_others_do_not(cast, client_for):
    assert client_for(cast.olu).get(PATH).status_code == 200
    assert patch(client_for(cast.olu), version=1, timezone="Europe/Paris").status_code == 403
    for who in (cast.petra, cast.vera):
        assert client_for(who).get(PATH).status_code == 403
