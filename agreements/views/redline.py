"""Two versions of a contract side by side: what each field was and becomes, and the clause text with marks."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agreements.models import Revision
from agreements.pages.revision import clauses, format_marks, marked
from agreements.proposals import readable
from agreements.views.revisions import find, head
from lib.htmx import render_part
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest
from slas.field_changes import field_changes

BASE, DRAFT = "before", "draft"


@require_safe
@allows("revision.view")
def redline(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """`?a=before&b=2`: the contract before, each edition that the reader sees, and for the client the draft."""
    found = find(revision_id, request.membership)
    texts = _versions(found, request.membership)
    names = list(texts)
    a, b = request.GET.get("a", ""), request.GET.get("b", "")
    a = a if a in texts else names[0]
    b = b if b in texts else names[-1]
    before, after = readable(texts[a][1]), readable(texts[b][1])
    changes = field_changes(before, after) if before and after else []
    context = {
        **head(found, "", request.membership),
        "versions": [(name, label) for name, (label, _) in texts.items()],
        "a": a,
        "b": b,
        "unreadable": not (before and after),
        "changes": [(one.where, one.field, format_marks(marked(one.was, one.becomes))) for one in changes],
        "clauses": clauses(before, after) if before and after else [],
    }
    return render_part(request, "agreements/redline.html", "redline", context)


def _versions(found: Revision, member: Membership) -> dict[str, tuple[str, str]]:
    """By the name in the address: what it is called, and its file."""
    editions = list(found.editions.all())
    texts: dict[str, tuple[str, str]] = {}
    base = editions[-1].base if member.is_vendor else found.draft.base
    texts[BASE] = ("The contract before", base)
    for one in editions:
        texts[str(one.number)] = (f"Edition {one.number}, by {one.by_name}", one.document)
    if not member.is_vendor:
        texts[DRAFT] = ("The draft", found.draft.document)
    return texts
