"""The contract file as a whole: from its text to a ContractFile, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import islice
from typing import Annotated, Any

from pydantic import Field, ValidationError

from contracts.calendar import Slice
from contracts.contract_file.base_part import LENIENT, AtMost, Each, Part
from contracts.contract_file.checks import problems_of
from contracts.contract_file.consequences import (
    MOST_RULES,
    CreditsFrom,
    CreditsPart,
    RulePart,
    ScorecardFrom,
    ScorecardPart,
)
from contracts.contract_file.levels import MOST_KRAS, MOST_LEVELS, KraPart, ServiceLevelPart
from contracts.contract_file.parties import ContractPart, ReportDueFrom
from contracts.contract_file.problems import MOST_PROBLEMS, BadFile, Path, problem
from contracts.contract_file.scalars import Version
from contracts.contract_file.sentences import described, path_of
from contracts.contract_file.source import parse
from contracts.contract_file.versions import dated, once_or_versions


class ContractFile(Part):
    """A contract as one file: parties, KRAs, service levels with their terms, credits, rules, scorecard."""

    plumbline: Version = Field(description="Version of this format, 1")
    contract: ContractPart
    kras: Annotated[tuple[Each[KraPart], ...], AtMost(MOST_KRAS)] = Field(
        default=(), examples=[[{"code": "REL", "name": "Reliable service", "weight": "60"}]]
    )
    service_levels: Annotated[tuple[Each[ServiceLevelPart], ...], AtMost(MOST_LEVELS)] = ()
    credits: once_or_versions(CreditsPart, CreditsFrom) | None = None  # type: ignore[valid-type]
    rules: Annotated[tuple[Each[RulePart], ...], AtMost(MOST_RULES)] = Field(
        default=(),
        examples=[
            [
                {
                    "name": "Four in twelve",
                    "over": "service_level",
                    "count": "defaults",
                    "window": "12",
                    "at_least": "4",
                    "then": "escalate",
                }
            ]
        ],
    )
    scorecard: once_or_versions(ScorecardPart, ScorecardFrom) = Field(  # type: ignore[valid-type]
        default_factory=ScorecardPart, examples=[{"missing": "exclude"}]
    )

    def slices(self, level: ServiceLevelPart) -> list[Slice]:
        """The periods of a service level within the contract's term, in order."""
        return level.slices(self.contract.starts_on, self.contract.ends_on)

    def versions(self, part: str) -> list[tuple[date, Any]]:
        """The versions of charges, calendar, report_due (as numbers), credits or scorecard and the days from which they hold."""
        found = dated(
            getattr(self if part in ("credits", "scorecard") else self.contract, part), self.contract.starts_on
        )
        return [(day, version.days if isinstance(version, ReportDueFrom) else version) for day, version in found]

    def in_force(self, part: str, day: date) -> Any:
        """The version of a part in force on a day of the contract; None of credits where there are none."""
        return next((version for from_on, version in reversed(self.versions(part)) if from_on <= day), None)


def read(source: bytes | str) -> ContractFile:
    """The contract that a YAML or JSON text describes. BadFile, with all its problems, where it is refused."""
    given = parse(source)
    place = _places(given)
    try:
        file, misshapen = ContractFile.model_validate(given), []
    except ValidationError as error:
        findings = sorted(error.errors(include_url=False), key=lambda finding: place(path_of(finding)))
        misshapen = described(findings[: MOST_PROBLEMS + 1], ContractFile)
        if len(misshapen) > MOST_PROBLEMS:
            raise BadFile(problem(*entry) for entry in misshapen) from None
        file = ContractFile.model_validate(given, context=LENIENT)
    found = [*misshapen, *islice(problems_of(file), MOST_PROBLEMS + 1)]
    if found:
        found.sort(key=lambda entry: place(entry[0]))
        raise BadFile(problem(path, message) for path, message in dict.fromkeys(found))
    return file


def _places(given: Any) -> Callable[[Path], tuple[int, ...]]:
    """Where a path stands in the file, so that problems can be put in its order; missing keys come last in theirs."""
    orders: dict[int, dict[str, int]] = {}  # of the keys of a mapping, by its identity: each is counted once

    def place(path: Path) -> tuple[int, ...]:
        position, here = [], given
        for step in path:
            if isinstance(here, dict):
                order = orders.get(id(here))
                if order is None:
                    order = orders[id(here)] = {key: number for number, key in enumerate(here)}
                position.append(order.get(str(step), len(order)))
                here = here.get(step)
            elif isinstance(here, list) and isinstance(step, int) and step < len(here):
                position.append(step)
                here = here[step]
            else:
                break
        return tuple(position)

    return place
