"""Links in letters to people who cannot sign in yet: signed, never stored.

A key says which invitation of which organisation it is for, and in which edition. Whoever holds the latest key of an open
invitation has read the mail of that address; sending again makes a new edition, and older keys stop working.
"""

from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode

from organisations.models import Invitation

SALT = "plumbline.invitation"


class InvitationKey(NamedTuple):
    organisation_id: int
    invitation_id: int
    edition: int


def invitation_address(invitation: Invitation) -> str:
    """The whole address of the page where the invitation is accepted."""
    parts = InvitationKey(invitation.organisation_id, invitation.pk, invitation.edition)
    key = signing.dumps(list(parts), salt=SALT)
    return f"{settings.BASE_URL.rstrip('/')}{reverse('invitation')}?{urlencode({'key': key})}"


def read_key(text: str) -> InvitationKey | None:
    """What a key says; None where nobody of ours made it."""
    try:
        return InvitationKey(*signing.loads(text, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None
