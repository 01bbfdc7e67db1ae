"""Where one is signed in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from organisations import access
from organisations.forms import EndSessionForm
from organisations.requests import MemberRequest
from organisations.signed_in import end_sessions, sessions_of


@access.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: MemberRequest) -> HttpResponse:
    """GET: one's sessions. POST: ends the one named in `session`, or without a name all but this one."""
    key = request.session.session_key or ""
    if request.method != "POST":
        return _show(request, key)
    form = EndSessionForm(request.POST)
    if not form.is_valid():
        return _show(request, key, 422)
    ended = end_sessions(request.user, key=key, only=form.cleaned_data["session"])
    messages.success(request, f"{ended} session{'' if ended == 1 else 's'} ended" if ended else "It had ended already")
    return redirect("sessions")


def _show(request: MemberRequest, key: str, status: int = 200) -> HttpResponse:
    found = sessions_of(request.user, key=key, now=timezone.now())
    context = {"sessions": found, "others": sum(not one.here for one in found)}
    return render(request, "organisations/sessions.html", context, status=status)
