"""A month done without script: nothing but links that are followed and forms that are sent, as the pages have them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest

from contracts.models import Contract
from measurements.models import Figure, Submission
from measurements.rules import Status
from tests.cast import Cast
from tests.markup import posted_fields, tight
from tests.measurements.reporting import contract


class Reader:
    """Somebody whose browser runs no script: knows of a page what is on it, and goes where it leads."""

    def __init__(self, client: Any) -> None:
        self.client, self.address, self.page = client, "", ""

    def open(self, address: str) -> None:
        self._show(self.client.get(address, follow=True), address)

    def _show(self, answer: Any, address: str) -> None:
        assert answer.status_code == 200, (address, answer.status_code)
        chain = getattr(answer, "redirect_chain", [])
        self.address = urljoin(address, chain[-1][0]) if chain else address
        self.page = tight(answer.content.decode())

    def follow(self, words: str) -> None:
        """The first link of these words."""
        links = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', self.page)
        there = [href for href, inside in links if words in " ".join(re.sub("<[^>]+>", " ", inside).split())]
        assert there, f"No link says {words}."
        self.open(urljoin(self.address, unescape(there[0]).partition("#")[0]))

    def send(self, action: str, **typed: str) -> None:
        """The form whose address ends so, with what its page has in it and what is typed over."""
        forms = [unescape(one) for one in re.findall(r'<form[^>]*? action="([^"]+)"', self.page)]
        to = next(one for one in forms if one.endswith(action))
        there = posted_fields(self.page, to)
        buttons = {"then", "aside", "declared"}
        assert typed.keys() - buttons <= there.keys(), typed.keys() - buttons - there.keys()
        address = urljoin(self.address, to)
        self._show(self.client.post(address, there | typed, follow=True), address)


@pytest.fixture(autouse=True)
def in_may(clock: Callable) -> None:
    clock(datetime(2024, 5, 10, 9, tzinfo=UTC))


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


def field(page: str, name: str) -> str:
    """The first input whose name ends so."""
    return re.findall(rf'name="([0-9]+-[0-9]+-0-{name})"', page)[0]


def test_from_home_to_the_receipt(cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract) -> None:
    ravi = Reader(client_for(cast.ravi))
    ravi.open("/")
    ravi.follow("April 2024")
    assert "April 2024 figures" in ravi.page
    # A note is asked for: the page comes back with what was typed so far.
    numerator, denominator = field(ravi.page, "numerator"), field(ravi.page, "denominator")
    key = numerator.removesuffix("-0-numerator")
    ravi.send("?period=2024-04", **{numerator: "48", denominator: "50", "aside": key})
    assert 'value="48"' in ravi.page
    ravi.send("?period=2024-04", **{field(ravi.page, "note"): "Two came late."})
    assert "1 new" in ravi.page and "48 of 50" in ravi.page  # looked at before it is saved
    with scope_of(cast.ravi):
        assert not Submission.objects.exists()
    ravi.send("?period=2024-04", then="save")
    assert "96.0%" in ravi.page and "What April 2024 comes to" in ravi.page  # an outcome before anything is submitted
    ravi.send("/submit/", declared="on")
    assert "SUB-2404-" in ravi.page and "declare for Corvid Systems" in ravi.page
    with scope_of(cast.aldermoor):
        assert Submission.objects.get().status == Status.SUBMITTED
        assert (Figure.objects.get().numerator, Figure.objects.get().note) == (48, "Two came late.")
    marco = Reader(client_for(cast.marco))
    marco.open(ravi.address)
    marco.send("/accept/")
    assert "accepted" in marco.page
    with scope_of(cast.aldermoor):
        assert Submission.objects.get().status == Status.ACCEPTED
