"""Relief and disputes by machine: the same rules and words as the pages."""

import pytest

from disputes.models import Dispute, ReliefRequest


def post(client, path, **given):
    return client.post(f"api/v1/{path}", given, content_type="application/json")


def test_from_asking_to_a_ruling_that_moves_money(cast, world, client_for):
    vera, marco = client_for(cast.vera), client_for(cast.marco)
    given = {"service_level": "SL-01", "period": "2024-04-01", "ground": "client", "explanation": "No power."}
    assert post(vera, f"contracts/{world.contract.pk}/relief/", **given, amount="x").status_code == 400
    asked = post(vera, f"contracts/{world.contract.pk}/relief/", **given, amount="6")
    assert (asked.status_code, asked.json()["status"], asked.json()["amount"]) == (201, "open", "6")
    path = f"relief/{asked.json()['id']}/decide/"
    late = post(marco, path, granted="6", version=9)
    assert (late.status_code, late["Content-Type"]) == (409, "application/problem+json")
    assert post(marco, path, granted="2", version=1).status_code == 422
    granted = post(marco, path, granted="6", version=1).json()
    assert (granted["status"], granted["granted"], granted["ruled_by_name"]) == ("granted", "6", cast.marco.name)
    world.judge()
    assert world.balance() == 0
    assert vera.get("api/v1/relief/?status=granted").json()["count"] == 1


def test_a_dispute_and_its_ruling(cast, world, client_for):
    vera, marco = client_for(cast.vera), client_for(cast.marco)
    given = {"ground": "figure", "explanation": "See the log.", "numerator": "95", "denominator": "99"}
    made = post(vera, f"results/{world.result().pk}/dispute/", **given).json()
    assert (made["status"], made["denominator"]) == ("open", "99")
    assert post(marco, f"disputes/{made['id']}/say/", text="Which?").status_code == 200
    ruled = post(marco, f"disputes/{made['id']}/rule/", ruling="upheld", reason="So it is.", version=1)
    assert (ruled.status_code, ruled.json()["status"]) == (200, "upheld")
    again = post(vera, f"disputes/{made['id']}/withdraw/", version=2)
    assert again.status_code == 409 and "upheld by now" in again.json()["detail"]


@pytest.mark.parametrize("who", ["hana", "otto"])
def test_others_find_nothing(cast, world, by, client_for, who):
    vera = client_for(cast.vera)
    given = {"ground": "figure", "explanation": "See the log."}
    made = post(vera, f"results/{world.result().pk}/dispute/", **given).json()
    other = client_for(getattr(cast, who))
    assert other.get("api/v1/disputes/").json()["count"] == 0
    assert post(other, f"disputes/{made['id']}/say/", text="x").status_code == 404
    assert post(other, f"results/{world.result().pk}/dispute/", **given).status_code in (403, 404)
    with world.scope_of(cast.aldermoor):
        assert (Dispute.objects.count(), ReliefRequest.objects.count()) == (1, 0)


def test_the_description_says_that_asking_makes_something(cast, client_for):
    described = client_for(cast.vera).get("/api/schema/?format=json").json()["paths"]
    for path in ("contracts/{contract_id}/relief/", "results/{result}/dispute/"):
        answers = described[f"/o/{{organisation}}/api/v1/{path}"]["post"]["responses"]
        assert "201" in answers and "200" not in answers
