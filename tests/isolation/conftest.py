"""Rows that could leak: every table of an organisation holds some of two organisations and of two vendors of one."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from organisations.scope import open_scope
from tests.cast import Cast
from tests.factories import contracts, everything, measurements, slas


@dataclass(frozen=True)
class Side:
    """Whose rows: an organisation, and the vendor where a vendor's people look."""

    organisation_id: int
    vendor_id: int | None = None


@pytest.fixture
def rows(cast: Cast) -> Cast:
    """The cast, with rows in every table for Aldermoor with Corvid, Aldermoor with Halden, Brightwater with Corvid."""
    with open_scope(organisation_id=cast.aldermoor.pk):
        everything.for_vendor(cast.corvid)
        everything.for_vendor(cast.halden)
    with open_scope(organisation_id=cast.brightwater.pk):
        everything.for_vendor(cast.corvid_at_brightwater)
    return cast


@pytest.fixture
def sides(rows: Cast) -> dict[str, Side]:
    return {
        "aldermoor": Side(rows.aldermoor.pk),
        "brightwater": Side(rows.brightwater.pk),
        "corvid": Side(rows.aldermoor.pk, rows.corvid.pk),
        "halden": Side(rows.aldermoor.pk, rows.halden.pk),
        "corvid at brightwater": Side(rows.brightwater.pk, rows.corvid_at_brightwater.pk),
    }


@pytest.fixture
def inside() -> Callable:
    """`with inside(side):` the scope of a side."""
    return lambda side: open_scope(organisation_id=side.organisation_id, vendor_id=side.vendor_id)


@pytest.fixture
def april(cast: Cast, scope_of: Callable) -> Any:
    """A contract of Corvid's with one service level, its first period, and a draft of its month with a figure in it."""
    with scope_of(cast.aldermoor):
        contract = contracts.contract(cast.corvid)
        period = contracts.periods(contract, count=1)[0]
        level = slas.service_level(contract)
        slas.terms(level)
        draft = measurements.submission(contract, period.month, by_vendor=True)
        measurements.figure(draft, level, period)
    return draft


@pytest.fixture
def unlogged() -> Iterator[None]:
    """Thousands of refusals, none of them written to the log. Loggers remember what they write, so that it is ended by the same way."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)
