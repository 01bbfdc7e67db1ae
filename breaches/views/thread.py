"""What is said about a breach, and ending it by hand."""

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from breaches.actions import close, note, open_again, say
from breaches.forms import ReasonForm, SayForm
from breaches.models import Breach, NoteFile, ThreadFile
from breaches.rules import ENDED, Status
from breaches.views.breaches import find_breach, page_context, said_of, say_form
from files.serving import file_answer
from lib.errors import Refused
from lib.htmx import render_part, seen_version
from lib.posts import posted_from
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest


@posted_from("breach")
@allows("breach.discuss")
def speak(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """A message to both sides, or an internal note."""
    found = find_breach(breach)
    form: SayForm = say_form(found, request.membership, request.POST, request.FILES)
    status = 422
    if form.is_valid():
        try:
            _write(request.membership, found, form)
        except Refused as refused:
            refused.add_to(form)
            status = refused.status
    if not form.is_valid():
        context = page_context(request, found) | {"say": form}
        return render_part(request, "breaches/page.html", "breach", context, status=status)
    wake_workers(request.membership.organisation_id)
    return redirect(f"{reverse('breach', args=[organisation, found.pk])}#thread")


def _write(member: Membership, breach: Breach, form: SayForm) -> None:
    given = {"text": form.cleaned_data["text"], "files": form.cleaned_data["attachments"]}
    if form.internal:
        note(by=member, breach=breach, **given)
    else:
        say(by=member, breach=breach, cause=form.cleaned_data.get("cause", ""), **given)


@require_safe
@allows("breach.view")
def thread_file(request: MemberRequest, organisation: str, thread_file: int) -> HttpResponseBase:
    """A file of a thread, for both sides."""
    return file_answer(get_object_or_404(ThreadFile.objects.shown(), pk=thread_file), shown="show" in request.GET)


@require_safe
@allows("breach.note")
def note_file(request: MemberRequest, organisation: str, note_file: int) -> HttpResponseBase:
    """A file of an internal note, for the client's people."""
    return file_answer(get_object_or_404(NoteFile.objects.shown(), pk=note_file), shown="show" in request.GET)


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
