"""Every address, with values that nobody can mean in every path part, query parameter, header, field and body: never a 5xx.

Wing by wing, so that more processes can share the walk. In each wing all values are tried where something of a kind (a parameter of that
name) is met first, and one of them, in turn, wherever it is met again.
"""

import inspect
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils.http import urlencode

from tests.cast import Cast
from tests.isolation.addresses import Address, addresses, own_values

T = TypeVar("T")


def module(address: Address) -> str:
    return inspect.unwrap(address.view).__module__


def wing(address: Address) -> str:
    return next((name for name, apps in WINGS.items() if module(address).split(".")[0] in apps), "")


# A probe answers 503 on purpose.
OURS = [address for address in addresses() if not address.route.startswith("healthz/")]
# One address of each module: what is done to headers and bodies is the same for its others.
OF_EACH_MODULE = list({module(address): address for address in OURS}.values())
# The addresses in four parts of about the same work.
WINGS = {
    "api": {"api"},
    "agreements": {"agreements"},
    "months": {"dashboards", "explanations", "reporting", "scorecards"},
}
EACH_WING = pytest.mark.parametrize(
    "ours", [[one for one in OURS if wing(one) == name] for name in (*WINGS, "")], ids=[*WINGS, "others"]
)

# What a name, a number, a month or a page may never be.
LONG_NUMBER = "9" * 30
VALUES = (
    "a\0b",
    LONG_NUMBER,
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
# Some of what is read in each wing, so that a walk that finds out nothing fails.
READ = {
    "api": {"month", "status"},
    "agreements": {"q", "version"},
    "months": {"q", "period"},
    "": {"status", "reason", "version"},
}


class Turns:
    """What is tried of some values: all of them where a kind is met first, one, the next, wherever it is met again."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()

    def of(self, values: tuple[T, ...], kind: str) -> tuple[T, ...]:
        if kind in self.met:
            return (self.one(values, kind),)
        self.met[kind] = 0
        return values

    def one(self, values: tuple[T, ...], kind: str) -> T:
        self.met[kind] += 1
        return values[self.met[kind] % len(values)]


@pytest.fixture
def send(rows: Cast, client_for: Callable, unlogged: None) -> Callable[..., int]:
    """Sends a request as whoever may, and rolls back what it changed; fails where the server does. The answer is the status."""
    clients: list[Client] = [
        client_for(who, raise_request_exception=False) for who in (rows.marco, rows.vera, rows.petra)
    ]

    def sent(method: str, path: str, **more: Any) -> int:
        status = 403
        for client in tuple(clients):
            cookies = client.cookies.copy()
            with transaction.atomic():
                status = client.generic(method, path, **more).status_code
                transaction.set_rollback(True)
            client.cookies = cookies
            assert status < 500, f"{method} {path[:120]!r} {str(more)[:120]}: {status}"
            if status != 403:
                # Whoever was let in is asked first at the next value.
                clients.remove(client)
                clients.insert(0, client)
                break
        return status

    return sent


def quoted(path: str) -> str:
    return urlencode({"": path})[1:].replace("%2F", "/")


def with_part(address: Address, values: dict[str, Any], name: str, text: str) -> str:
    """The path with one of its parts replaced, whatever the part's converter would say to it."""
    path = address.route
    for other in address.arguments:
        part = text if other == name else str(values[other])
        path = re.sub(rf"<(\w+:)?{other}>", part.replace("\\", r"\\"), path)
    return f"/{quoted(path)}"


@EACH_WING
def test_every_part_of_a_path(rows: Cast, send: Callable, ours: list[Address], subtests: pytest.Subtests) -> None:
    turns = Turns()
    for address in ours:
        with subtests.test(str(address)):
            values = own_values(address, rows.vera)
            for name in address.arguments:
                # A number that no column holds is a number to every address.
                for value in {LONG_NUMBER, *turns.of(VALUES, name)}:
                    send("GET", with_part(address, values, name, value))


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
        if read:
            # With all of them given: some are read only where others are there.
            given = urlencode(dict.fromkeys(sorted(read), "1"))
            send("GET", f"{path}?{given}") if method == "GET" else send(method, path, data=given, **FORM)
        return {name for name in read if name.isprintable() and len(name) < 50}

    return found


@EACH_WING
def test_every_parameter_and_field(
    rows: Cast, send: Callable, names_read: Callable, ours: list[Address], subtests: pytest.Subtests
) -> None:
    """Each by itself in a query, and all of them together in a query and in a form."""
    of_all, turns = set[str](), Turns()
    for address in ours:
        path = address.path(own_values(address, rows.vera))
        with subtests.test(str(address)):
            asked, typed = names_read("GET", path), names_read("POST", path)
            of_all |= asked | typed
            alone = asked | set(EVERYWHERE) if address in OF_EACH_MODULE else asked - set(EVERYWHERE)
            for name in sorted(alone):
                for value in turns.of(VALUES, name):
                    send("GET", f"{path}?{urlencode({name: value})}")
            value = turns.one(VALUES, "together")
            together = urlencode(dict.fromkeys(sorted({*asked, *typed, *EVERYWHERE}), value))
            send("GET", f"{path}?{together}")
            for data in (together, urlencode({value: "x"})):
                send("POST", path, data=data, **FORM)
    assert of_all > READ[wing(ours[0])]


def test_every_header(rows: Cast, send: Callable, subtests: pytest.Subtests) -> None:
    """All of them at one address, and some, in turn, at one of each other module."""
    every = tuple((name, value) for name, values in HEADERS.items() for value in values)
    turns = Turns()
    for address in OF_EACH_MODULE:
        path = address.path(own_values(address, rows.vera))
        with subtests.test(str(address)):
            for name, value in {*turns.of(every, "header"), *(turns.one(every, "header") for _ in range(3))}:
                send("GET", path, **{name: value})
    send("POST", "/theme/", CONTENT_TYPE="multipart/form-data")


@EACH_WING
def test_every_body(rows: Cast, send: Callable, ours: list[Address], subtests: pytest.Subtests) -> None:
    """The API reads bodies in many ways, and pages in one, which is tried at a page of each module."""
    turns = Turns()
    for address in ours:
        path = address.path(own_values(address, rows.vera))
        of_api = "/api/" in address.route
        with subtests.test(str(address)):
            if of_api and send("POST", path, content_type="application/json") != 405:
                for body in BODIES:
                    send("POST", path, data=body, content_type="application/json")
            elif not of_api and address in OF_EACH_MODULE:
                for kind in (FORM["content_type"], "multipart/form-data; boundary=x"):
                    for body in turns.of(BODIES[:5], kind):
                        send("POST", path, data=body, content_type=kind)


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
    with pytest.raises(AssertionError, match="500"):
        send("GET", f"{path}?q=%00")
