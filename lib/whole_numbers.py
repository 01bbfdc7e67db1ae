"""Whole numbers as they come from outside: in an address, a field, a header."""


def whole(text: str, digits: int = 18) -> int | None:
    """What a text of so many ASCII digits at most says: by default as many as an id may have. None where it says anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
