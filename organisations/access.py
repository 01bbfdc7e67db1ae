"""Who may call a view: every view names its action, or says that it stands outside the organisations.

A test lists the views that say nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from organisations.actions import require
from organisations.rules import PERMISSIONS

View = Callable[..., HttpResponseBase]


def allows(action: str) -> Callable[[View], View]:
    """For views below /o/<organisation>/: members whose role may do the action, others get NotAllowed (403).

    Raises KeyError at import for an action that is not in the table.
    """
    if action not in PERMISSIONS:
        raise KeyError(action)

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            member = getattr(request, "membership", None)
            if member is None:
                raise RuntimeError(f"{view.__name__} was reached without a membership: it must stand below /o/.")
            require(member, action)
            return view(request, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return guard


def signed_in(view: View) -> View:
    """For views outside the organisations that need a person: one's own organisations, the theme."""
    guarded = login_required(view)
    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded


def open_to_all(view: View) -> View:
    """For views that anybody may call: health checks, the API's description."""
    view.access = "all"  # type: ignore[attr-defined]
    return view
