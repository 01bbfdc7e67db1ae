"""The home of administrators and auditors."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.wording import describe_entries
from dashboards.pages import administration as page
from dashboards.querysets.administration import changes_of_the_week, needs_administrator, state_of_organisation
from lib import clock
from lib.posts import posted_from
from lib.wakeup import wake_workers
from notifications.actions import retry_letters
from organisations.access import allows
from organisations.actions import settings_in_scope
from organisations.requests import MemberRequest


@require_safe
@allows("organisation.home")
def administration(request: MemberRequest, organisation: str) -> HttpResponse:
    now = timezone.now()
    state = state_of_organisation(now)
    needed = page.needs(needs_administrator(now), request.membership, now)
    work = page.background(state, now)
    may_change = request.membership.may("settings.manage")
    context = {
        "state": state,
        "finding": page.finding(needed, work["late"], may_change),
        "stats": page.kpis(state, settings_in_scope(), now),
        "needs": needed,
        "background": work,
        "changes": describe_entries(changes_of_the_week(now)),
        "may_change": may_change,
    }
    return render(request, "dashboards/administration.html", context)


@posted_from("administration")
@allows("settings.manage")
def retry(request: MemberRequest, organisation: str) -> HttpResponse:
    """Sends letters again that were given up."""
    count = retry_letters(by=request.membership, now=clock.database_now())
    if count:
        wake_workers(request.membership.organisation_id)
    messages.success(
        request, f"{count} letter{'' if count == 1 else 's'} will be sent again" if count else "Nothing to send"
    )
    return redirect("administration", organisation)
