"""The contract file as a whole: from its text to a ContractFile, or to everything that is wrong with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field, ValidationError

from contracts.calendar import Slice
from contracts.contract_file.base_part import LENIENT, Each, Part
from contracts.contract_file.checks import problems_of
from contracts.contract_file.consequences import CreditsFrom, CreditsPart, RulePart, ScorecardFrom, ScorecardPart
from contracts.contract_file.levels import KraPart, ServiceLevelPart
from contracts.contract_file.parties import ContractPart, ReportDueFrom
from contracts.contract_file.problems import BadFile, Path, Problem, problem
from contracts.contract_file.scalars import Version
from contracts.contract_file.sentences import described
from contracts.contract_file.source import parse
from contracts.contract_file.versions import dated, once_or_versions

MOST_PROBLEMS = 200


class ContractFile(Part):
    """A contract as one file: parties, KRAs, service levels with their terms, credits, rules, scorecard."""

    plumbline: Version = Field(description="Version of this format, 1")
    contract: ContractPart
    kras: tuple[Each[KraPart], ...] = ()
    service_levels: tuple[Each[ServiceLevelPart], ...] = ()
    credits: once_or_versions(CreditsPart, CreditsFrom) | None = None  # type: ignore[valid-type]
    rules: tuple[Each[RulePart], ...] = ()
    scorecard: once_or_versions(ScorecardPart, ScorecardFrom) = Field(default_factory=ScorecardPart)  # type: ignore[valid-type]

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
    try:
        file, misshapen = ContractFile.model_validate(given), []
    except ValidationError as error:
        misshapen = described(error, ContractFile)
        file = ContractFile.model_validate(given, context=LENIENT)
    found = [*misshapen, *problems_of(file)]
    if found:
        found.sort(key=lambda entry: _position(entry[0], given))
        raise BadFile(_listed(found))
    return file


def _listed(found: list[tuple[Path, str]]) -> list[Problem]:
    problems = [problem(path, message) for path, message in dict.fromkeys(found)]
    if len(problems) > MOST_PROBLEMS:
        more = Problem("", f"and {len(problems) - MOST_PROBLEMS} more; correct these first")
        return [*problems[:MOST_PROBLEMS], more]
    return problems


def _position(path: Path, given: Any) -> tuple[int, ...]:
    """Where a path stands in the file, so that problems can be put in its order; missing keys come last in theirs."""
    position = []
    for step in path:
        if isinstance(given, dict):
            keys = list(given)
            position.append(keys.index(step) if step in given else len(keys))
            given = given.get(step)
        elif isinstance(given, list) and isinstance(step, int) and step < len(given):
            position.append(step)
            given = given[step]
        else:
            break
    return tuple(position)
