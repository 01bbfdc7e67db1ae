"""The commands of documentation, taken from it as they stand."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def block(page: str, language: str, first: str) -> str:
    """The fenced block of a page under docs/ that begins with this line."""
    text = (CHECKOUT / "docs" / page).read_text()
    found = [code for code in re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S) if code.startswith(first)]
    assert len(found) == 1, f"{page} has {len(found)} blocks of {language} that begin with {first!r}"
    return found[0]
