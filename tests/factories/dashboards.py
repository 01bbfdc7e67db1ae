"""Saved views. Made inside an open scope."""

from typing import Any

from dashboards.models import OpeningView, SavedView
from organisations.models import Membership


def saved_view(of: Membership, **fields: Any) -> SavedView:
    """A member's view of vendors with open breaches."""
    given = {"member": of, "name": f"Open breaches {SavedView.objects.count()}", "state": {"status": "breach"}}
    return SavedView.objects.create(**given | fields)


def opening_view(view: SavedView, of: Membership) -> OpeningView:
    """What a member's portfolio opens with."""
    return OpeningView.objects.update_or_create(member=of, defaults={"view": view})[0]
