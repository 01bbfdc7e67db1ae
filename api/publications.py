"""Published months: their editions, what is missing before one, and publishing."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import body, endpoint, page
from api.serializers import RowOut
from api.views import _contract, _of_month
from lib.months import month_of
from lib.wakeup import wake_workers
from scorecards.actions import publish
from scorecards.models import Publication
from scorecards.rules import LONGEST_WORD
from scorecards.snapshot import standing_of

MONTH = "Write a month as 2025-01."


class PublicationOut(RowOut):
    snapshot = serializers.DictField(help_text="The month's numbers as they were shown, all of them texts")
    accepted_by = serializers.SerializerMethodField()
    accepted_at = serializers.SerializerMethodField()

    class Meta:
        model = Publication
        fields = (
            "id",
            "month",
            "edition",
            "score",
            "points",
            "credit",
            "checksum",
            "word",
            "by_name",
            "at",
            "answer_by",
            "accepted_by",
            "accepted_at",
            "snapshot",
        )

    def get_accepted_by(self, publication: Publication) -> str | None:
        return next((one.by_name for one in publication.acceptances.all()), None)

    def get_accepted_at(self, publication: Publication) -> str | None:
        return next((one.at.isoformat() for one in publication.acceptances.all()), None)


class CheckOut(serializers.Serializer):
    done = serializers.BooleanField()
    text = serializers.CharField()


class StandingOut(serializers.Serializer):
    """A month before it is published: its numbers, and what is missing."""

    month = serializers.DateField(format="%Y-%m")
    complete = serializers.BooleanField(source="is_complete")
    checks = CheckOut(many=True)
    checksum = serializers.CharField(help_text="Of these numbers: `seen` when they are published")
    snapshot = serializers.DictField()


class PublishIn(serializers.Serializer):
    month = serializers.CharField(max_length=7, help_text="2025-01")
    seen = serializers.CharField(max_length=64, help_text="The checksum of the numbers that were looked at")
    word = serializers.CharField(max_length=LONGEST_WORD, required=False, allow_blank=True, default="")


@endpoint("GET", "scorecard.view", answers=PublicationOut(many=True), query=("month",))
def publications(request: Request, organisation: str, contract_id: int) -> Response:
    """The editions of a contract's months, of one month or of all, with their numbers as they were frozen."""
    rows = Publication.objects.filter(contract=_contract(contract_id)).prefetch_related("acceptances")
    return page(request, _of_month(rows, request).order_by("month", "edition"), PublicationOut)


@endpoint("GET", "portfolio.view", answers=StandingOut, query=("month",))
def standing(request: Request, organisation: str, contract_id: int) -> Response:
    """?month=2025-01: the numbers that would be published now, their checksum, and what is missing."""
    found, month = _contract(contract_id), month_of(request.query_params.get("month", ""))
    if month is None:
        raise ValidationError({"month": MONTH})
    return Response(StandingOut(standing_of(found, month, timezone.now())).data)


@endpoint("POST", "scorecard.publish", takes=PublishIn, answers={201: PublicationOut})
def publish_month(request: Request, organisation: str, contract_id: int) -> Response:
    """Freeze a month as its next edition, and tell the vendor. 409 where its numbers are others than `seen`."""
    found, given = _contract(contract_id), body(PublishIn, request)
    month = month_of(given["month"])
    if month is None:
        raise ValidationError({"month": MONTH})
    member = request.membership
    made = publish(by=member, contract=found, month=month, seen=given["seen"], word=given["word"])
    wake_workers(member.organisation_id)
    return Response(PublicationOut(made).data, status=201)
