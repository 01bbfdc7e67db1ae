"""How an address and a password find their person."""

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q

from organisations.models import User


class ByEmail(AuthenticationBackend):
    """With the same work for every address: one statement and one hash, whether somebody has it or not."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        proven = EmailAddress.objects.filter(user=OuterRef("pk"), email=email.lower(), verified=True)
        known = User.objects.filter(Q(email=email.lower()) | Exists(proven)).annotate(proven=Exists(proven))
        found: User | None = self._check_password(known.order_by("-proven", "pk").first(), password)
        return found
