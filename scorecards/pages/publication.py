"""A month's editions for people: the numbers of one, what it changes, and where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from breaches.pages.breach import Stage
from contracts.models import Contract
from lib.charts import build_up
from lib.status_styles import style_for
from lib.templatetags.dates import format_day
from lib.templatetags.money import format_amount
from lib.templatetags.numbers import number
from scorecards.models import Publication, PublicationAcceptance
from scorecards.rules import Snapshot, differences

HUNDRED = Decimal(100)


class Shift(NamedTuple):
    """A number before and after; where they are the same, only what it is."""

    label: str
    before: str
    after: str

    @property
    def moved(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Numbers:
    """The numbers of a snapshot as the page writes them. `results`: what explains each period, by code and first day."""

    snapshot: Snapshot
    currency: str
    results: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def score(self) -> str:
        return number(self.snapshot["score"], 1)

    @property
    def points(self) -> str:
        return number(self.snapshot["points"])

    @property
    def credit(self) -> str:
        return self._money("credit")

    @property
    def not_charged(self) -> str:
        return self._money("not_charged")

    @property
    def lost(self) -> str:
        score = self.snapshot["score"]
        return "" if score is None else number(HUNDRED - Decimal(score), 1)

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """The bar that shows where the points went."""
        rows = [(kra["name"], _decimal(kra["points"]), _decimal(kra["score"])) for kra in self.snapshot["kras"]]
        return build_up([(name, points, score) for name, points, score in rows if points])

    @cached_property
    def levels(self) -> list[dict[str, Any]]:
        return [
            {
                **row,
                "result": self.results.get((row["code"], row["starts_on"])),
                "amounts": (row["points"], row["share"]),
            }
            for row in (level_row(level, self.currency) for level in self.snapshot["levels"])
        ]

    @property
    def money(self) -> list[tuple[str, str]]:
        """What the month comes to in money, and what it was worked out from."""
        earned_back = Decimal(self.snapshot["earned_back"])
        rows = [("Charges", self._money("charges"))]
        rows += [("At risk", self._money("at_risk"))] if Decimal(self.snapshot["at_risk"]) else []
        rows += [("Earned back", format_amount(-earned_back, self.currency))] if earned_back else []
        rows += [("Not charged because of the cap", self.not_charged)] if Decimal(self.snapshot["not_charged"]) else []
        return [*rows, ("Credit", self.credit)]

    def _money(self, name: str) -> str:
        return format_amount(Decimal(self.snapshot[name]), self.currency)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def level_row(level: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A service level's period in words."""
    share = Decimal(level["share"])
    return {
        **level,
        "style": style_for(level["outcome"]),
        "points": number(level["points"]),
        "share": format_amount(share, currency) if share else "",
        "slot": "" if level["cycle"] == "month" else level["period"],
    }


@dataclass(frozen=True)
class Change:
    """What a later snapshot says otherwise than an earlier one."""

    before: Numbers
    after: Numbers

    @cached_property
    def heads(self) -> list[Shift]:
        return [
            Shift("Score", self.before.score, self.after.score),
            Shift("Penalty points", self.before.points, self.after.points),
            Shift("Credit", self.before.credit, self.after.credit),
            Shift("Not charged (cap)", self.before.not_charged, self.after.not_charged),
        ]

    @property
    def grades(self) -> Shift:
        return Shift("Grade", self.before.snapshot["grade"], self.after.snapshot["grade"])

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The service levels that are judged otherwise, each with what it was and what it became."""
        found = differences(self.before.snapshot, self.after.snapshot)
        rows = []
        for one in found:
            old = level_row(one.before, self.after.currency) if one.before else {}
            new = level_row(one.after, self.after.currency) if one.after else {}
            there = new or old
            rows.append(
                {
                    "code": one.code,
                    "name": one.name,
                    "slot": there["slot"],
                    "outcome": there["outcome"],
                    "gone": not new,
                    "shown": Shift("Result", old.get("shown", ""), new.get("shown", "")),
                    "points": Shift("Penalty points", old.get("points", ""), new.get("points", "")),
                    "share": Shift("Share of the credit", old.get("share", ""), new.get("share", "")),
                }
            )
        return rows


def change_between(before: Snapshot, after: Snapshot, contract: Contract) -> Change:
    return Change(Numbers(before, contract.currency), Numbers(after, contract.currency))


def acceptance_of(edition: Publication) -> PublicationAcceptance | None:
    """The vendor's answer; None of an edition that is a preview as well."""
    if edition.pk is None:
        return None
    return next(iter(edition.acceptances.all()), None)


def stages(contract: Contract, editions: Sequence[Publication], today: date) -> list[Stage]:
    """The life of a month's scorecard: its editions, and the vendor's answer to the latest, which comes first in `editions`."""
    if not editions:
        rest = [Stage("Published", "", "next"), Stage("Accepted", f"by {contract.vendor.name}", "next")]
        return [Stage("Provisional", "not published yet", "now"), *rest]
    found = [
        Stage(f"Edition {one.edition} published", f"{format_day(contract.day(one.at))}, {one.by_name}", "done")
        for one in reversed(editions)
    ]
    latest = editions[0]
    if accepted := acceptance_of(latest):
        text = f"{format_day(contract.day(accepted.at))}, {accepted.by_name}"
        return [*found, Stage("Accepted", text, "done")]
    if today > latest.answer_by:
        return [*found, Stage("Accepted", f"without an answer by {format_day(latest.answer_by)}", "done")]
    waiting = Stage(f"With {contract.vendor.name}", f"to answer by {format_day(latest.answer_by)}", "now")
    return [*found, waiting, Stage("Accepted", "", "next")]
