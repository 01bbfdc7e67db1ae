"""How an address and a password find their person, and how a session does."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q

from organisations.models import Membership, User
from organisations.presence import memberships_of


class ByEmail(AuthenticationBackend):
    """With the same work for every address: one statement and one hash, whether somebody has it or not.

    Whoever has signed in is read with their memberships, by which every page below an organisation's address lets them in.
    """

    def get_user(self, user_id: Any) -> User | None:
        memberships = memberships_of(user_id)
        found: User | None = memberships[0].user if memberships else super().get_user(user_id)
        if found is None or not self.user_can_authenticate(found):
            return None
        vars(found)["memberships_read"] = memberships
        return found

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        proven = EmailAddress.objects.filter(user=OuterRef("pk"), email=email.lower(), verified=True)
        known = User.objects.filter(Q(email=email.lower()) | Exists(proven)).annotate(proven=Exists(proven))
        found: User | None = self._check_password(known.order_by("-proven", "pk").first(), password)
        return found


def memberships_read(user: Any) -> list[Membership]:
    """The active memberships of whoever has signed in, as they were when the request began; nobody else has any."""
    return getattr(user, "memberships_read", [])
