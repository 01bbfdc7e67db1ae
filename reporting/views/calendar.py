"""The calendar of due days outside Plumbline: its secret address, and the file that is fetched there."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lib import clock
from organisations.access import open_to_all, signed_in
from organisations.actions import TooManyFetches, find_feed, make_feed, revoke_feed
from organisations.models import CalendarFeed
from organisations.presence import memberships_of
from organisations.requests import MemberRequest
from reporting.pages.due_calendar import as_icalendar
from reporting.views.all_clients import read_clients

PAGE = "reporting/calendar.html"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: MemberRequest) -> HttpResponse:
    """GET: whether there is an address. POST: make one, which is shown this once, or with `revoke` end it."""
    secret = ""
    if request.method == "POST" and "revoke" in request.POST:
        if revoke_feed(user=request.user):
            messages.success(request, "The address of your calendar leads nowhere any more")
        return redirect("calendar")
    if request.method == "POST":
        secret = make_feed(user=request.user, now=clock.database_now())
    context = {
        "feed": CalendarFeed.objects.filter(user=request.user).first(),
        "address": request.build_absolute_uri(reverse("calendar-feed", args=[secret])) if secret else "",
    }
    return render(request, PAGE, context)


@open_to_all
@require_safe
def feed(request: MemberRequest, secret: str) -> HttpResponse:
    """The due days of whoever's secret it is, as iCalendar. 404 for any other, 429 where a program asks too often."""
    now = clock.database_now()
    try:
        user_id = find_feed(secret, now=now)
    except TooManyFetches:
        return HttpResponse("Too many fetches in this hour.", status=429, headers={"Retry-After": "3600"})
    if user_id is None:
        raise Http404("No such calendar.")
    members = [one for one in memberships_of(user_id) if one.is_vendor]
    clients, _ = read_clients(members, now)
    response = HttpResponse(as_icalendar(clients, now), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="plumbline.ics"'
    return response
