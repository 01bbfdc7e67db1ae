"""The clause text of each service level: generated from its terms in plain words, and what somebody wrote instead. Pure.

A text of one's own is kept with the generated text that it was written in place of, so that a later change of the terms is noticed.
"""

from collections.abc import Mapping
from typing import NamedTuple

from contracts.contract_file import ContractFile
from slas import wording

Texts = dict[str, str]  # by the codes of the service levels
Written = Mapping[str, Mapping[str, str]]  # by code: `text`, and `instead_of` which generated one


class ClauseText(NamedTuple):
    """One service level's: `text` is what is agreed; `overtaken` says that the terms have changed since it was written."""

    code: str
    name: str
    generated: str
    text: str
    overtaken: bool

    @property
    def is_written(self) -> bool:
        return self.text != self.generated


def generated(file: ContractFile) -> Texts:
    """Of each service level what was last in force by the file."""
    found = {}
    for level in file.service_levels:
        terms, measure = level.terms[-1].full(), level.measure.full()
        bands = "; ".join(
            f"{band.name} {band.reach}, {band.points} point{'' if band.points == '1' else 's'}"
            for band in wording.bands(terms, measure)
        )
        parts = [f"{wording.describe_formula(measure)}. Bands: {bands}."]
        parts += [f"{head}: {text}." for head, text in wording.describe_clauses(terms, measure)]
        ends = f" It ends on {level.ends_on}." if level.ends_on else ""
        found[level.code] = f"From {level.terms[-1].from_}. {' '.join(parts)}{ends}"
    return found


def clause_texts(file: ContractFile, written: Written) -> list[ClauseText]:
    """All of a file's, in its order."""
    texts, found = generated(file), []
    for level in file.service_levels:
        own, now = written.get(level.code), texts[level.code]
        overtaken = own is not None and own["instead_of"] != now
        found.append(ClauseText(level.code, level.name, now, own["text"] if own else now, overtaken))
    return found


def agreed_texts(file: ContractFile, written: Written) -> Texts:
    """What an edition says of each."""
    return {one.code: one.text for one in clause_texts(file, written)}


def carried_over(asked: ContractFile, texts: Texts, file: ContractFile) -> Texts:
    """The texts of other terms that are proposed instead: what was written stays where the terms do."""
    before, now = generated(asked), generated(file)
    return {code: texts.get(code, text) if before.get(code) == text else text for code, text in now.items()}
