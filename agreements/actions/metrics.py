"""The organisation's own metrics in the catalogue: added, changed, retired, and offered again."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from lib import clock
from lib.errors import Conflict, RuleBroken
from organisations.actions import require
from organisations.models import Membership
from slas.metric_catalogue import metrics, trades
from slas.models import OwnMetric, ServiceLevel

CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,39}")
FIELDS = ("name", "definition", "measure", "better", "every", "target", "minimum", "traps")


@transaction.atomic
def add_metric(*, by: Membership, code: str, given: Mapping[str, Any]) -> OwnMetric:
    """A metric under a code of its own, in capitals. RuleBroken (`code`) for one that is, or might become, the product's, Conflict (`code`)
    for one that the organisation has; else as `change_metric`."""
    require(by, "metric.manage")
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        raise RuleBroken("code", "Write a code of letters, digits, dots and hyphens, such as SITE-01.")
    prefix = code.partition("-")[0]
    if code in metrics() or prefix in trades():
        raise RuleBroken("code", f"Codes that begin with {prefix}- are the catalogue’s. Begin with something else.")
    _check(given)
    try:
        with transaction.atomic():
            return OwnMetric.objects.create(code=code, **_fields(given), **_changed(by))
    except IntegrityError as error:
        raise Conflict("code", f"{code} is one of your metrics already. Choose another code.") from error


@transaction.atomic
def change_metric(*, by: Membership, metric: OwnMetric, version: int, given: Mapping[str, Any]) -> OwnMetric:
    """Other words, targets and traps. RuleBroken (`kind`) where it would measure something else than service levels that name it, and
    (`minimum`) for a minimum better than the target; Conflict where somebody changed it meanwhile."""
    require(by, "metric.manage")
    _check(given)
    there = OwnMetric.objects.select_for_update().get(pk=metric.pk)
    same = (there.measure, there.better) == (given["measure"], given["better"])
    if not same and ServiceLevel.objects.filter(metric=there.code).exists():
        raise RuleBroken(
            "kind", f"Service levels measure {there.code}. Add another metric for what is measured otherwise."
        )
    _write(metric, version, {**_fields(given), **_changed(by)})
    return metric


@transaction.atomic
def retire_metric(*, by: Membership, metric: OwnMetric, version: int, retired: bool = True) -> OwnMetric:
    """Offered no more, or again. Service levels that name it keep it, and compare as before."""
    require(by, "metric.manage")
    changed = _changed(by)
    _write(metric, version, {"retired_at": changed["changed_at"] if retired else None, **changed})
    return metric


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in FIELDS}


def _check(given: Mapping[str, Any]) -> None:
    target: Decimal | None = given["target"]
    minimum: Decimal | None = given["minimum"]
    if (target is None) != (minimum is None):
        raise RuleBroken("minimum", "Enter both the usual target and the usual minimum, or neither.")
    if target is None or minimum is None:
        return
    if minimum > target if given["better"] == "higher" else minimum < target:
        raise RuleBroken("minimum", "The minimum is better than the target. Exchange them.")


def _changed(by: Membership) -> dict[str, Any]:
    return {"changed_by": by, "changed_by_name": by.name, "changed_at": clock.database_now()}


def _write(metric: OwnMetric, version: int, changes: dict[str, Any]) -> None:
    """Compare and write in one statement."""
    changes = {**changes, "version": version + 1}
    if not OwnMetric.objects.filter(pk=metric.pk, version=version).update(**changes):
        raise Conflict("version", "Somebody else changed this metric meanwhile. Look at it again.")
    for name, value in changes.items():
        setattr(metric, name, value)
