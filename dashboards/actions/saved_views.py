"""Filters of the portfolio that are kept under a name."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from dashboards.models import SavedView
from dashboards.rules import MOST_VIEWS, VIEW_NAME, kept_state
from lib.errors import Conflict, NotAllowed, RuleBroken
from lib.names import one_name
from lib.texts import checked
from lib.transitions import must_be_as_seen, touched
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def save_view(
    *, by: Membership, name: str, state: Mapping[str, str], shared: bool = False, is_default: bool = False
) -> SavedView:
    """Keep filters and order under a name of one's own. RuleBroken for a name that one has used, or where there are too many."""
    require(by, "view.save")
    if shared:
        require(by, "view.share")
    own = SavedView.objects.filter(member=by)
    if own.count() >= MOST_VIEWS:
        raise RuleBroken("view", f"You have {MOST_VIEWS} views. Delete one that you do not need any more first.")
    if is_default:
        _no_default(by)
    given = {"member": by, "state": kept_state(state), "shared": shared, "is_default": is_default}
    try:
        with transaction.atomic():
            return SavedView.objects.create(name=_checked(name), **given)
    except IntegrityError as twice:
        raise _taken(name) from twice


@transaction.atomic
def change_view(
    *,
    by: Membership,
    view: SavedView,
    name: str,
    shared: bool,
    is_default: bool | None = None,
    state: Mapping[str, str] | None = None,
    seen: int | None = None,
) -> SavedView:
    """Another name, shared or not, what one's own portfolio opens with, other filters. None leaves what there is.

    NotAllowed for a colleague's view, unless it is shared and one may share. Conflict where it was changed since it was `seen`.
    """
    _may_change(by=by, view=view)
    must_be_as_seen(view, seen)
    if shared and not view.shared:
        require(by, "view.share")
    changes: dict[str, object] = {"name": _checked(name), "shared": shared}
    if state is not None:
        changes["state"] = kept_state(state)
    if is_default is not None and view.member_id == by.pk:
        if is_default:
            _no_default(by)
        changes["is_default"] = is_default
    try:
        with transaction.atomic():
            changed = touched(SavedView.objects.filter(pk=view.pk, version=view.version), **changes)
    except IntegrityError as twice:
        raise _taken(name) from twice
    if not changed:
        raise Conflict("version", "Somebody else changed this view at the same moment. Look at it again.")
    view.refresh_from_db()
    return view


@transaction.atomic
def delete_view(*, by: Membership, view: SavedView, seen: int | None = None) -> None:
    """Take a view away; what it showed stays where it is."""
    _may_change(by=by, view=view)
    must_be_as_seen(view, seen)
    view.delete()


def _may_change(*, by: Membership, view: SavedView) -> None:
    require(by, "view.save")
    if view.member_id != by.pk and not (view.shared and by.may("view.share")):
        raise NotAllowed("view", "This view is a colleague’s. Save one of your own.")


def _no_default(by: Membership) -> None:
    touched(SavedView.objects.filter(member=by, is_default=True), is_default=False)


def _checked(name: str) -> str:
    return checked(one_name(name), "name", VIEW_NAME)


def _taken(name: str) -> RuleBroken:
    return RuleBroken("name", f"There is a view “{one_name(name)}” already. Choose another name, or change that one.")
