"""Every form of every page, and every body of the API, as it is meant but for one value that nobody can mean: never a 5xx.

What comes after the first check of a request is reached by one in which all else is right. Wing by wing, as in test_hostile.py.
"""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import Resolver404, resolve
from django.utils.http import urlencode

from tests.cast import Cast
from tests.isolation.addresses import Address, own_values
from tests.isolation.test_hostile import EACH_WING, FORM, OURS, Turns
from tests.markup import form_fields, posted_fields

# Each would be a number, a day, a month, an id, a choice or a text.
MEANT = ("9" * 30, "-1", "NaN", "1e999", "0001-01-01", "9999-12-31", "[[[", "x" * 20_001, "\ufffe\u202e' OR 1=1 --", "")
JSON_MEANT: tuple[Any, ...] = (
    *(None, True, -1, 10**30, 1e300, "", "9" * 30, "9999-12-31", "NaN", "x" * 20_001, "\ufffe"),
    *([], [None], {}, {"a": [[]]}),
)
FIELDS = 8  # so many of a long form
POSTED = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')
ACTION = re.compile(r'\baction="([^"]*)"')


@pytest.fixture
def clients(rows: Cast, client_for: Callable, unlogged: None) -> Iterator[list[Client]]:
    with override_settings(API_CALLS_PER_MINUTE=1_000_000):
        yield [client_for(who, raise_request_exception=False) for who in (rows.marco, rows.vera, rows.petra, rows.ada)]


def sent(client: Client, method: str, path: str, **more: Any) -> HttpResponse:
    """The answer; what the request changed is rolled back, and who signed out by it is still signed in."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer: HttpResponse = client.generic(method, path, **more)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def forms(client: Client, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The forms of a page that are posted to an address of ours: where to, and what they would send, boxes that are not ticked as well."""
    answer = sent(client, "GET", path)
    html = answer.content.decode() if answer.status_code == 200 and "html" in answer["Content-Type"] else ""
    for head in POSTED.findall(html):
        action = ACTION.search(head)
        if action:
            fields = posted_fields(html, unescape(action[1]))
            every = dict.fromkeys((name for name, _ in form_fields(html, unescape(action[1])) if name), "")
            yield unescape(action[1]), {**every, **fields}


@EACH_WING
def test_every_form_but_for_one_field(
    rows: Cast, clients: list[Client], ours: list[Address], subtests: pytest.Subtests
) -> None:
    tried: set[tuple[str, ...]] = set()
    turns = Turns()
    pages = [one for one in ours if "/api/" not in one.route and not hasattr(one.view, "posted_from")]
    for client in clients:
        for address in pages:
            for place, fields in forms(client, address.path(own_values(address, rows.vera))):
                try:
                    route = resolve(place.partition("?")[0]).route
                except Resolver404:
                    continue
                if (route, *fields) in tried:
                    continue
                tried.add((route, *fields))
                with subtests.test(route):
                    assert list(failing(client, place, fields, turns)) == []
        assert client.get("/").status_code in (200, 302) and client.session.get("_auth_user_id")
    assert tried or not pages


def failing(client: Client, place: str, fields: dict[str, str], turns: Turns) -> Iterator[str]:
    """What a form's address cannot stand: the form as it is, and with each field, of very many some, otherwise or left out."""
    names = list(fields)[:: 1 + len(fields) // FIELDS]
    given = [fields]
    for name in names:
        rest = {one: value for one, value in fields.items() if one != name}
        given += [rest, rest | {name: turns.one(MEANT, "field")}]
    for one in given:
        status = sent(client, "POST", place, data=urlencode(one), **FORM).status_code
        if status >= 500:
            yield f"{status} for {str(one)[:300]}"


def as_meant(schema: dict[str, Any], parts: dict[str, Any], depth: int = 0) -> Any:
    """A value of a schema of the API's description."""
    while "$ref" in schema or "allOf" in schema:
        schema = schema["allOf"][0] if "allOf" in schema else parts[schema["$ref"].split("/")[-1]]
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return as_meant(schema[several][0], parts, depth)
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        inner = schema["properties"].items() if depth < 4 else ()
        return {name: as_meant(one, parts, depth + 1) for name, one in inner if not one.get("readOnly")}
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    words = {"date": "2024-04-30", "date-time": "2024-04-30T12:00:00Z", "email": "a@b.example"}
    return {
        "array": lambda: [as_meant(schema["items"], parts, depth + 1)],
        "integer": lambda: 1,
        "number": lambda: 1,
        "boolean": lambda: True,
        "string": lambda: words.get(schema.get("format", ""), "1"),
    }.get(kind, dict)()


def but_for_one(body: Any, turns: Turns) -> Iterator[Any]:
    """The body with one of its values, at any depth, replaced or left out."""
    if isinstance(body, dict):
        for name, value in body.items():
            rest = {one: other for one, other in body.items() if one != name}
            yield rest
            yield {**rest, name: turns.one(JSON_MEANT, name)}
            yield {**rest, name: turns.one(JSON_MEANT, "value")}
            yield from ({**rest, name: deeper} for deeper in but_for_one(value, turns))
    elif isinstance(body, list) and body:
        yield from ([bad] for bad in turns.of(JSON_MEANT, "item"))
        yield from ([deeper] for deeper in but_for_one(body[0], turns))


def shape(path: str) -> list[Any]:
    return [part[0] in "<{" or part for part in path.strip("/").split("/")]


def test_every_body_but_for_one_value(rows: Cast, clients: list[Client], subtests: pytest.Subtests) -> None:
    described = json.loads(clients[0].get("/api/schema/?format=json").content)
    bodies, turns = 0, Turns()
    for path, methods in described["paths"].items():
        address = next(one for one in OURS if "/api/v1/" in one.route and shape(one.route) == shape(path))
        place = address.path(own_values(address, rows.vera))
        for method, told in methods.items():
            taken = told.get("requestBody", {}).get("content", {}).get("application/json")
            if taken is None:
                continue
            body = as_meant(taken["schema"], described["components"]["schemas"])
            kept = {"content_type": "application/json"}
            allowed = (
                c for c in clients if sent(c, method.upper(), place, data=json.dumps(body), **kept).status_code != 403
            )
            client = next(allowed, None)
            if client is None:
                continue
            with subtests.test(f"{method} {path}"):
                wrong = []
                for one in but_for_one(body, turns):
                    text = json.dumps(one)
                    status = sent(client, method.upper(), place, data=text, **kept).status_code
                    wrong += [f"{status} for {text[:300]}"] if status >= 500 else []
                    bodies += 1
                assert wrong == []
    assert bodies > 300
