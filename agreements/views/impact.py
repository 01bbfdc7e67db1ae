"""What a revision would have meant over the months behind."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements.actions import examine_draft
from agreements.impact import USUAL_MONTHS, work_out
from agreements.models import Revision
from agreements.pages.impact import impact_page
from agreements.rules import Status
from agreements.views.revisions import find
from contracts.rules import FileRefused
from lib.htmx import render_part
from organisations.access import allows
from organisations.requests import MemberRequest
from slas.field_changes import field_changes

PAGE = "agreements/impact.html"
SPANS = (12, 24, 36)  # months that may be asked for


@require_safe
@allows("revision.replay")
def impact(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """`?months=12`: a draft as it is now; what was submitted as it was seen then, or replayed again where months are asked for."""
    revision = find(revision_id, request.membership)
    asked = request.GET.get("months", "")
    months = int(asked) if asked in map(str, SPANS) else None
    context: dict[str, Any] = {"revision": revision, "contract": revision.contract, "draft": revision.draft}
    context |= {"spans": SPANS, "span": months or USUAL_MONTHS, "is_draft": revision.status == Status.DRAFT}
    return render_part(request, PAGE, "impact", context | _seen(revision, months))


def _seen(revision: Revision, months: int | None) -> dict[str, Any]:
    """The impact, and what differs field by field; or why there is none."""
    edition = None if revision.status == Status.DRAFT else revision.current_edition
    source, now = edition or revision.draft, timezone.now()
    try:
        proposed = examine_draft(revision.contract, source.base, source.document, now)
    except FileRefused as refused:
        return {"problems": refused.problems}
    kept = edition.impact if edition and months is None else None
    summary = kept or work_out(revision.contract, proposed.file, now=now, months=months or USUAL_MONTHS).summary
    return {
        **impact_page(summary),
        "changes": field_changes(proposed.before, proposed.file),
        "effective_on": proposed.effective_on,
        "kept": edition if kept else None,
    }
