"""A contract's month as it was published: before, its editions, and the vendor's answer."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.models import Contract
from lib import clock
from lib.errors import Refused
from lib.htmx import render_part
from lib.months import month_of
from lib.posts import posted_from
from lib.tables import Export
from lib.templatetags.dates import month_name
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.requests import MemberRequest
from scorecards import exports
from scorecards.actions import accept_publication, next_edition, publish
from scorecards.forms import PublishForm
from scorecards.models import Publication
from scorecards.pages.publication import Numbers, acceptance_of, change_between, stages
from scorecards.snapshot import Standing, standing_of


@require_safe
@allows("scorecard.view")
def publication(request: MemberRequest, organisation: str, contract: int, month: str) -> HttpResponseBase:
    """`?edition=1`; without it the latest. A vendor's people see a month from its first edition on."""
    found, first = _find(contract, month)
    return _show(request, found, first)


def _show(
    request: MemberRequest, contract: Contract, month: date, status: int = 200, form: PublishForm | None = None
) -> HttpResponseBase:
    member, now = request.membership, timezone.now()
    editions = list(Publication.objects.of(contract, month))
    if not editions and member.is_vendor:
        raise Http404("Not published.")
    shown = _chosen(editions, request.GET.get("edition", ""))
    standing = standing_of(contract, month, now)
    edition = _edition(request, standing, editions, shown)
    if request.method == "GET" and edition["export"]:
        levels = edition["numbers"].levels if edition["numbers"] else []
        return edition["export"].answer(lambda: levels, len(levels))
    latest = editions[0] if editions else None
    has_changed = latest is not None and standing.checksum not in ("", latest.checksum)
    asks = member.may("scorecard.publish") and (latest is None or has_changed)
    context: dict[str, Any] = {
        **edition,
        "has_changed": has_changed,
        "ahead": change_between(latest.snapshot, standing.snapshot, contract) if latest and has_changed else None,
        "checks": standing.checks if asks else [],
        "may_publish": asks and standing.is_complete,
        "asks": asks,
        "again": latest.edition + 1 if latest else 0,
        "form": form or PublishForm(initial={"seen": standing.checksum}),
        "may_accept": _may_accept(request, latest, contract.day(now)),
    }
    return render_part(request, "scorecards/publication.html", "publication", context, status=status)


def _edition(
    request: MemberRequest, standing: Standing, editions: list[Publication], shown: Publication | None
) -> dict[str, Any]:
    """What pages say of an edition: its numbers, or those of the month as it stands where there is none, and the editions beside it."""
    contract, month, slug = standing.contract, standing.month, request.membership.organisation.slug
    before = next((one for one in editions if shown and one.edition == shown.edition - 1), None)
    frozen = shown.snapshot if shown else standing.snapshot
    state = {"edition": str(shown.edition) if shown else ""}
    name = f"scorecard-{contract.reference}-{month:%Y-%m}"
    results = {(one.service_level.code, one.starts_on.isoformat()): one.pk for one in standing.results}
    stands = shown is None or shown.checksum == standing.checksum
    why_url = reverse("month-explanation", args=[slug, contract.pk, f"{month:%Y-%m}"]) if stands else ""
    return {
        "contract": contract,
        "month": month,
        "export": Export.asked(name, exports.EDITION, request.GET, state),
        "editions": [(one, acceptance_of(one)) for one in editions],
        "shown": shown,
        "latest": editions[0] if editions else None,
        "is_latest": not editions or shown is editions[0],
        "stages": stages(contract, editions, contract.day(standing.now)),
        "numbers": Numbers(frozen, contract.currency, results) if frozen else None,
        "change": change_between(before.snapshot, shown.snapshot, contract) if shown and before else None,
        # An earlier edition, or one that has changed since, is not what the month's explanation explains: its own service levels are.
        "why_url": why_url,
        "score_url": f"{why_url}#score" if why_url else "#levels-h",
        "page_url": reverse("publication", args=[slug, contract.pk, f"{month:%Y-%m}"]),
        "card_url": f"{reverse('scorecard', args=[slug, contract.pk])}?period={month:%Y-%m}",
    }


def _may_accept(request: MemberRequest, latest: Publication | None, today: date) -> bool:
    if latest is None or today > latest.answer_by or acceptance_of(latest) is not None:
        return False
    return request.membership.may("scorecard.accept")


def _chosen(editions: list[Publication], text: str) -> Publication | None:
    """The edition that an address asks for; the latest where it asks for none. Http404 for one that there is not."""
    if not text:
        return editions[0] if editions else None
    found = next((one for one in editions if str(one.edition) == text), None)
    if found is None:
        raise Http404("No such edition.")
    return found


def _find(contract: int, month: str) -> tuple[Contract, date]:
    found = get_object_or_404(Contract.objects.select_related("vendor").defer("document"), pk=contract)
    first = month_of(month)
    if first is None:
        raise Http404("No month.")
    return found, first


@posted_from("publication")
@allows("scorecard.publish")
def publish_month(request: MemberRequest, organisation: str, contract: int, month: str) -> HttpResponseBase:
    """Freeze the month as it is shown. 409 where the numbers are others by now: the page shows them, and what was typed."""
    found, first = _find(contract, month)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _show(request, found, first, status=422, form=form)
    try:
        made = publish(by=request.membership, contract=found, month=first, **form.cleaned_data)
    except Refused as refused:
        again = standing_of(found, first, timezone.now()).checksum
        form = PublishForm({**form.cleaned_data, "seen": again})
        refused.add_to(form)
        return _show(request, found, first, status=refused.status, form=form)
    wake_workers(request.membership.organisation_id)
    messages.success(
        request, f"{month_name(first)} published, edition {made.edition}. {found.vendor.name} is notified."
    )
    return redirect("publication", organisation, found.pk, month)


@posted_from("publication")
@allows("scorecard.publish")
def preview(request: MemberRequest, organisation: str, contract: int, month: str) -> HttpResponseBase:
    """The month as the vendor will see it, with the message as it is typed. Nothing is kept; what is published is what stands here."""
    found, first = _find(contract, month)
    form = PublishForm(request.POST)
    standing = standing_of(found, first, clock.database_now())
    if not form.is_valid() or not standing.is_complete:
        return _show(request, found, first, status=422, form=form)
    editions = list(Publication.objects.of(found, first))
    word = form.cleaned_data["word"]
    ahead = next_edition(standing, next(iter(editions), None), by=request.membership, word=word)
    context = _edition(request, standing, [ahead, *editions], ahead) | {
        "preview": True,
        "again": ahead.edition if editions else 0,
        "may_publish": True,
        "checks": standing.checks,
        "form": PublishForm(initial={"seen": standing.checksum, "word": word}),
    }
    return render_part(request, "scorecards/preview.html", "preview", context)


@posted_from(lambda request, organisation, publication: reverse("scorecards", args=[organisation]))
@allows("scorecard.accept")
def accept(request: MemberRequest, organisation: str, publication: int) -> HttpResponse:
    """The vendor accepts an edition. 409 where there is a later one."""
    found = get_object_or_404(Publication.objects.select_related("contract").defer("snapshot"), pk=publication)
    accept_publication(by=request.membership, publication=found)
    messages.success(request, f"{month_name(found.month)} accepted.")
    return redirect("publication", organisation, found.contract_id, f"{found.month:%Y-%m}")
