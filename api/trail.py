"""The trail through the API: the latest entries in words, and whole sealed stretches for whoever keeps and verifies them elsewhere."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiTypes
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import endpoint
from audit import actions, exports
from audit.forms import TrailForm
from audit.wording import DescribedEntry, describe_entries
from lib.whole_numbers import whole

SHOWN = 100


class ChangeOut(serializers.Serializer):
    label = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class EntryOut(serializers.Serializer):
    id = serializers.IntegerField(source="entry.pk")
    at = serializers.DateTimeField(source="entry.at")
    who = serializers.CharField(help_text="Empty: the system")
    what = serializers.CharField()
    request = serializers.CharField(source="entry.request_id")
    changes = ChangeOut(many=True)


class TrailOut(serializers.Serializer):
    results = EntryOut(many=True)
    before = serializers.IntegerField(
        allow_null=True, help_text="?before= of the older ones; null where there are none"
    )
    last_hash = serializers.CharField(help_text="Of the last seal: kept elsewhere, it proves that nothing was cut off")


@endpoint("GET", "audit.view", answers=TrailOut, query=("before", "begin", "end", "person", "of", "q"))
def trail(request: Request, organisation: str) -> Response:
    """The latest entries, 100 at a time; a vendor's keys read what concerns the vendor. `person`: a member's id, or words of
    a name; `of`: an object, like contract-12; `q`: a request's number."""
    member = request.membership
    actions.must_see_all_contracts(member)
    asked = TrailForm(request.query_params)
    entries = asked.entries()
    if not asked.is_valid():
        raise ValidationError(asked.errors)
    before = request.query_params.get("before", "")
    if before:
        if (last := whole(before)) is None:
            raise ValidationError({"before": "Write the number that the last answer gave."})
        entries = entries.filter(pk__lt=last)
    found = list(entries.order_by("-pk")[: SHOWN + 1])
    told: list[DescribedEntry] = describe_entries(found[:SHOWN], member)
    older = found[SHOWN - 1].pk if len(found) > SHOWN else None
    return Response(TrailOut({"results": told, "before": older, "last_hash": actions.last_hash()}).data)


@endpoint("GET", "audit.view", answers={(200, "application/jsonl"): OpenApiTypes.STR}, query=("begin", "end"))
def trail_export(request: Request, organisation: str) -> HttpResponse:
    """The sealed stretches with anything between two days, as JSON Lines: what `verify_trail.py` checks."""
    actions.must_see_all_contracts(request.membership)
    asked = TrailForm({name: request.query_params.get(name, "") for name in ("begin", "end")})
    if not asked.is_valid():
        raise ValidationError(asked.errors)
    content = exports.as_json_lines(*asked.moments())
    return HttpResponse(content, content_type="application/jsonl; charset=utf-8")
