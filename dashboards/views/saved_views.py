"""Views of the portfolio that are kept under a name: the list, saving one, changing it, taking it away."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboards.actions import change_view, delete_view, save_view
from dashboards.forms import ViewForm
from dashboards.models import OpeningView, SavedView
from dashboards.rules import describe_state, kept_state
from lib.errors import Refused
from lib.htmx import seen_version
from lib.posts import posted_from
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest

TEMPLATE = "dashboards/views.html"


@require_safe
@allows("view.save")
def saved_views(request: MemberRequest, organisation: str) -> HttpResponse:
    """One's own views and those that colleagues share, each with what can be done about it.

    With filters and order, as the portfolio's address has them, also the form that keeps them; `view=7` is the one they come from.
    """
    if not _state(request.GET):
        return _show(request)
    former = _former(request, request.GET)
    initial = _initial(former, _opening(request)) if former else {}
    return _show(request, new=_form(request, initial=initial))


@posted_from("portfolio")
@allows("view.save")
def save(request: MemberRequest, organisation: str) -> HttpResponse:
    """Keeps the filters and the order that came along; with `view=7&replace=1` in place of those of a view that there is."""
    form = _form(request, request.POST)
    if not form.is_valid():
        return _show(request, new=form, status=422)
    state, given = _state(request.POST), form.cleaned_data
    member = request.membership
    try:
        if request.POST.get("replace") == "1":
            found = _find(request, request.POST.get("view", ""))
            given = {"shared": found.shared, **given}
            view = change_view(by=member, view=found, state=state, seen=seen_version(request), **given)
        else:
            view = save_view(by=member, state=state, **given)
    except Refused as refused:
        refused.add_to(form)
        return _show(request, new=form, status=refused.status)
    messages.success(request, f"“{view.name}” is saved")
    return redirect(f"{reverse('portfolio', args=[organisation])}?view={view.pk}")


@posted_from("views")
@allows("view.save")
def change(request: MemberRequest, organisation: str, saved_view: int) -> HttpResponse:
    """Another name, shared or not, what the portfolio opens with."""
    found = _find(request, str(saved_view))
    form = _form(request, request.POST, prefix=f"v{found.pk}")
    if not form.is_valid():
        return _show(request, changed=(found.pk, form), status=422)
    given = {"shared": found.shared, **form.cleaned_data}
    try:
        change_view(by=request.membership, view=found, seen=seen_version(request), **given)
    except Refused as refused:
        refused.add_to(form)
        return _show(request, changed=(found.pk, form), status=refused.status)
    messages.success(request, f"“{given['name']}” is saved")
    return redirect("views", organisation)


@posted_from("views")
@allows("view.save")
def delete(request: MemberRequest, organisation: str, saved_view: int) -> HttpResponse:
    """The view is gone; what it showed stays where it is."""
    found = _find(request, str(saved_view))
    delete_view(by=request.membership, view=found, seen=seen_version(request))
    messages.success(request, f"“{found.name}” is deleted")
    return redirect("views", organisation)


def _opening(request: MemberRequest) -> int | None:
    """The view that one's own portfolio opens with."""
    found: int | None = OpeningView.objects.filter(member=request.membership).values_list("view_id", flat=True).first()
    return found


def _initial(view: SavedView, opening: int | None) -> dict[str, Any]:
    return {"name": view.name, "shared": view.shared, "is_default": view.pk == opening}


def _find(request: MemberRequest, pk: str) -> SavedView:
    """One that the member sees. Http404 for a colleague's own."""
    found: SavedView = get_object_or_404(SavedView.objects.shown_to(request.membership), pk=whole(pk))
    return found


def _former(request: MemberRequest, given: QueryDict) -> SavedView | None:
    """One's own view that the filters come from, which can take them up in the place of its own."""
    pk = whole(given.get("view", ""))
    own = SavedView.objects.filter(member=request.membership)
    found: SavedView | None = None if pk is None else own.filter(pk=pk).first()
    return found


def _state(given: QueryDict) -> dict[str, str]:
    return kept_state({name: str(text) for name, text in given.items()})


def _form(request: MemberRequest, *args: Any, **kwargs: Any) -> ViewForm:
    return ViewForm(*args, shares=request.membership.may("view.share"), **kwargs)


def _show(
    request: MemberRequest,
    *,
    new: ViewForm | None = None,
    changed: tuple[int, ViewForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`new`: the form that keeps filters, which go along in hidden fields; `changed`: a row's form that was not taken."""
    member, opening = request.membership, _opening(request)
    rows = []
    for one in SavedView.objects.shown_to(member).select_related("member"):
        own = one.member_id == member.pk
        form = _form(request, initial=_initial(one, opening), prefix=f"v{one.pk}")
        if changed and changed[0] == one.pk:
            form = changed[1]
        may = own or member.may("view.share")
        said = {"own": own, "opens": one.pk == opening, "says": describe_state(one.state)}
        rows.append({"view": one, "form": form if may else None, **said})
    given = request.POST if request.method == "POST" else request.GET
    state = _state(given)
    context: dict[str, Any] = {"rows": rows, "new": new, "kept": state, "says": describe_state(state)}
    context["former"] = _former(request, given) if new else None
    return render(request, TEMPLATE, context, status=status)
