"""The API: the same scope, permissions and words as the pages."""

import json

import pytest
from django.db import OperationalError

from config import outage
from measurements.models import Submission
from tests.factories import everything


@pytest.fixture
def world(cast, scope_of):
    """One row of everything for Corvid and for Halden, at Aldermoor."""
    with scope_of(cast.aldermoor):
        for vendor in (cast.vera.vendor, cast.hana.vendor):
            everything.for_vendor(vendor)
    return cast


def get(client, path):
    answer = client.get(f"api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_staff_sees_all_contracts_and_a_vendor_its_own(world, client_for):
    everywhere = {row["vendor"] for row in get(client_for(world.marco), "contracts/")["results"]}
    assert everywhere == {world.vera.vendor.code, world.hana.vendor.code}
    assert {row["vendor"] for row in get(client_for(world.hana), "contracts/")["results"]} == {world.hana.vendor.code}


def test_a_contracts_parts_are_listed(world, client_for):
    client = client_for(world.marco)
    contract = get(client, "contracts/")["results"][0]
    assert get(client, f"contracts/{contract['id']}/")["reference"] == contract["reference"]
    for part in ("results", "months", "scorecards", "submissions"):
        assert get(client, f"contracts/{contract['id']}/{part}/")["count"] == 1
    assert get(client, "breaches/")["count"] == 2
    assert get(client, "breaches/?status=closed")["count"] == 0


def test_another_vendors_contract_is_not_found(world, client_for):
    client = client_for(world.marco)
    theirs = next(row for row in get(client, "contracts/")["results"] if row["vendor"] == world.vera.vendor.code)
    answer = client_for(world.hana).get(f"api/v1/contracts/{theirs['id']}/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_month_that_is_none_is_refused_in_words(world, client_for):
    contract = get(client_for(world.marco), "contracts/")["results"][0]
    answer = client_for(world.marco).get(f"api/v1/contracts/{contract['id']}/results/?month=January")
    assert answer.status_code == 400
    assert "Write a month as 2025-01." in str(answer.json()["errors"])


def test_an_auditor_reads_and_reports_nothing(world, client_for):
    contract = get(client_for(world.olu), "contracts/")["results"][0]
    body = json.dumps({"figures": [{"service_level": "SL", "period": "2024-04-01", "value": "1"}]})
    answer = client_for(world.olu).post(
        f"api/v1/contracts/{contract['id']}/figures/", body, content_type="application/json"
    )
    assert answer.status_code == 403
    assert answer.json()["title"]


def test_figures_that_do_not_fit_are_refused_and_nothing_is_written(world, client_for, scope_of):
    contract = get(client_for(world.vera), "contracts/")["results"][0]
    with scope_of(world.vera):
        before = Submission.objects.count()
    for figures in (
        [],
        [{"service_level": "NOPE", "period": "2024-04-01", "value": "1"}],
        [{"period": "2024-04", "value": "1_0"}],
    ):
        answer = client_for(world.vera).post(
            f"api/v1/contracts/{contract['id']}/figures/",
            json.dumps({"figures": figures}),
            content_type="application/json",
        )
        assert answer.status_code in (400, 422)
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"]
    with scope_of(world.vera):
        assert Submission.objects.count() == before


def test_lists_ask_as_many_queries_for_one_row_as_for_three(cast, client_for, scope_of, django_assert_num_queries):
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.vera.vendor)
    client = client_for(cast.marco)
    get(client, "contracts/")  # somebody's first call of a day notes that they were here
    with django_assert_num_queries(14):
        assert get(client, "contracts/")["count"] == 1
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.hana.vendor)
        everything.for_vendor(cast.ravi.vendor)
    with django_assert_num_queries(14):
        assert get(client, "contracts/")["count"] >= 2


def test_the_description_is_served_to_people_who_are_signed_in(cast, client_for):
    answer = client_for(cast.vera).get("/api/schema/")
    assert answer.status_code == 200
    assert b"/api/v1/contracts/" in answer.content


@pytest.mark.parametrize(
    ("error", "status", "code", "wait"),
    [(OperationalError("gone"), 503, "unavailable", "10"), (RuntimeError("oh"), 500, "failed", None)],
)
def test_what_no_endpoint_caught_is_a_problem_too(rf, error, status, code, wait):
    try:
        raise error
    except type(error):
        answer = outage.failed(rf.get("/o/aldermoor/api/v1/contracts/"))
        page = outage.failed(rf.get("/o/aldermoor/contracts/"))
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = json.loads(answer.content)
    assert (body["status"], body["title"], answer.get("Retry-After")) == (status, code, wait)
    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_what_the_door_answers_is_a_problem_too(world, client, client_for):
    """Not signed in, another organisation, no such address: never a page, never the way to the sign-in form."""
    for answer, status in (
        (client.get("/o/aldermoor/api/v1/contracts/"), 401),
        (client_for(world.marco).get("/o/elsewhere/api/v1/contracts/"), 404),
        (client_for(world.marco).get("api/v1/nothing/"), 404),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        body = json.loads(answer.content)
        assert body["status"] == status and body["title"] and body["detail"].endswith(".")
    assert client.get("/o/aldermoor/contracts/").status_code == 302


def test_figures_are_counted_first_and_codes_are_texts(world, client_for):
    """20,001 empty rows are refused at once; a code that stands as a number has lost its zeros."""
    contract = get(client_for(world.vera), "contracts/")["results"][0]
    path = f"api/v1/contracts/{contract['id']}/figures/"

    def errors(figures):
        answer = client_for(world.vera).post(path, json.dumps({"figures": figures}), content_type="application/json")
        assert answer.status_code == 422
        return answer.json()["errors"]

    assert errors([{}] * 20_001) == ["20,001 rows; at most 20,000 are taken at once, split them"]
    row = {"service_level": "SL-01", "period": "2024-04", "numerator": 1, "denominator": 2}
    assert errors([row | {"service_level": 7}]) == ["line 1, service_level: write a text in quotes"]
    assert errors([row | {"note": True}]) == ["line 1, note: write a text in quotes"]
    assert errors([row | {"numerater": 1}])[0].startswith("line 1, numerater: there is no such field")
    assert len(errors([{"service_level": "NOPE", "period": "2024-04-01"}] * 500)) == 201


def test_bodies_that_are_no_json_are_refused(world, client_for):
    contract = get(client_for(world.vera), "contracts/")["results"][0]
    path = f"api/v1/contracts/{contract['id']}/figures/"
    for body in ("[" * 100_000, '{"figures": NaN}', "{", "\x00"):
        answer = client_for(world.vera).post(path, body, content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
