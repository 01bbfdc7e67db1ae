"""Which service level of a draft serves which KRA with what weight, and where that leaves gaps: out of the file, and in again. Pure."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agreements.drafting.levels import Document, level_of, with_terms
from contracts.contract_file import ContractFile
from contracts.contract_file.scalars import format_decimal
from contracts.contract_file.weigh import HEAVY, shares

Weights = dict[str, dict[str, Decimal]]  # of each service level's code its weight in each KRA's

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Matrix:
    """The weights that are newest in a draft, without what it ends. `shares` are of the whole score, in percent."""

    kras: Sequence[tuple[str, str, Decimal]]  # code, name, weight
    levels: Sequence[tuple[str, str]]  # code, name
    weights: Weights

    @property
    def shares(self) -> dict[str, Decimal]:
        return shares(((code, weight) for code, _, weight in self.kras), self.weights)

    def total(self, kra: str) -> Decimal:
        return sum((within.get(kra, Decimal(0)) for within in self.weights.values()), Decimal(0))

    @property
    def unserved(self) -> list[str]:
        """Names of the KRAs that no service level serves."""
        return [name for code, name, _ in self.kras if not self.total(code)]

    @property
    def idle(self) -> list[str]:
        """Names of the service levels that serve none."""
        return [name for code, name in self.levels if not self.weights.get(code)]

    @property
    def measured(self) -> Decimal:
        """The share of the weight that some service level measures, in percent."""
        whole = sum((weight for *_, weight in self.kras), Decimal(0))
        return (
            HUNDRED * sum((weight for code, _, weight in self.kras if self.total(code)), Decimal(0)) / whole
            if whole
            else HUNDRED
        )

    @property
    def heaviest(self) -> tuple[str, Decimal] | None:
        """The service level with the largest share of the score."""
        names, carried = dict(self.levels), self.shares
        code = max(carried, key=lambda one: carried[one], default=None)
        return None if code is None else (names[code], carried[code])

    @property
    def is_too_heavy(self) -> bool:
        """Whether one service level carries more than it may well do."""
        return self.heaviest is not None and self.heaviest[1] > HEAVY


def matrix_of(file: ContractFile) -> Matrix:
    starts_on = file.contract.starts_on
    levels = [level for level in file.service_levels if level.ends_on is None]
    return Matrix(
        [(kra.code, kra.name, kra.weights(starts_on)[-1][1]) for kra in file.kras if kra.ends_on is None],
        [(level.code, level.name) for level in levels],
        {level.code: dict(level.weights(starts_on)[-1][1]) for level in levels},
    )


def with_weights(
    document: Document, base: Document, now: Matrix, given: Weights, kras: Mapping[str, Decimal], day: date
) -> Document:
    """The draft with these weights from a day on. A service level's are part of its terms, so it gets a version of them with the rest as
    it is; one whose weights stay gets none."""
    changed = copy.deepcopy(document)
    for code, _ in now.levels:
        before = now.weights.get(code, {})
        ending = {kra: weight for kra, weight in before.items() if kra not in kras}  # the matrix does not show them
        becomes = ending | {kra: weight for kra, weight in given.get(code, {}).items() if weight}
        if becomes in (before, {}):
            continue
        level = level_of(changed, base, code)
        if level is not None:
            weights = {kra: format_decimal(weight) for kra, weight in becomes.items()}
            if level.in_force is None and len(level.part["terms"]) == 1:  # the draft adds it: it has no weights to keep
                level.part["kras"] = weights
                level.terms.pop("kras", None)
                continue
            terms = {**copy.deepcopy(level.terms), "from": max(day.isoformat(), level.terms["from"]), "kras": weights}
            changed = with_terms(changed, base, code, terms)
    newest = {code: weight for code, _, weight in now.kras}
    for part in changed["kras"]:
        code = part["code"]
        if code in kras and kras[code] != newest.get(code):
            there = next((one["weight"] for one in base.get("kras", []) if one["code"] == code), None)
            if there is None and not isinstance(part["weight"], list):  # the draft adds it
                part["weight"] = format_decimal(kras[code])
                continue
            there = part["weight"] if there is None else there
            part["weight"] = _later(part["weight"], there, kras[code], day, document["contract"]["starts_on"])
    return changed


def _later(drafted: Any, there: Any, becomes: Decimal, day: date, starts_on: str) -> Any:
    """The weights of a KRA that are `there` with another one behind, in place of the newest that the draft adds."""
    versions, ours = (
        one if isinstance(one, list) else [{"from": starts_on, "weight": one}] for one in (there, drafted)
    )
    earlier = ours[len(versions) : -1]
    if not earlier and Decimal(str(versions[-1]["weight"])) == becomes:
        return copy.deepcopy(there)
    return copy.deepcopy([*versions, *earlier, {"from": day.isoformat(), "weight": format_decimal(becomes)}])
