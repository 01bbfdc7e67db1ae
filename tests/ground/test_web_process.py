"""What a web process does once: room for frames, so that calls do not take memory from the system again and again, however deep they stand;
and addresses that are put together once, each of what it is of."""

import gc
import resource
import weakref

import pytest
from django.urls import NoReverseMatch, URLResolver, reverse
from django.urls.base import get_script_prefix, set_script_prefix

from config.web_process import YOUNG, collect_rings, remember_addresses, with_room

CALLS, DEEPEST = 400, 600


def _loop_at(depth: int) -> int:
    """Page faults of a loop of calls at a depth of the stack."""
    if depth:
        return _loop_at(depth - 1)
    _touch()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        _touch()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def _touch() -> None:
    """A call with a frame of its own."""


def test_no_depth_is_at_an_edge():
    answer = with_room(lambda environ, start_response: max(_loop_at(depth) for depth in range(DEEPEST)))
    assert answer({}, None) < CALLS / 4


class _Ring:
    """What only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def test_rings_are_collected_once_many_came_together():
    before = gc.get_threshold()
    gc.set_threshold(0)  # nobody but us
    try:
        gc.collect()
        ring = weakref.ref(_Ring())
        collect_rings()
        assert ring() is not None, "a few are left"
        many = [[] for _ in range(YOUNG + 1)]
        collect_rings()
        assert ring() is None
        assert many
    finally:
        gc.set_threshold(*before)


def test_an_address_is_remembered_for_what_it_is_of(monkeypatch):
    monkeypatch.setattr(
        URLResolver, "_reverse_with_prefix", vars(URLResolver)["_reverse_with_prefix"]
    )  # put back afterwards
    asked = [("contract", "aldermoor", 1), ("contract", "brightwater", 1), ("contract", "aldermoor", 2)]
    made = [reverse(name, args=rest) for name, *rest in asked]
    remember_addresses()
    before = get_script_prefix()
    try:
        for _ in range(2):
            assert [reverse(name, args=rest) for name, *rest in asked] == made
            set_script_prefix("/below/")
            assert reverse("contract", args=["aldermoor", 1]) == f"/below{made[0]}"
            set_script_prefix(before)
            with pytest.raises(NoReverseMatch):
                reverse("contract", args=["aldermoor", "no number"])
    finally:
        set_script_prefix(before)
