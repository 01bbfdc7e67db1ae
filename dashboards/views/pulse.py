"""What an open page asks every few seconds: whether anything happened."""

from django.http import HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_GET

from dashboards.querysets.pulse import pulses
from dashboards.quiet import TAG, keep, open_pages, tag_of
from lib.htmx import done, trigger, varied
from organisations.access import allows
from organisations.requests import MemberRequest


@require_GET
@allows("portfolio.view")
def pulse(request: MemberRequest, organisation: str) -> HttpResponse:
    """304 where nothing happened since the answer whose tag the request carries; else the page's parts refresh themselves, and the
    counts of the navigation are told. Without a tag only the tag is said: the page was made just now. One statement, which answers for
    everybody whose page is open (`dashboards.quiet`)."""
    me = request.membership.pk
    found = pulses(open_pages(organisation, me))
    tags = {member: tag_of(organisation, member, state) for member, (state, _, _) in found.items()}
    keep(organisation, tags.values())
    seen, tag, (_, unread, live) = request.headers.get(TAG), tags[me], found[me]
    if seen == tag:
        return HttpResponseNotModified()
    answer = (
        trigger(done("", "happened"), "counted", inbox=unread, breaches=live)
        if seen
        else varied(HttpResponse(status=204))
    )
    answer[TAG] = tag
    return answer
