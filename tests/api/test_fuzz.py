"""The API against its own served description: calls made from it, with a vendor's key and a client's, are answered as it says."""

import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from schemathesis.core import NotSet

from organisations.actions import make_key
from tests.factories import everything
from tests.isolation.addresses import addresses, own_values

EXAMPLES = 2
CALM = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def document(cast, scope_of, client_for):
    with scope_of(cast.aldermoor):
        for vendor in (cast.vera.vendor, cast.hana.vendor):
            everything.for_vendor(vendor)
    answer = client_for(cast.vera).get("/api/schema/?format=json")
    assert answer.status_code == 200
    return json.loads(answer.content)


@pytest.mark.parametrize("who", ["vera", "marco"])
def test_no_call_fails_and_each_answer_is_as_described(who, cast, scope_of, document):
    member = getattr(cast, who)
    with scope_of(member):
        now = datetime.now(UTC)
        _, secret = make_key(by=member, name="Fuzz", scope="report", expires_at=now + timedelta(days=9), now=now)
    headers, client = {"Authorization": f"Bearer {secret.text}"}, Client(raise_request_exception=False)
    routes = {address.route: address for address in addresses() if "/api/v1/" in address.route}
    wrong, called = [], 0
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        address = next(one for route, one in routes.items() if _same(route, operation.path))
        place = address.path(own_values(address, cast.vera))

        def call(case):
            nonlocal called
            assume(case.media_type in (None, "application/json"))
            body = None if isinstance(case.body, NotSet) else json.dumps(case.body)
            sent = {} if body is None else {"data": body, "content_type": "application/json"}
            query = {name: str(value) for name, value in (case.query or {}).items()}
            answer = client.generic(case.method, place, query_params=query, headers=headers, **sent)
            called += 1
            wrong.extend(_faults(document, operation, answer))

        seed(26)(CALM(given(operation.as_strategy())(call)))()
    assert called > 60
    assert sorted(set(wrong)) == []


def _same(route, path):
    return [one.startswith("<") or one for one in route.strip("/").split("/")] == [
        one.startswith("{") or one for one in path.strip("/").split("/")
    ]


def _faults(document, operation, answer):
    """What is wrong with an answer: it failed, is no JSON, or is not what the description says of a success."""
    name = f"{operation.method} {operation.path}: {answer.status_code}"
    if answer.status_code >= 500:
        return [name]
    if answer.status_code >= 400:
        return [] if answer.headers["Content-Type"] == "application/problem+json" else [f"{name} is no problem"]
    described = operation.definition.raw["responses"].get(str(answer.status_code))
    if described is None:
        return [f"{name} is not described"]
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return []
    checked = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
    return [f"{name} {list(one.path)}: {one.message[:120]}" for one in checked.iter_errors(answer.json())][:1]
