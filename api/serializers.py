"""What the API says. Numbers are texts, so that they stay exact."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from breaches.models import Breach
from contracts.models import Contract
from evaluation.models import Month, Result
from measurements.models import Submission
from scorecards.models import Scorecard

NUMBER = r"\A[0-9]{1,12}(\.[0-9]{1,6})?\Z"


class ContractOut(serializers.ModelSerializer):
    vendor = serializers.CharField(source="vendor.code")
    report_due = serializers.SerializerMethodField(
        help_text="The working day after a period on which figures are due, as it is in force today"
    )

    def get_report_due(self, contract: Contract) -> int:
        return contract.in_force(contract.day(timezone.now())).report_due

    class Meta:
        model = Contract
        fields = (
            "id",
            "reference",
            "title",
            "vendor",
            "starts_on",
            "ends_on",
            "currency",
            "timezone",
            "report_due",
            "version",
        )


class ResultOut(serializers.ModelSerializer):
    service_level = serializers.CharField(source="service_level.code")
    period = serializers.DateField(source="starts_on")
    band = serializers.CharField(source="band_name", allow_null=True)

    class Meta:
        model = Result
        fields = (
            "id",
            "service_level",
            "period",
            "month",
            "outcome",
            "band",
            "value",
            "streak",
            "factor",
            "points",
            "score",
            "revision",
            "judged_at",
        )


class MonthOut(serializers.ModelSerializer):
    forgone = serializers.DecimalField(max_digits=20, decimal_places=4, source="capped_amount")

    class Meta:
        model = Month
        fields = (
            "month",
            "points",
            "charges",
            "at_risk",
            "credit_before_caps",
            "credit",
            "forgone",
            "earned_back",
            "capped",
            "final",
        )


class ScorecardOut(serializers.ModelSerializer):
    class Meta:
        model = Scorecard
        fields = ("month", "score", "coverage", "grade", "provisional", "kras")


class BreachOut(serializers.ModelSerializer):
    contract = serializers.CharField(source="contract.reference")
    service_level = serializers.CharField(source="service_level.code")
    period = serializers.DateField(source="starts_on")

    class Meta:
        model = Breach
        fields = (
            "id",
            "contract",
            "service_level",
            "period",
            "month",
            "status",
            "opened_at",
            "acknowledged_at",
            "note",
        )


class SubmissionOut(serializers.ModelSerializer):
    class Meta:
        model = Submission
        fields = ("id", "month", "revision", "status", "submitted_at", "decided_at", "return_reason")


class FigureIn(serializers.Serializer):
    """One row of the figures file, for the description of the API; `api.figures` reads it and the contract's own check judges it."""

    service_level = serializers.CharField(max_length=40)
    period = serializers.CharField(max_length=10, help_text="First day of the period, 2024-04-01; 2024-04 for a month")
    part = serializers.CharField(max_length=80, required=False, allow_blank=True)
    numerator = serializers.RegexField(NUMBER, required=False)
    denominator = serializers.RegexField(NUMBER, required=False)
    value = serializers.RegexField(r"\A-?[0-9]{1,12}(\.[0-9]{1,6})?\Z", required=False)
    downtime = serializers.RegexField(NUMBER, required=False)
    maintenance = serializers.RegexField(NUMBER, required=False)
    relieved = serializers.RegexField(NUMBER, required=False)
    incident = serializers.CharField(max_length=80, required=False, allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


@extend_schema_field(FigureIn(many=True))
class FigureRows(serializers.JSONField):
    """A list of rows as they came: a serializer for each of 20,000 would take longer than everything after it."""


class FiguresIn(serializers.Serializer):
    figures = FigureRows()
    submit = serializers.BooleanField(default=False, help_text="Submit the months at once; else they are drafts")
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="Needed to correct an accepted month"
    )
