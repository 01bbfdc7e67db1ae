"""API keys through the API: for people who are signed in, since no key makes or ends keys."""

from datetime import datetime, time
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import body, endpoint, page
from lib import clock
from organisations.actions import make_key, revoke_key, rotate_key
from organisations.models import ApiKey, Vendor
from organisations.rules import KeyScope


class KeyOut(serializers.ModelSerializer):
    owner = serializers.CharField(source="owner.name")
    vendor = serializers.CharField(source="vendor.code", allow_null=True, default=None)
    last_used_at = serializers.DateTimeField(allow_null=True, default=None)

    class Meta:
        model = ApiKey
        fields: tuple[str, ...] = (
            "id",
            "name",
            "prefix",
            "scope",
            "owner",
            "vendor",
            "created_at",
            "expires_at",
            "rotated_at",
            "revoked_at",
            "last_used_at",
        )


class KeyMade(KeyOut):
    """With the whole key: this once."""

    key = serializers.CharField()

    class Meta(KeyOut.Meta):
        fields = (*KeyOut.Meta.fields, "key")


class KeyIn(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    scope = serializers.ChoiceField(KeyScope.choices)
    vendor = serializers.CharField(required=False, allow_null=True, help_text="A vendor's code, to limit the key to it")
    expires_on = serializers.DateField(help_text="The last day on which it works")


@endpoint("GET", "key.manage", answers=KeyOut(many=True))
def api_keys(request: Request, organisation: str) -> Response:
    """The keys that one looks after, with those that ended."""
    return page(request, ApiKey.objects.looked_after_by(request.membership).listed(), KeyOut)


@endpoint("POST", "key.manage", takes=KeyIn, answers={201: KeyMade})
def make_api_key(request: Request, organisation: str) -> Response:
    """A new key; `key` is in this answer and nowhere else."""
    given = body(KeyIn, request)
    vendor = Vendor.objects.current().filter(code=given["vendor"]).first() if given.get("vendor") else None
    if given.get("vendor") and vendor is None:
        raise ValidationError({"vendor": "There is no vendor with this code."})
    key, secret = make_key(
        by=request.membership,
        name=given["name"],
        scope=given["scope"],
        vendor=vendor,
        expires_at=timezone.make_aware(datetime.combine(given["expires_on"], time(23, 59, 59))),
        now=clock.database_now(),
    )
    return _made(key, secret.text)


@endpoint("POST", "key.manage", answers={201: KeyMade})
def rotate_api_key(request: Request, organisation: str, api_key: int) -> Response:
    """A second key for the same use; the old one works for seven more days."""
    key, secret = rotate_key(by=request.membership, key=_find(request, api_key), now=clock.database_now())
    return _made(key, secret.text)


@endpoint("POST", "key.manage", answers=KeyOut)
def revoke_api_key(request: Request, organisation: str, api_key: int) -> Response:
    """From the next call on the key lets nobody in."""
    return Response(
        KeyOut(revoke_key(by=request.membership, key=_find(request, api_key), now=clock.database_now())).data
    )


def _find(request: Request, pk: int) -> ApiKey:
    mine = ApiKey.objects.looked_after_by(request.membership)
    found: ApiKey = get_object_or_404(mine.select_related("owner", "member", "vendor"), pk=pk)
    return found


def _made(key: Any, text: str) -> Response:
    key.key = text
    return Response(KeyMade(key).data, status=201)
