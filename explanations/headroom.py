"""What is left of a period: how many more failures, or minutes, until the next band, in words."""

from collections.abc import Mapping
from typing import Any

from explanations.words import format_number


def describe_headroom(found: Mapping[str, Any], measure: Mapping[str, Any], better: str) -> str:
    """ "7 more cases that miss it, and the result falls from Target to Minor." `found` is a row of the judgement's step of that name."""
    many, one = format_number(found["fails_at"]), found["fails_at"] == 1
    if measure["kind"] == "availability":
        what = "minute of downtime" if one else "minutes of downtime"
    elif better == "lower":
        what = f"{'case' if one else 'cases'} of “{measure['of']}”"
    else:
        what = "case that misses it" if one else "cases that miss it"
    return f"{many} more {what}, and the result falls from {found['band']} to {found['becomes']}."
