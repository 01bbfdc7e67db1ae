"""What is stored of a contract as far as a proposal lets it run: what was to begin later is no term that the proposal changes."""

from dataclasses import replace
from datetime import date

from evaluation.proposed import PARTS, Dated, Rows


def until(stored: Rows, last: date) -> Rows:
    """The rows without versions and service levels that begin after a day; all of them where the contract ends by then anyway."""
    if last >= stored.contract["ends_on"]:
        return stored
    terms = {
        number: kept
        for number, versions in stored.terms.items()
        if (kept := [version for version in versions if version["from_on"] <= last])
    }
    parts = {
        part: [version for version in stored.contract[part] if version["from"] <= last.isoformat()] for part in PARTS
    }
    return replace(
        stored,
        contract=stored.contract | parts,
        levels=[level for level in stored.levels if level["id"] in terms],
        terms=terms,
        alignments=_begun({number: stored.alignments[number] for number in terms}, last),
    )


def _begun(rows: Dated, last: date) -> Dated:
    return {number: [row for row in versions if row["from_on"] <= last] for number, versions in rows.items()}
