"""Two versions of a contract side by side: what each field was and becomes, and the clause text with marks."""

from typing import NamedTuple

from django.db.models import F
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agreements.drafting.clauses import Texts, agreed_texts
from agreements.models import Revision, RevisionEdition
from agreements.pages.revision import clauses, format_marks, marked
from agreements.proposals import readable
from agreements.rules import Status
from agreements.views.revisions import find, head
from lib.htmx import render_part
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest
from slas.field_changes import field_changes

OTHERS = 30  # former revisions that can be compared with
BASE, DRAFT = "before", "draft"


class Version(NamedTuple):
    """What can be compared: what it is called, its file, and the clause texts that were agreed with it."""

    label: str
    document: str
    texts: Texts


@require_safe
@allows("revision.view")
def redline(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    """`?a=before&b=2`: the contract before, each edition that the reader sees, for the client the draft, and `r7-1`, what another revision
    of the contract brought into force."""
    found = find(revision_id, request.membership)
    versions = _versions(found, request.membership)
    names = list(versions)
    a, b = request.GET.get("a", ""), request.GET.get("b", "")
    a = a if a in versions else BASE
    b = b if b in versions else [name for name in names if not name.startswith("r")][-1]
    old, new = versions[a], versions[b]
    before, after = readable(old.document), readable(new.document)
    changes = field_changes(before, after) if before and after else []
    context = {
        **head(found, "", request.membership),
        "versions": [(name, one.label) for name, one in versions.items()],
        "a": a,
        "b": b,
        "unreadable": not (before and after),
        "changes": [(one.where, one.field, format_marks(marked(one.was, one.becomes))) for one in changes],
        "clauses": clauses(before, after, old.texts, new.texts) if before and after else [],
    }
    return render_part(request, "agreements/redline.html", "redline", context)


def _versions(found: Revision, member: Membership) -> dict[str, Version]:
    """By the name in the address. Two statements."""
    editions = list(found.editions.all())
    base = editions[-1].base if member.is_vendor else found.draft.base
    versions = {BASE: Version("The contract before", base, {})}
    for one in editions:
        versions[str(one.number)] = Version(f"Edition {one.number}, by {one.by_name}", one.document, one.clauses or {})
    if not member.is_vendor:
        draft = found.draft
        file = readable(draft.document)
        versions[DRAFT] = Version("The draft", draft.document, agreed_texts(file, draft.clauses) if file else {})
    others = RevisionEdition.objects.filter(
        revision__contract=found.contract_id, revision__status=Status.IN_FORCE, number=F("revision__edition")
    ).exclude(revision=found.pk)
    for one in others.select_related("revision").order_by("-revision__number")[:OTHERS]:
        number = one.revision.number
        versions[f"r{number}-{one.number}"] = Version(
            f"Revision {number}, in force: {one.title}", one.document, one.clauses or {}
        )
    return versions
