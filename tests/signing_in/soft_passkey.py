"""A passkey in software, which may lie: about where it was asked, and whether it asked its person."""

import json
from hashlib import sha256
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from organisations.models import User

HOST, ORIGIN = "testserver", "https://testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
LOGIN = "/account/2fa/webauthn/login/"


class SoftPasskey:
    """Of `user`, stored with the account as if the page had added it."""

    def __init__(self, user: User, *, name: str = "Laptop") -> None:
        self.user, self.id, self.counter = user, sha256(name.encode()).digest(), 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        public = ES256.from_cryptography_key(self.key.public_key())
        held = AttestedCredentialData.create(bytes(16), self.id, public)
        made = AuthenticatorData.create(self._host(HOST), PRESENT | VERIFIED | ATTESTED, 0, held)
        told = CollectedClientData.create("webauthn.create", b"then", ORIGIN)
        attested = AttestationObject.create("none", made, {})
        credential = self._credential(clientDataJSON=told, attestationObject=attested)
        credential["clientExtensionResults"] = {"credProps": {"rk": True}}
        self.stored: Authenticator = WebAuthn.add(user, name, credential).instance

    @staticmethod
    def _host(name: str) -> bytes:
        return sha256(name.encode()).digest()

    def _credential(self, **response: bytes) -> dict[str, Any]:
        parts = {name: websafe_encode(value) for name, value in response.items()}
        whose = websafe_encode(self.id)
        return {"id": whose, "rawId": whose, "type": "public-key", "response": parts, "clientExtensionResults": {}}

    def answer(
        self, challenge: str, *, origin: str = ORIGIN, host: str = HOST, flags: int = PRESENT | VERIFIED
    ) -> dict[str, str]:
        """The form that the page sends: the challenge signed."""
        self.counter += 1
        told = CollectedClientData.create("webauthn.get", websafe_decode(challenge), origin)
        data = AuthenticatorData.create(self._host(host), flags, self.counter)
        signature = self.key.sign(data + sha256(told).digest(), ec.ECDSA(SHA256()))
        whose = user_pk_to_url_str(self.user).encode()
        credential = self._credential(
            clientDataJSON=told, authenticatorData=data, signature=signature, userHandle=whose
        )
        return {"credential": json.dumps(credential)}


def challenge_of(browser: Client) -> str:
    """What the sign-in page gives to be signed."""
    answer = browser.get(LOGIN, headers={"Accept": "application/json"})
    return str(answer.json()["request_options"]["publicKey"]["challenge"])
