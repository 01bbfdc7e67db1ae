"""A proposed contract file beside the one that it is to replace: what it changes, from which day, and what that costs in a year. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from pydantic import ValidationError

from contracts import contract_file
from contracts.contract_file import BadFile, ContractFile, Problem
from contracts.contract_file.problems import problem
from contracts.contract_file.sentences import described
from contracts.contract_file.source import parse
from contracts.rules import FileRefused
from lib.months import after
from slas.amendments import Change, added, compare


@dataclass(frozen=True)
class Proposed:
    """`effective_on`: None where nothing changes that has a day, and of a
    contract's `first` version, which is agreed whenever it is and says itself when the contract begins."""

    before: ContractFile
    file: ContractFile
    changes: Sequence[Change]
    effective_on: date | None
    first: bool = False

    @cached_property
    def text(self) -> str:
        """The file in the form in which this product writes it: of two hundred service levels half of what reading them takes."""
        return contract_file.write(self.file.document())

    @property
    def new_end(self) -> date | None:
        """The contract's last day, where it is another than before; None where it stays, and of a first version."""
        last = self.file.contract.ends_on
        return None if self.first or last == self.before.contract.ends_on else last

    @property
    def yearly_effect(self) -> Decimal:
        """By how much the charges of the twelve months from its day on change, in units of the currency; of a first version all of them."""
        if self.first:
            return _charges(self.file, self.file.contract.starts_on)
        day = self.effective_on
        return Decimal(0) if day is None else _charges(self.file, day) - _charges(self.before, day)


def examine(base: str, document: str, today: date, *, first: bool = False) -> Proposed:
    """What `document` changes about `base`. FileRefused, with all its problems, where it cannot be read or changes what has to stay: of a
    contract's `first` version its reference and its vendor."""
    try:
        before, file = as_stored(base), contract_file.read(document)
    except BadFile as bad:
        raise FileRefused(bad.problems) from bad
    if first:
        return _first(before, file)
    amendment = compare(before, file, today)
    problems = [one for one in amendment.problems if one.path != "contract.reference"]
    if file.contract.reference != before.contract.reference:
        message = f"is not {before.contract.reference}, the contract that this revises; keep its reference"
        problems.insert(0, Problem("contract.reference", message))
    if problems:
        raise FileRefused(problems)
    return Proposed(before, file, amendment.changes, amendment.effective_on)


def _first(before: ContractFile, file: ContractFile) -> Proposed:
    kept = {
        "contract.reference": (before.contract.reference, file.contract.reference),
        "contract.vendor.code": (before.contract.vendor.code, file.contract.vendor.code),
    }
    problems = [
        Problem(path, f"is not {was}, for which this draft was begun; keep it, or begin another one")
        for path, (was, becomes) in kept.items()
        if was != becomes
    ]
    if problems:
        raise FileRefused(problems)
    return Proposed(before, file, added(file), None, first=True)


def as_stored(text: str) -> ContractFile:
    """A file that was written by this product, whatever is asked of new ones by now. BadFile where it has not the shape of one."""
    try:
        return ContractFile.model_validate(parse(text))
    except ValidationError as error:
        raise BadFile(
            problem(path, message) for path, message in described(error.errors(include_url=False), ContractFile)
        ) from None


def readable(document: str) -> ContractFile | None:
    """A document as a file; None where it is none yet."""
    try:
        return as_stored(document)
    except (BadFile, ValueError):
        return None


def _charges(file: ContractFile, day: date) -> Decimal:
    """Of the twelve months from the month of a day on, within the contract's term."""
    total = Decimal(0)
    for number in range(12):
        month = after(day, number)
        charges = file.in_force("charges", month)
        if charges is not None and file.contract.starts_on.replace(day=1) <= month <= file.contract.ends_on:
            total += charges.of(month)
    return total
