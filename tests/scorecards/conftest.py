"""A contract whose April was judged from an accepted figure."""

import pytest

from tests.dashboard_world import Judged, in_june, judged  # noqa: F401


@pytest.fixture
def month(cast, scope_of, in_june) -> Judged:  # noqa: F811
    with scope_of(cast.aldermoor):
        return Judged(cast, cast.corvid)


@pytest.fixture
def act(scope_of):
    """`act(member, action, …)`: the action in the member's scope."""

    def done(member, action, **given):
        with scope_of(member):
            return action(by=member, **given)

    return done
