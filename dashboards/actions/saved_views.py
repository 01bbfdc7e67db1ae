"""Filters of the portfolio that are kept under a name."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from dashboards.models import OpeningView, SavedView
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
    given = {"member": by, "state": kept_state(state), "shared": shared}
    try:
        with transaction.atomic():
            view = SavedView.objects.create(name=_checked(name), **given)
    except IntegrityError as twice:
        raise _taken(name) from twice
    if is_default:
        open_with(by=by, view=view)
    return view


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

    NotAllowed for a colleague's view, unless it is shared and one may share. Conflict where it was changed since it was `seen`. A view that
    only opens for somebody from now on is no other than it was.
    """
    _may_change(by=by, view=view)
    must_be_as_seen(view, seen)
    if shared and not view.shared:
        require(by, "view.share")
    changes: dict[str, object] = {"name": _checked(name), "shared": shared}
    if state is not None:
        changes["state"] = kept_state(state)
    if is_default is not None:
        open_with(by=by, view=view, on=is_default)
    if all(getattr(view, field) == value for field, value in changes.items()):
        return view
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


def open_with(*, by: Membership, view: SavedView, on: bool = True) -> None:
    """One's own portfolio opens with the view, and with no other; or not with it any more. NotAllowed for one that is not shown."""
    require(by, "view.save")
    if view.member_id != by.pk and not view.shared:
        raise NotAllowed("view", "This view is a colleague’s. Save one of your own.")
    if on:
        OpeningView.objects.update_or_create(member=by, defaults={"view": view})
    else:
        OpeningView.objects.filter(member=by, view=view).delete()


def _checked(name: str) -> str:
    return checked(one_name(name), "name", VIEW_NAME)


def _taken(name: str) -> RuleBroken:
    return RuleBroken("name", f"There is a view “{one_name(name)}” already. Choose another name, or change that one.")
