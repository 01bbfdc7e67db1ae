"""Letters: which ones somebody wants, the link that ends them, and addresses from which they come back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lib.errors import Conflict, RuleBroken
from lib.posts import posted_from
from notifications.actions import choose_letters, clear_bounces, preferences_of, stop_letters
from notifications.forms import LettersForm
from notifications.links import read_stop_key
from notifications.models import Bounce
from organisations.access import allows, open_to_all
from organisations.models import Membership
from organisations.requests import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allows("inbox.view")
def letters(request: MemberRequest, organisation: str) -> HttpResponse:
    """One's own preferences. 422 and 409 with what was typed."""
    if request.method != "POST":
        return _show(request, _form(request))
    form = _form(request, request.POST)
    if not form.is_valid():
        return _show(request, form, 422)
    try:
        choose_letters(by=request.membership, **form.wanted)
    except Conflict as conflict:
        return _show(request, form, 409, moved_on=conflict.sentence)
    except RuleBroken as refused:
        refused.add_to(form)
        return _show(request, form, 422)
    messages.success(request, "Saved")
    return redirect("letters", organisation)


def _form(request: MemberRequest, typed: Any = None) -> LettersForm:
    member = request.membership
    return LettersForm(typed, stored=preferences_of(member), organisations_zone=member.house.timezone)


def _show(request: MemberRequest, form: LettersForm, status: int = 200, moved_on: str = "") -> HttpResponse:
    member = request.membership
    bounced = Bounce.objects.filter(member=member, address=member.email).first()
    # After a conflict the form is for what stands now.
    version = preferences_of(member).version if moved_on else form["version"].value()
    context = {"form": form, "bounced": bounced, "moved_on": moved_on, "version": version}
    return render(request, "notifications/letters.html", context, status=status)


@csrf_exempt  # mail programs post here, without cookies: what allows it is the key (RFC 8058)
@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """GET: asks, since programs that look at links must change nothing. POST: ends the letters. `?key=` says whose."""
    key = request.GET.get("key", "")[:300]
    if request.method == "POST":
        done = stop_letters(key=key)
        return render(request, "notifications/stop.html", {"done": done, "gone": not done}, status=200 if done else 410)
    gone = read_stop_key(key) is None
    return render(request, "notifications/stop.html", {"gone": gone, "key": key}, status=410 if gone else 200)


@posted_from("person")
@allows("people.manage")
def clear(request: MemberRequest, organisation: str, membership: int) -> HttpResponse:
    """Writes to a member again whose letters came back."""
    found = get_object_or_404(Membership.objects.people(), pk=membership)
    if clear_bounces(by=request.membership, member=found):
        messages.success(request, f"Letters go to {found.email} again")
    return redirect("person", organisation, found.pk)
