"""The catalogue as an organisation has it: the product's metrics, and those that it added. One statement each time."""

from decimal import Decimal

from slas.metric_catalogue import Metric, metrics
from slas.models import OwnMetric


def known_metrics() -> dict[str, Metric]:
    """Code → metric: the product's in the order of the file, then the organisation's own, retired ones too."""
    return metrics() | {one.code: as_metric(one) for one in OwnMetric.objects.all()}


def offered_metrics() -> dict[str, Metric]:
    """Those that a new service level can measure."""
    return {code: one for code, one in known_metrics().items() if not one.retired}


def as_metric(one: OwnMetric) -> Metric:
    return Metric(
        code=one.code,
        name=one.name,
        definition=one.definition,
        measure=one.measure,
        better=one.better,
        every=one.every,
        traps=tuple(one.traps),
        target=_digits(one.target),
        minimum=_digits(one.minimum),
        own=True,
        retired=one.retired_at is not None,
    )


def _digits(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"
