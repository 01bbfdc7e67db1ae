"""JSON columns whose numbers stay what they are: a decimal is read as a Decimal, never as a binary fraction."""

import json
from decimal import Decimal
from typing import Any

from django.db import models


class ExactDecoder(json.JSONDecoder):
    """Whole numbers as int, all others as Decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"parse_float": Decimal, **options})


class ExactJSONField(models.JSONField):
    """For what SQL writes: the judgement, the trail. The column is that of a JSONField, so to migrations it is one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"decoder": ExactDecoder, **options})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("decoder", None)
        return name, "django.db.models.JSONField", args, kwargs
