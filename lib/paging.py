"""Lists that the database cuts into pages."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator

from lib.whole_numbers import whole

FURTHEST = 100_000  # beyond it an address is no page of any list


def page_number(text: str) -> int:
    """Which page an address asks for, from 1."""
    return min(whole(text, 8) or 1, FURTHEST)


def page_of(rows: Sequence[Any], count: int, shown: int, number: int) -> "Page[Any]":
    """The rows that were found for a page, as a page of a list of `count`; beyond the last page they are those of the last."""
    page: Page[Any] = Paginator(range(count), shown).get_page(number)
    page.object_list = list(rows)
    return page
