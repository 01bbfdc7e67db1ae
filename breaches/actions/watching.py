"""Wanting to know whatever is said or done about a breach."""

from breaches.models import Breach, Watcher
from organisations.actions import require
from organisations.models import Membership


def watch(*, by: Membership, breach: Breach) -> None:
    """From now on the member is told of each line of the thread that somebody else writes. A second time changes nothing."""
    require(by, "breach.watch")
    Watcher.objects.get_or_create(breach=breach, member=by, defaults={"name": by.name})


def unwatch(*, by: Membership, breach: Breach) -> None:
    """No longer."""
    require(by, "breach.watch")
    Watcher.objects.filter(breach=breach, member=by).delete()
