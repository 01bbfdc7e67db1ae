"""The same change written into one contract file after another: charges raised, a new due day, a new target by metric. Pure.

Whatever keeps a contract from taking it is said in a sentence, so that it can be named and left out.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from agreements.drafting.levels import Document, with_terms
from agreements.drafting.parts import newest_of, with_part
from agreements.rules import BulkKind
from contracts.contract_file.scalars import format_decimal
from contracts.wording import format_many
from lib.templatetags.dates import format_day
from lib.templatetags.money import money_exact
from lib.templatetags.numbers import number

HUNDRED = Decimal(100)
KEEP, SHIFT = "keep", "shift"  # what becomes of the bands below the target


class CannotTake(Exception):
    """This contract cannot take the change; the sentence says why."""


@dataclass(frozen=True)
class Indexation:
    """By how much charges rise: a percentage, or a published index with the values then and now."""

    percent: Decimal | None = None
    index: str = ""
    before: Decimal = Decimal(1)
    after: Decimal = Decimal(1)
    published: date | None = None

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> "Indexation":
        if "percent" in kept:
            return cls(percent=Decimal(kept["percent"]))
        published = date.fromisoformat(kept["published"])
        return cls(None, kept["index"], Decimal(kept["before"]), Decimal(kept["after"]), published)

    def raised(self, amount: Decimal, places: int) -> Decimal:
        """Rounded once, half up, to the currency's decimals."""
        if self.percent is not None:
            exact = amount * (HUNDRED + self.percent) / HUNDRED
        else:
            exact = amount * self.after / self.before
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

    @property
    def source(self) -> str:
        """Where it comes from: "3.4%", or the index with its values and the day on which it was published."""
        if self.percent is not None or self.published is None:
            return f"{number(self.percent)}%"
        return f"{self.index}, {number(self.before)} to {number(self.after)}, published {format_day(self.published)}"

    def sentence(self, was: str, becomes: str, day: date) -> str:
        return f"Charges a month go from {was} to {becomes} from {format_day(day)}: {self.source}."


@dataclass(frozen=True)
class BulkChange:
    """What changes, and from which day on. `given` as `BulkRevision.change` keeps it."""

    kind: BulkKind
    given: Mapping[str, Any]
    day: date

    @property
    def words(self) -> str:
        """What becomes of every contract, in a sentence."""
        if self.kind == BulkKind.CHARGES:
            return f"Charges a month change by {Indexation.of(self.given).source}."
        if self.kind == BulkKind.DUE_DAY:
            return f"Figures are due {format_many(self.given['days'], 'working day')} after a period."
        rest = "; the bands below move with it" if self.given["bands"] == SHIFT else ""
        return f"The target of {self.given['metric']} becomes {number(self.given['target'])}{rest}."

    def reason_for(self, document: Document, currency: str, places: int) -> str:
        """What is to be said to this contract's vendor besides the common reason: the amounts that are its own."""
        if self.kind != BulkKind.CHARGES:
            return ""
        was, becomes = self.monthly(document, places)
        index = Indexation.of(self.given)
        return index.sentence(money_exact(was, currency), money_exact(becomes, currency), self.day)

    def monthly(self, document: Document, places: int) -> tuple[Decimal, Decimal]:
        """Charges a month of a contract before and after. CannotTake where it has none, or lists them by month."""
        monthly = newest_of(document, "charges").get("monthly")
        if monthly is None:
            raise CannotTake("It has no charges a month, or lists them by month.")
        return Decimal(monthly), Indexation.of(self.given).raised(Decimal(monthly), places)

    def draft(self, document: Document, places: int) -> Document:
        """The contract's file with the change. `places`: decimals of its currency. CannotTake where there is nothing to change."""
        if self.kind == BulkKind.CHARGES:
            version = {"monthly": format_decimal(self.monthly(document, places)[1])}
            return with_part(document, document, "charges", version, self.day)
        if self.kind == BulkKind.DUE_DAY:
            return with_part(document, document, "report_due", {"days": self.given["days"]}, self.day)
        changed = document
        for level in self.levels(document):
            changed = with_terms(changed, document, level["code"], self._terms(level))
        return changed

    def levels(self, document: Document) -> list[Document]:
        """The service levels that measure the metric and have not ended by the day. CannotTake where there is none."""
        day, metric = self.day.isoformat(), self.given["metric"]
        found = [
            level
            for level in document.get("service_levels", [])
            if level.get("metric") == metric and str(level.get("ends_on") or "9999") >= day
        ]
        if not found:
            raise CannotTake(f"No service level in force measures {metric}.")
        return found

    def _terms(self, level: Document) -> Document:
        """The newest version of its terms with another target, from the day on."""
        terms = copy.deepcopy(level["terms"][-1])
        was = terms["bands"][0].get("at")
        if was is None or isinstance(was, list | tuple):
            raise CannotTake(f"The target of {level['code']} is a range, or it has none.")
        becomes = Decimal(self.given["target"])
        by = becomes - Decimal(str(was))
        moved = terms["bands"][1:] if self.given["bands"] == SHIFT else []
        for band in (terms["bands"][0], *moved):
            if isinstance(band.get("at"), list | tuple):
                raise CannotTake(f"A band of {level['code']} is a range.")
            if band.get("at") is not None:
                band["at"] = format_decimal(Decimal(str(band["at"])) + by)
        if str(terms.get("credits_from") or "9999") <= self.day.isoformat():
            terms.pop("credits_from")
        return {**terms, "from": self.day.isoformat()}

    def meets(self, base: Document, document: Document) -> bool:
        """Whether another draft changes the same part of the contract."""
        if self.kind == BulkKind.TARGET:
            codes = {level["code"] for level in self.levels(base)}
            was, becomes = (
                {level["code"]: level["terms"] for level in one.get("service_levels", []) if level["code"] in codes}
                for one in (base, document)
            )
            return bool(was != becomes)
        part = "charges" if self.kind == BulkKind.CHARGES else "report_due"
        return bool(base["contract"].get(part) != document["contract"].get(part))
