"""A row of every table says what it is: in a shell, in a log, in the trail."""

from collections.abc import Callable
from typing import Any

from django.apps import apps

from organisations.row_security import is_tenant
from tests.cast import Cast
from tests.factories import everything


def test_every_row_has_a_name_of_its_own(cast: Cast, scope_of: Callable[..., Any]) -> None:
    unnamed, seen = [], 0
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.corvid)
        for model in apps.get_models():
            row = model._default_manager.first() if is_tenant(model) else None
            if row is not None:
                seen += 1
                unnamed += [model.__name__] if str(row) in ("", f"{model.__name__} object ({row.pk})") else []
    assert unnamed == []
    assert seen > 25
