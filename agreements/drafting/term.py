"""A contract that is to end earlier, or to run longer, as the draft of it. Pure."""

import copy
from collections.abc import Iterator
from datetime import date

from agreements.drafting.levels import Document
from slas.ending import shortened


def with_last_day(document: Document, last: date) -> Document:
    """The contract's document with another last day. Where it comes earlier, without what begins after it."""
    if last < date.fromisoformat(document["contract"]["ends_on"]):
        return shortened(document, last)[0]
    longer = copy.deepcopy(document)
    longer["contract"]["ends_on"] = last.isoformat()
    return longer


def left_open(document: Document) -> Iterator[str]:
    """What a longer term does not say by itself and somebody has to add: sentences."""
    charges = document["contract"].get("charges")
    newest = charges[-1] if isinstance(charges, list) else charges
    if newest and "months" in newest:
        yield "Charges are listed by month: add those of the new months, otherwise they have none."
    for level in document.get("service_levels", []):
        if level.get("every") == "custom":
            yield f"{level['name']} has periods of its own: add those of the new term."
        elif level.get("ends_on"):
            yield f"{level['name']} ends on its own day and is not prolonged."
