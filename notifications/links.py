"""The link of a letter by which its receiver ends the letters, without signing in (RFC 8058): signed, never stored."""

from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode

SALT = "plumbline.letters.stop"


class StopKey(NamedTuple):
    organisation_id: int
    member_id: int


def stop_address(organisation_id: int, member_id: int) -> str:
    key = signing.dumps([organisation_id, member_id], salt=SALT)
    return f"{settings.BASE_URL.rstrip('/')}{reverse('letters-stop')}?{urlencode({'key': key})}"


def read_stop_key(text: str) -> StopKey | None:
    """What a key says; None where nobody of ours made it."""
    try:
        return StopKey(*signing.loads(text, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None
