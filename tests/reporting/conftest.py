"""Months are looked at in June."""

import pytest


@pytest.fixture(autouse=True)
def looked_at_in_june(in_june):
    """Every test of this folder has the clock of `in_june`."""
