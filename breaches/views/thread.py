"""What is said about a breach, and ending it by hand."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from breaches.actions import close, note, open_again, say
from breaches.forms import ReasonForm, SayForm
from breaches.models import Breach
from breaches.rules import ENDED, Status
from breaches.views.breaches import find_breach, page_context, said_of, say_form
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest


@posted_from("breach")
@allows("breach.discuss")
def speak(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """A message to both sides, or an internal note."""
    found = find_breach(breach)
    form: SayForm = say_form(found, request.membership, request.POST)
    if not form.is_valid():
        context = page_context(request, found) | {"say": form}
        return render_part(request, "breaches/page.html", "breach", context, status=422)
    act = note if form.internal else say
    act(by=request.membership, breach=found, text=form.cleaned_data["text"])
    wake_workers(request.membership.organisation_id)
    return redirect(f"{reverse('breach', args=[organisation, found.pk])}#thread")


@require_http_methods(["GET", "POST"])
@allows("breach.close")
def end(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """Close a breach without verification."""
    return _with_reason(request, find_breach(breach), close, "close")


@require_http_methods(["GET", "POST"])
@allows("breach.close")
def take_up(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """Open a breach again that was closed or verified."""
    return _with_reason(request, find_breach(breach), open_again, "open")


def _with_reason(request: MemberRequest, found: Breach, act: Callable[..., Breach], what: str) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    possible = (found.status in ENDED) == (what == "open") and found.status != Status.RESTATED
    context = {**said_of(found), "form": form, "closing": what == "close", "possible": possible}
    if request.method == "GET":
        return render_part(request, "breaches/end.html", "end", context)
    status = 422
    if form.is_valid():
        try:
            act(by=request.membership, breach=found, reason=form.cleaned_data["reason"], seen=seen_version(request))
        except Refused as refused:
            refused.add_to(form)
            status = refused.status
        else:
            wake_workers(request.membership.organisation_id)
            return redirect("breach", request.membership.organisation.slug, found.pk)
    return render_part(request, "breaches/end.html", "end", context, status=status)
