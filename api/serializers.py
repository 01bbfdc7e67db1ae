"""What the API says. Figures, points, scores and money are texts, so that they stay exact."""

from decimal import Decimal

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from breaches.models import Breach
from contracts.models import Contract
from evaluation.models import Month, Result
from measurements.models import Submission
from scorecards.models import Scorecard

EDITION = "The latest edition of the month as it was published; null: none, what stands here is provisional"
NUMBER = r"\A[0-9]{1,12}(\.[0-9]{1,6})?\Z"


@extend_schema_field({"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]*[1-9])?$"})
class ExactNumber(serializers.DecimalField):
    """A number as a text with all decimals that it has, and none that it has not: "92.5", never 92.50000 or 9.25E1."""

    def __init__(self, **options: object) -> None:
        # A model's field gives its own digits; what comes out is not cut to them.
        super().__init__(**{**options, "max_digits": None, "decimal_places": None})

    def to_representation(self, value: Decimal | int) -> str:
        if not value:
            return "0"  # not -0.00
        text = f"{Decimal(value):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


class RowOut(serializers.ModelSerializer):
    """A row of a table; its decimals are exact."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {models.DecimalField: ExactNumber}


class ContractOut(RowOut):
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


class ResultOut(RowOut):
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


class MonthOut(RowOut):
    forgone = ExactNumber(source="capped_amount")
    edition = serializers.IntegerField(allow_null=True, help_text=EDITION)
    provisional = serializers.SerializerMethodField(help_text="The month is not published yet")

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
            "edition",
            "provisional",
        )

    def get_provisional(self, month: Month) -> bool:
        return month.edition is None  # type: ignore[attr-defined]


class ServedOut(serializers.Serializer):
    """What a service level adds to a KRA: of the contract's 100 score points those it can earn, and those it earned."""

    service_level = serializers.CharField()
    points = ExactNumber(allow_null=True)
    earned = ExactNumber(allow_null=True)

    def to_representation(self, instance: list[object]) -> dict[str, object]:
        named: dict[str, object] = super().to_representation(dict(zip(self.fields, instance, strict=True)))
        return named


class KraOut(serializers.Serializer):
    """A KRA of a scorecard. Points are score points: all KRAs that are due share 100."""

    kra = serializers.CharField()
    name = serializers.CharField()
    weight = ExactNumber()
    due = serializers.BooleanField()
    score = ExactNumber(allow_null=True)
    coverage = ExactNumber(allow_null=True)
    points = ExactNumber(allow_null=True)
    earned = ExactNumber(allow_null=True)
    levels = ServedOut(many=True)


class ScorecardOut(RowOut):
    kras = KraOut(many=True)
    edition = serializers.IntegerField(allow_null=True, help_text=EDITION)
    provisional = serializers.SerializerMethodField(help_text="The month is not published yet")

    class Meta:
        model = Scorecard
        fields = ("month", "score", "coverage", "grade", "edition", "provisional", "kras")

    def get_provisional(self, scorecard: Scorecard) -> bool:
        return scorecard.edition is None  # type: ignore[attr-defined]


class BreachOut(RowOut):
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
            "severity",
            "opened_at",
            "acknowledged_at",
            "acknowledged_by_name",
            "note",
            "plan",
            "version",
        )


class SubmissionOut(RowOut):
    reference = serializers.CharField(help_text="What people call it: SUB-2404-0017")

    class Meta:
        model = Submission
        fields: tuple[str, ...] = (
            "id",
            "reference",
            "month",
            "revision",
            "status",
            "reason",
            "submitted_by_name",
            "submitted_at",
            "decided_by_name",
            "decided_at",
            "return_reason",
            "version",
        )


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
    declared = serializers.BooleanField(
        default=False, help_text="With `submit`: that the figures are complete and come from one's records"
    )
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="Needed to correct an accepted month"
    )
