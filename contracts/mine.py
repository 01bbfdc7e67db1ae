"""The filter of every list: the contracts that one is in charge of, or all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet

from contracts.querysets import held_by
from organisations.models import Membership

MINE, ALL = "mine", "all"
Rows = TypeVar("Rows", bound="QuerySet[Any]")


@dataclass(frozen=True)
class OwnerFilter:
    """Whether a list shows what is of one's own contracts (`mine`) or everything.

    `held`: the contracts that the member is in charge of, or stands in for. Where there are some, `mine` is what an address without
    the filter means.
    """

    mine: bool
    held: tuple[int, ...]

    @property
    def holds(self) -> bool:
        return bool(self.held)

    @property
    def contracts(self) -> list[int] | None:
        """The ids of the contracts that it leaves, for statements that take them as a parameter; None for all."""
        return list(self.held) if self.mine else None

    @property
    def shown(self) -> bool:
        """Whether there is a choice: not for somebody who is in charge of nothing and did not ask for it."""
        return self.holds or self.mine

    @property
    def kept(self) -> dict[str, str]:
        """What goes along in the addresses of the list's other links: nothing where it is what an address means anyway."""
        return {} if self.mine == self.holds else {"owner": MINE if self.mine else ALL}

    def of(self, rows: Rows, contract: str = "pk") -> Rows:
        """The rows that it leaves; `contract` is the way from a row to the contract's id. A condition in the same statement."""
        return rows.filter(**{f"{contract}__in": self.held}) if self.mine else rows

    def choices(self, kept: Mapping[str, str]) -> list[dict[str, Any]]:
        """Both, for `components/chips.html`. `kept` is the list's state without this filter."""
        both = ((MINE, "Mine", self.mine), (ALL, "Everybody’s", not self.mine))
        return [{"label": words, "url": f"?{urlencode({'owner': name, **kept})}", "on": on} for name, words, on in both]


def owner_filter(given: str, member: Membership, now: datetime) -> OwnerFilter:
    """From an address: `?owner=mine`, `?owner=all`; without it, or with anything else, mine where one is in charge. One statement."""
    return chosen(given, held_by(member.pk, now))


def chosen(given: str, held: tuple[int, ...]) -> OwnerFilter:
    """The same where it is known which contracts the member is in charge of."""
    return OwnerFilter(given == MINE or (bool(held) and given != ALL), held)
