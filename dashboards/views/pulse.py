"""What an open page asks every few seconds: whether anything happened."""

from django.http import HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_GET

from dashboards.querysets.pulse import pulses
from dashboards.quiet import TAG, keep, open_pages, something_happened, tag_of
from lib.htmx import varied
from organisations.access import allows
from organisations.requests import MemberRequest


@require_GET
@allows("portfolio.view")
def pulse(request: MemberRequest, organisation: str) -> HttpResponse:
    """304 where nothing happened since the answer whose tag the request carries; else the page's parts refresh themselves, and the
    counts of the navigation are told. Without a tag only the tag is said: the page was made just now. One statement, which answers for
    everybody whose page is open (`dashboards.quiet`)."""
    me = request.membership.pk
    news = {
        member: (tag_of(organisation, member, state), unread, live)
        for member, (state, unread, live) in pulses(open_pages(organisation, me)).items()
    }
    keep(organisation, news)
    seen, mine = request.headers.get(TAG), news[me]
    if seen == mine[0]:
        return HttpResponseNotModified()
    if seen:
        return something_happened(*mine)
    answer = varied(HttpResponse(status=204))
    answer[TAG] = mine[0]
    return answer
