"""What an open page asks every few seconds: whether anything happened."""

from django.http import HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_GET

from dashboards.querysets.pulse import pulse as pulse_of
from lib.htmx import done, trigger, varied
from organisations.access import allows
from organisations.requests import MemberRequest

TAG = "HX-PTag"


@require_GET
@allows("portfolio.view")
def pulse(request: MemberRequest, organisation: str) -> HttpResponse:
    """304 where nothing happened since the answer whose tag the request carries; else the page's parts refresh themselves, and the
    counts of the navigation are told. Without a tag only the tag is said: the page was made just now. One statement."""
    tag, unread, live = pulse_of(request.membership)
    seen = request.headers.get(TAG)
    if seen == tag:
        return HttpResponseNotModified()
    answer = (
        trigger(done("", "happened"), "counted", inbox=unread, breaches=live)
        if seen
        else varied(HttpResponse(status=204))
    )
    answer[TAG] = tag
    return answer
