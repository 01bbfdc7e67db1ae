"""The first thing that an action asks."""

from lib.errors import NotAllowed
from organisations.models import ApiKey, Membership
from organisations.rules import Role


def require(by: Membership | None, action: str) -> None:
    """NotAllowed where the member's role may not do the action. The system may do everything."""
    if by is not None and not by.may(action):
        raise NotAllowed(
            "role", f"As {by.get_role_display().lower()} you may not do this. Ask someone whose role it is."
        )


def is_own(by: Membership | None, member_id: int | None) -> bool:
    """Whether what a member did was the doing of `by`: their own, or of a key of theirs. Nobody decides alone, by a key either."""
    if by is None or member_id is None:
        return False
    return by.pk == member_id or ApiKey.objects.filter(owner=by, member=member_id).exists()


def own_members(by: Membership) -> frozenset[int]:
    """The ids of `by` and of the keys that they own, for lists: what any of these did is their own doing. One statement."""
    return frozenset({by.pk, *ApiKey.objects.filter(owner=by).values_list("member_id", flat=True)})


def no_key_for_administrators(by: Membership | None, *roles: str) -> None:
    """NotAllowed where a key would make or unmake an administrator: whoever steals a key must not be able to keep the house."""
    if by is not None and by.is_key and Role.ADMINISTRATOR in roles:
        raise NotAllowed("administrator", "A key neither makes nor unmakes administrators. Sign in to do that.")
