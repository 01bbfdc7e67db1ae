"""Second factors, through allauth: their seeds lie encrypted, and passkeys belong to the address of BASE_URL."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from lib import encryption

# Where allauth keeps what must not be read: the seed of a code app, that of the recovery codes.
SECRETS = ("secret", "seed")


class SecondFactors(DefaultMFAAdapter):
    """The hooks of allauth's second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is not right, or was used already. Wait for the next one and enter that.",
        "unverified_email": "Confirm your e-mail address first; then you can add a second factor.",
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whose passkeys they are. In production that is BASE_URL's host, whatever host a request names."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        if settings.PRODUCTION:
            entity["id"] = urlsplit(settings.BASE_URL).hostname or entity["id"]
        return entity | {"name": "Plumbline"}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"


def rotate_seeds() -> int:
    """Put every seed under the first of ENCRYPTION_KEYS; returns how many. Raises encryption.KeyMissing, and then changes none."""
    changed = []
    for authenticator in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk"):
        for name in SECRETS:
            if name in authenticator.data:
                authenticator.data[name] = encryption.rotate(authenticator.data[name])
        changed.append(authenticator)
    Authenticator.objects.bulk_update(changed, ["data"], batch_size=500)
    return len(changed)
