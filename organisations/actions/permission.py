"""The first thing that an action asks."""

from lib.errors import NotAllowed
from organisations.models import Membership


def require(by: Membership | None, action: str) -> None:
    """NotAllowed where the member's role may not do the action. The system may do everything."""
    if by is not None and not by.may(action):
        raise NotAllowed(
            "role", f"As {by.get_role_display().lower()} you may not do this. Ask someone whose role it is."
        )
