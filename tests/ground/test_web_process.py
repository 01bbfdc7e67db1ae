"""The room for frames in a web process: calls do not take memory from the system again and again, however deep they stand."""

import resource

from config.web_process import with_room

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
