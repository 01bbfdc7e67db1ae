"""Text that lies encrypted in the database: Fernet, under the keys of the environment (ENCRYPTION_KEYS).

The first key encrypts, all of them decrypt. A key is replaced by putting a new one first and running `manage.py rotate_keys`;
then the old one can go.
"""

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class KeyMissing(RuntimeError):
    """A text was encrypted under a key that is not among ENCRYPTION_KEYS, or was tampered with."""


def check(keys: Sequence[str]) -> None:
    """Raises ImproperlyConfigured where one of the keys is none, and says how to make one."""
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError as wrong:
            raise ImproperlyConfigured(
                f"Key {number} of ENCRYPTION_KEYS is not 32 bytes in URL-safe base64. Make one: python3 -c 'import base64, os; "
                "print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
            ) from wrong


def keyring() -> MultiFernet:
    """The keys of the settings."""
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def encrypt(text: str) -> str:
    return keyring().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Raises KeyMissing."""
    try:
        return keyring().decrypt(text.encode()).decode()
    except InvalidToken as unknown:
        raise KeyMissing(
            "None of ENCRYPTION_KEYS opens this. Put the key that made it back, after the others."
        ) from unknown


def rotate(text: str) -> str:
    """The same text under the first key, whatever key it was under. Raises KeyMissing."""
    try:
        return keyring().rotate(text.encode()).decode()
    except InvalidToken as unknown:
        raise KeyMissing(
            "None of ENCRYPTION_KEYS opens this. Put the key that made it back, after the others."
        ) from unknown


def sign(text: str) -> str:
    """HMAC-SHA256 of the text under the first key, in hexadecimal digits."""
    return _signature(settings.ENCRYPTION_KEYS[0], text)


def is_signature(signature: str, text: str) -> bool:
    """Whether one of the keys signed this text so."""
    return any(hmac.compare_digest(signature, _signature(key, text)) for key in settings.ENCRYPTION_KEYS)


def _signature(key: str, text: str) -> str:
    return hmac.new(b"signature:" + key.encode(), text.encode(), hashlib.sha256).hexdigest()
