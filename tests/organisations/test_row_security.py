"""The walls are derived from the models: what differs is said, and mended."""

import pytest
from django.db import connections

from organisations import row_security, wall_building

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_nothing_differs_after_migrate() -> None:
    with connections["owner"].cursor() as cursor:
        assert row_security.drift(cursor) == []


def test_applying_twice_does_nothing() -> None:
    with connections["owner"].cursor() as cursor:
        assert wall_building.apply(cursor) == 0
