"""The metric catalogue through the API: the product's metrics and the organisation's own."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoints import endpoint, page
from slas.own_metrics import known_metrics


class MetricOut(serializers.Serializer):
    """One metric. `target` and `minimum` are texts in its unit, null where each contract sets its own."""

    code = serializers.CharField(help_text="What contract files name it by (`metric`)")
    name = serializers.CharField()
    definition = serializers.CharField()
    measure = serializers.DictField(child=serializers.CharField(), help_text="As in a contract file")
    better = serializers.ChoiceField(["higher", "lower", "inside"])
    every = serializers.ChoiceField(["month", "quarter", "week", "year"])
    target = serializers.CharField(allow_null=True)
    minimum = serializers.CharField(allow_null=True)
    traps = serializers.ListField(child=serializers.CharField())
    own = serializers.BooleanField(help_text="Whether the organisation added it")
    retired = serializers.BooleanField(help_text="Whether it is not offered any more")


@endpoint("GET", "catalogue.view", answers=MetricOut(many=True))
def metrics(request: Request, organisation: str) -> Response:
    """All metrics of the catalogue, the organisation's own last."""
    return page(request, list(known_metrics().values()), MetricOut)
