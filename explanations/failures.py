"""Why something of a contract cannot be worked out, and what to do, for the client's people."""

from typing import Any

from lib.templatetags.dates import format_moment

TOO_LARGE = "22003"
STEPS = {
    "judge": ("This contract cannot be judged", "Results, breaches, credits and scores stay as they were before."),
    "score": ("The scorecards of this contract cannot be built", "Results, breaches and credits are not affected."),
    "post": ("The credits of this contract cannot be posted", "Results, breaches and scores are not affected."),
}
BY_HAND = "If it is still so by then, tell whoever looks after Plumbline and quote the reason."


def describe_failure(contract: Any) -> tuple[str, str] | None:
    """Since when and why a step of the work fails for a `Contract` read `with_failure()`, and what to do; None where none does."""
    if not contract.failed_step:
        return None
    what, meanwhile = STEPS[contract.failed_step]
    lead = f"{what} since {format_moment(contract.failing_since)}."
    why, remedy = f"The database refuses what comes out ({contract.failed_because}).", BY_HAND
    if contract.failed_because.startswith(TOO_LARGE):
        why = f"A number becomes too large to be kept ({contract.failed_because})."
        remedy = "Look for a weight, a factor, a charge or a figure with too many digits. It is tried at once when you correct it."
    again = f"Next try: {format_moment(contract.try_at)}." if contract.try_at else "It is being tried again."
    return lead, " ".join((why, meanwhile, again, remedy))
