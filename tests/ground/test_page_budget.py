"""Pages as full as they get, in a small edition of the world that `./dev bench pages` measures: none asks more than 12 statements,
and none is larger than 60 KB. How long they take is for the bench."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from bench import firm, pages
from bench.clock import statements

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
