"""Names that are keys: what looks the same is the same."""

import re
import unicodedata
from typing import Any

# Zero width, joiners, direction, soft hyphen, fillers and selectors of a variant.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
SPACES = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def one_name(text: str) -> str:
    """A text as a key: accents composed, each run of spaces one plain space and none at the ends, nothing that cannot be seen.

    Capitals, and letters of other scripts that look alike, stay what they are.
    """
    return SPACES.sub(" ", unicodedata.normalize("NFC", UNSEEN.sub("", text))).strip()


def find_named(rows: Any, **named: str) -> Any:
    """Of a query's rows the one whose column has the name; else one whose name differs in capitals alone, as people take it for the same.

    `find_named(Vendor.objects, code="CORVID")`. None where there is neither.
    """
    ((column, name),) = named.items()
    found = list(rows.filter(**{f"{column}__iexact": name}))
    return next((row for row in found if getattr(row, column) == name), found[0] if found else None)
