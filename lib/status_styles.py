"""How a state looks: its colour class, its shape and its word. Colour is never alone.

A *look* is the name of a colour class and of a glyph in the sprite: met, risk, breach, late, none, info, lock, exempt,
pending, volume. Outcomes are the codes that judged rows carry; anything unknown looks like "none", so that a page never
shows a good state for a code it does not know.
"""

from typing import NamedTuple


class StatusStyle(NamedTuple):
    """`look` names the colours, `glyph` the shape, `word` what is written beside it."""

    look: str
    glyph: str
    word: str


OUTCOMES = {
    "met": StatusStyle("met", "met", "Met"),
    "miss": StatusStyle("risk", "risk", "Missed target"),
    "default": StatusStyle("breach", "breach", "Breach"),
    "not_measured": StatusStyle("none", "none", "No data"),
    "no_volume": StatusStyle("none", "volume", "No volume"),
    "exempt": StatusStyle("none", "exempt", "Exempt"),
    "pending": StatusStyle("none", "pending", "Pending"),
}
UNKNOWN = StatusStyle("none", "none", "No data")

# Marks of charts: the dot's colour for each look.
MARKS = {"met": "met", "risk": "risk", "breach": "breach"}


def style_for(outcome: object) -> StatusStyle:
    """The look of an outcome code (a string or a text choice); no outcome and unknown codes are "No data"."""
    return OUTCOMES.get(str(outcome or ""), UNKNOWN)


def marker_for(outcome: object) -> str:
    """The dot colour of an outcome in charts: met, risk, breach or none."""
    return MARKS.get(style_for(outcome).look, "none")
