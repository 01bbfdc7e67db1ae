"""Pages as full as they get, in a small edition of the world that `./dev bench pages` measures: none asks more than 12 statements,
and none is larger than 60 KB. How long they take is for the bench."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench import autosave, firm, pages
from bench.clock import statements
from lib.months import after
from measurements.actions import import_figures
from organisations.scope import open_scope

SCALE = firm.Scale(contracts=36, others=0, contracts_of_others=0)  # three pages of vendors
MONTHS = 13


@pytest.fixture
def shown(committed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int, int]]]:
    """Of each page its name, how many statements it took, and its bytes."""
    monkeypatch.setattr(firm, "MONTHS", MONTHS)
    firm.prepare(SCALE, lambda _: None)
    found = []
    for page in pages._pages():
        name, key = pages._session(page.who).split("=")
        browser = Client()
        browser.cookies[name] = key
        address = f"/o/{firm.SLUG}/{page.path}"
        assert browser.get(address).status_code == 200, page.name  # the first request notes that somebody is here
        with statements() as taken:
            size = len(browser.get(address).content)
        # Without what the test's own handling of connections adds.
        asked = [one for one in taken if not one.startswith(("SAVEPOINT", "RELEASE"))]
        found.append((page.name, len(asked), size))
    yield found
    connection.close()


def test_every_page_keeps_to_its_budget(shown):
    budget = pages.KILOBYTES * 1000
    over = [one for one in shown if one[1] > pages.STATEMENTS or one[2] > budget]
    assert not over, over
    assert max(size for _, _, size in shown) > 50_000, "pages that are not full prove nothing"


NOTE = "Counted once more with the service desk: two tickets of the month before were closed twice, and are in it now."


def test_a_sheet_of_sixty_filled_in_figures_keeps_to_it(committed):
    """What is longer than a page comes after it, and each piece keeps to the budget; every third figure has a note."""
    now = timezone.now()
    month = after(now.date().replace(day=1), -1)
    user, contract = autosave._prepare(month, now)
    with open_scope(organisation_id=contract.organisation_id):
        noted = [replace(autosave._row(2 + at, at, month), note=NOTE) for at in range(0, autosave.LEVELS, 3)]
        import_figures(by=None, contract=contract, rows=noted)
    client = Client()
    client.force_login(user)
    address = sheet = f"/o/{autosave.SLUG}/contracts/{contract.pk}/figures/enter/?period={month:%Y-%m}"
    client.get(sheet)  # the first request notes that somebody is here
    found, sizes = [], []
    while address:
        more = {"HX-Request": "true", "HX-Target": "tbody#more"} if found else {}
        html = client.get(address, headers=more).content
        sizes.append(len(html))
        found += re.findall(r'id="slot-([0-9-]+)"', html.decode())
        following = re.search(r'id="more" hx-get="([^"]+)"', html.decode())
        address = unescape(following[1]) if following else ""
    assert max(sizes) <= pages.KILOBYTES * 1000, sizes
    assert max(sizes) > 40_000, "a sheet that is not full proves nothing"
    assert len(found) == len(set(found)) == autosave.LEVELS
    connection.close()
