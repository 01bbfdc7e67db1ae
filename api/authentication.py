"""Who calls an endpoint: the door has found the member; this says so to the framework."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from organisations.models import Membership


class Program:
    """Stands where a person would: a key is signed in, and has no account."""

    is_authenticated = is_active = True
    is_anonymous = False
    pk = None

    def __init__(self, member: Membership) -> None:
        self.member = member

    def __str__(self) -> str:
        return self.member.name


class ByKey(BaseAuthentication):
    """A member whom the door let in by a key. People's sessions are the next class's."""

    def authenticate(self, request: Request) -> tuple[Program, None] | None:
        member = getattr(request._request, "membership", None)
        return (Program(member), None) if member is not None and member.is_key else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ByKeyScheme(OpenApiAuthenticationExtension):
    target_class = ByKey
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "plb_<prefix>_<secret>"}
