"""Texts that people write: how much fits, and the check of an action that keeps one. And checksums, as people compare them."""

from lib.errors import RuleBroken

LONGEST_TEXT = 4000


def format_checksum(checksum: str) -> str:
    """Enough of a hexadecimal checksum to compare by eye: "7d20 4c1b 99fe"."""
    return " ".join(checksum[at : at + 4] for at in range(0, 12, 4))


def checked(text: str, what: str, longest: int = LONGEST_TEXT, empty: str = "") -> str:
    """The text without white space around it. RuleBroken where nothing is left, or more than fits; its code is `what` the text is.

    `empty`: what is said where nothing is left, where that is better said otherwise.
    """
    text = text.strip()
    if not text:
        raise RuleBroken(what, empty or f"The {what} is empty. Write it first.")
    if len(text) > longest:
        raise RuleBroken(what, f"The {what} has {len(text):,} characters; {longest:,} fit. Shorten it.")
    return text
