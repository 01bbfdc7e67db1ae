"""Every address, with values that nobody can mean in every path part, query parameter, header, field and body: never a 5xx."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils.http import urlencode

from tests.cast import Cast
from tests.isolation.addresses import Address, addresses, own_values

# A probe answers 503 on purpose.
OURS = [address for address in addresses() if not address.route.startswith("healthz/")]
# One address of each module: what is done to headers and bodies is the same for its others.
OF_EACH_MODULE = list({inspect.unwrap(address.view).__module__: address for address in OURS}.values())
# What a name, a number, a month or a page may never be.
VALUES = (
    "a\0b",
    "9" * 30,
    "9999-12",
    "0001-01",
    "٢٠٢٤-٠٤",
    "[" * 5_000,
    "\ud7ff\ufffe\u202e' OR 1=1 --",
)
HEADERS = {
    "HTTP_HX_REQUEST": ("true", "\0", "x" * 5_000),
    "HTTP_HX_CURRENT_URL": ("http://[", "\0", "//", "http://testserver:port/"),
    "HTTP_HX_TARGET": ("div#\0", "#" * 500),
    "HTTP_ACCEPT": ("\0", "text/*;q=x", "a/b;c=d;" * 200),
    "HTTP_ACCEPT_LANGUAGE": ("\0", "x" * 600, "de-\u00e4"),
    "HTTP_COOKIE": ("sessionid=\0\0\0\0\0\0\0\0; theme=\0", "sessionid=;;;=", "theme=" + "x" * 4_000),
    "HTTP_HOST": ("\0", "a b", "[::1"),
    "HTTP_IF_NONE_MATCH": ("\0", '"', "*"),
    "HTTP_RANGE": ("bytes=-1", "bytes=9-1", "\0"),
    "HTTP_REFERER": ("http://[", "\0"),
    "CONTENT_TYPE": ("multipart/form-data", "application/json; charset=nonsense", "\0"),
    "CONTENT_LENGTH": ("-1", "many", ""),
}
BODIES = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"figures":' * 20_000,
    b"null",
    b"[]",
    b'"figures"',
    b'{"figures": null}',
    b'{"figures": [null, [], 7]}',
    b'{"figures": [{"service_level": "\\u0000", "period": "\\ud800"}]}',
    b'{"figures": [{"service_level": "A", "period": "2024-04", "value": 1e999}], "submit": {}}',
    b'{"figures": [{"service_level": "A", "period": "2024-04", "value": ' + b"9" * 5_000 + b"}]}",
    json.dumps({"figures": [{"service_level": "A", "period": "9999-99", "part": ["x"]}]}).encode(),
)
FORM = {"content_type": "application/x-www-form-urlencoded"}
# What the framework reads at every address, with the same code at each.
EVERYWHERE = ("page", "limit", "offset", "format", "next")


@pytest.fixture
def send(rows: Cast, client_for: Callable, unlogged: None) -> Callable[..., list[str]]:
    """Sends a request as whoever may, rolls back what it changed, and says what failed."""
    clients: list[Client] = [
        client_for(who, raise_request_exception=False) for who in (rows.marco, rows.vera, rows.petra)
    ]

    def sent(method: str, path: str, **more: Any) -> list[str]:
        for client in tuple(clients):
            with transaction.atomic():
                answer = client.generic(method, path, **more)
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                return [f"{method} {path[:120]!r} {str(more)[:120]}: {answer.status_code}"]
            if answer.status_code != 403:
                # Whoever was let in is asked first at the next value.
                clients.remove(client)
                clients.insert(0, client)
                break
        return []

    return sent


def quoted(path: str) -> str:
    return urlencode({"": path})[1:].replace("%2F", "/")


def hostile_paths(address: Address, values: dict[str, Any]) -> Iterator[str]:
    """The path with each of its parts replaced by each value, whatever the part's converter would say to it."""
    for name in address.arguments:
        for value in VALUES:
            path = address.route
            for other in address.arguments:
                text = value if other == name else str(values[other])
                path = re.sub(rf"<(\w+:)?{other}>", text.replace("\\", r"\\"), path)
            yield f"/{quoted(path)}"


def test_every_part_of_a_path(rows: Cast, send: Callable, subtests: pytest.Subtests) -> None:
    for address in OURS:
        with subtests.test(str(address)):
            for path in hostile_paths(address, own_values(address, rows.vera)):
                assert send("GET", path) == []


@pytest.fixture
def names_read(send: Callable, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], set[str]]:
    """Which names of a query or a form the view at a path reads, found out by asking it: no field of any form is left out."""
    read: set[str] = set()

    def noting(method: Callable) -> Callable:
        def noted(self: QueryDict, key: str, *more: Any) -> Any:
            read.add(key)
            return method(self, key, *more)

        return noted

    for name in ("__getitem__", "__contains__", "get", "getlist"):
        monkeypatch.setattr(QueryDict, name, noting(getattr(QueryDict, name)))

    def found(method: str, path: str) -> set[str]:
        read.clear()
        send(method, path, **FORM)
        # With all of them given: some are read only where others are there.
        given = urlencode(dict.fromkeys(sorted(read), "1"))
        send("GET", f"{path}?{given}") if method == "GET" else send(method, path, data=given, **FORM)
        return {name for name in read if name.isprintable() and len(name) < 50}

    return found


def test_every_parameter_and_field(rows: Cast, send: Callable, names_read: Callable, subtests: pytest.Subtests) -> None:
    """Each by itself in a query, and all of them together in a query and in a form."""
    of_all: set[str] = set()
    for address in OURS:
        path = address.path(own_values(address, rows.vera))
        with subtests.test(str(address)):
            asked, typed = names_read("GET", path), names_read("POST", path)
            of_all |= asked | typed
            alone = asked | set(EVERYWHERE) if address in OF_EACH_MODULE else asked - set(EVERYWHERE)
            for turn, value in enumerate(VALUES):
                together = urlencode(dict.fromkeys(sorted({*asked, *typed, *EVERYWHERE}), value))
                # Of many names, those of a large form, each takes one of the values.
                chosen = [name for at, name in enumerate(sorted(alone)) if len(alone) < 8 or at % len(VALUES) == turn]
                for query in (together, *(urlencode({name: value}) for name in chosen)):
                    assert send("GET", f"{path}?{query}") == []
                for data in (together, urlencode({value: "x"})):
                    assert send("POST", path, data=data, **FORM) == []
    assert of_all > {"q", "period", "status", "reason", "version", "page"}


def test_every_header(rows: Cast, send: Callable, subtests: pytest.Subtests) -> None:
    for address in OF_EACH_MODULE:
        path = address.path(own_values(address, rows.vera))
        with subtests.test(str(address)):
            for name, values in HEADERS.items():
                for value in values:
                    assert send("GET", path, **{name: value}) == []
    assert send("POST", "/theme/", CONTENT_TYPE="multipart/form-data") == []


def test_every_body(rows: Cast, send: Callable, subtests: pytest.Subtests) -> None:
    """The API reads bodies in many ways, and pages in one, which is tried at a page of each module."""
    for address in OURS:
        if "/api/" not in address.route and address not in OF_EACH_MODULE:
            continue
        path = address.path(own_values(address, rows.vera))
        kinds = (
            ("application/json",)
            if "/api/" in address.route
            else (FORM["content_type"], "multipart/form-data; boundary=x")
        )
        with subtests.test(str(address)):
            for body in BODIES if "/api/" in address.route else BODIES[:5]:
                for kind in kinds:
                    assert send("POST", path, data=body, content_type=kind) == []


def test_a_nul_is_refused_before_anything_is_looked_for(rows: Cast, client_for: Callable) -> None:
    marco = client_for(rows.marco)
    for path in ("vendors/%00/", "vendors/?q=%00", "contracts/?%00=1"):
        assert marco.get(path).status_code == 400
    page, problem = marco.get("vendors/?q=%00"), marco.get("api/v1/breaches/?status=%00")
    assert page["HX-Reswap"] == "none"
    assert problem.status_code == 400
    assert problem["Content-Type"] == "application/problem+json"


def test_a_problem_s_type_leads_to_what_it_means(rows: Cast, client_for: Callable, client: Client) -> None:
    problem = client_for(rows.marco).get("api/v1/contracts/0/").json()
    page, name = problem["type"].removeprefix("http://localhost:8000").split("#")
    assert problem["code"] == "not_found"
    assert f'<tr id="{name}">' in client.get(page).content.decode()


def test_a_month_outside_the_calendar_is_no_month(rows: Cast, client_for: Callable) -> None:
    marco, row = (
        client_for(rows.marco),
        own_values(next(a for a in OURS if a.route.endswith("/scorecard/")), rows.marco),
    )
    contract = row["contract"]
    for month in ("9999-12", "0001-01", "2024-13", "٢٠٢٤-٠٤"):
        assert marco.get(f"contracts/{contract}/{month}/").status_code == 404
        assert marco.get(f"contracts/{contract}/scorecard/?period={month}").status_code == 200
        assert marco.get(f"api/v1/contracts/{contract}/results/?month={month}").status_code == 400


def test_the_walk_can_fail(rows: Cast, send: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.readable.NUL", "no text has this")
    path = next(a for a in OURS if a.route.endswith("/vendors/")).path(
        own_values(OURS[-1], rows.vera) | {"organisation": rows.aldermoor.slug}
    )
    assert send("GET", f"{path}?q=%00")
