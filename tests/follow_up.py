"""Steps of the work, for tests that write results and months by hand instead of having them judged."""

from collections.abc import Callable
from typing import Any

from evaluation.follow_up import look_again


def once_judged(step: Callable[..., int], **given: Any) -> int:
    """What a step does after every contract of the organisation in scope was judged."""
    look_again()
    return step(**given)
