"""What the shell around every page needs: the member, the navigation with its counts, and the way to other organisations."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from dashboards.querysets.navigation import Counts, counts
from lib.htmx import wants_part
from lib.templatetags.dates import month_key
from organisations.backends import memberships_read
from organisations.models import Membership
from organisations.rules import Role

Item = dict[str, Any]

FIGURES = ("figures-import", "figures-batch", "figures-enter")
EXPLANATION_PAGES = ("result-explanation", "result-explanation-former")
HEARING = (
    "hearings",
    "chat",
    "Disputes and relief",
    "g d",
    ("dispute", "relief-request", "dispute-ask", "relief-ask", "extension", "extension-ask"),
)
PLANS = (
    "breach-excuse",
    "consequences",
    "consequence",
    "breach-close",
    "breach-open",
    "plan-ask",
    "plan-propose",
    "plan-decide",
)
CREDITS = (
    "credits",
    "money",
    "Credits",
    "g y",
    (
        "ledger",
        "waiver-propose",
        "waiver-decide",
        "invoice-record",
        "claim",
        "reconcile",
        "reconciliation",
        "column-templates",
        "column-template",
    ),
)
REVISIONS = (
    "revisions",
    "branch",
    "Revisions",
    "g r",
    (
        "approvals",
        "revision",
        *(
            f"revision-{page}"
            for page in (
                "start",
                "parts",
                "alignment",
                "new-level",
                "level",
                "impact",
                "reason",
                "approval",
                "consent",
                "redline",
            )
        ),
    ),
)
# URL name, icon, label, key, and the further URL names under which the item is the current one.
STAFF = (
    ("portfolio", "grid", "Portfolio", "g p", ("views", "view-save", "view-change", "results")),
    ("inbox", "inbox", "Inbox", "g i", ("open-now",)),
    ("cockpit", "calendar", "Month", "g m", ()),
    (
        "vendors",
        "building",
        "Vendors",
        "g v",
        ("vendor", "vendor-add", "vendor-edit", "vendor-merge", "scorecard", *EXPLANATION_PAGES),
    ),
    ("breaches", "flag", "Breaches", "g b", ("breach", "breach-acknowledge", *PLANS)),
    HEARING,
    ("compare", "chart", "Compare", "g x", ()),
    ("submissions", "upload", "Submissions", "g s", ("submission", "submission-return", *FIGURES)),
    ("review-packs", "screen", "Review packs", "g w", ("review-pack", "review-pack-new")),
    (
        "contracts",
        "doc",
        "Contracts",
        "g c",
        ("contract", "contract-import", "owners", "service-level", "catalogue"),
    ),
    REVISIONS,
    CREDITS,
)
# What those see beside or instead of it whose work is the organisation itself.
# A vendor's trail stands below its people: its navigation is one line.
PEOPLE = ("people", "users", "People", "g e", ("person", "person-contracts", "invite", "roles"))
KEYS = ("keys", "key", "API keys", "g k", ("key-rotate",))
TRAIL = ("trail", "list", "Trail", "g t", ())
ADMINISTRATION = (
    ("administration", "grid", "Home", "g h", ()),
    ("inbox", "inbox", "Inbox", "g i", ()),
    PEOPLE,
    KEYS,
    TRAIL,
    ("settings", "gear", "Settings", "g o", ()),
    (
        "vendors",
        "building",
        "Vendors",
        "g v",
        ("vendor", "vendor-add", "vendor-edit", "vendor-merge", "scorecard", *EXPLANATION_PAGES),
    ),
    ("contracts", "doc", "Contracts", "g c", ("contract", "owners", "service-level", "catalogue")),
    CREDITS,
    ("portfolio", "chart", "Portfolio", "g p", ("results",)),
    ("breaches", "flag", "Breaches", "g b", ("breach", *PLANS)),
    HEARING,
)
VENDOR = (
    ("vendor-home", "upload", "Figures", "g f", ("submission", "submissions", *FIGURES)),
    (
        "scorecards",
        "chart",
        "Scorecards",
        "g p",
        ("scorecard", "publication", "month-explanation", "handed-packs", *EXPLANATION_PAGES),
    ),
    ("breaches", "flag", "Breaches", "g b", ("breach", *PLANS)),
    HEARING,
    ("contracts", "doc", "Contracts", "g c", ("contract", "owners", "service-level", "ledger", "credits", "claim")),
    REVISIONS,
    ("inbox", "inbox", "Inbox", "g i", ()),
)
# Whose home is the contracts, and not the portfolio.
FIRST = {
    Role.PROCUREMENT: "contracts",
    Role.ADMINISTRATOR: "administration",
    Role.AUDITOR: "administration",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Nothing is counted before a template asks for the navigation: parts of pages do not."""
    user = getattr(request, "user", None)
    theme = user.theme if user is not None and user.is_authenticated else request.COOKIES.get("theme", "")
    member: Membership | None = getattr(request, "membership", None)
    return {
        "member": member,
        "theme": theme if theme in ("light", "dark") else "",
        "nav": SimpleLazyObject(lambda: navigation(request, member)) if member else [],
        "saved_views": SimpleLazyObject(lambda: views_of(request, member)) if member and not member.is_vendor else [],
        "vendor_name": (lambda: counts_of(request, member).vendor) if member and member.is_vendor else "",
        "search_url": address("search", member) if member else "",
        "organisations": own_organisations(request),
        "shell": "shells/vendor.html" if member and member.is_vendor else "shells/staff.html",
    }


def views_of(request: HttpRequest, member: Membership) -> list[Item]:
    """The portfolio's saved views, one's own first: which of them is looked at, too."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    shown = request.GET.get("view", "") if here == "portfolio" else ""
    link = address("portfolio", member)
    return [
        one | {"url": f"{link}?view={one['id']}", "current": shown == str(one["id"])}
        for one in counts_of(request, member).saved_views
    ]


def own_organisations(request: HttpRequest) -> list[Item]:
    """What the switch between organisations lists. Without a statement: the door has read them to let the person in."""
    if not request.path_info.startswith("/o/") or wants_part(request):
        return []
    return [
        {
            "name": one.organisation.name,
            "url": reverse("organisation", args=[one.organisation.slug]),
            "current": request.path_info.startswith(f"/o/{one.organisation.slug}/"),
        }
        for one in memberships_read(getattr(request, "user", None))
    ]


def counts_of(request: HttpRequest, member: Membership) -> Counts:
    """What is counted for the navigation; a page that shows some of it itself asks first. One statement a request."""
    found: Counts | None = getattr(request, "navigation_counts", None)
    if found is None:
        found = request.navigation_counts = counts(member)  # type: ignore[attr-defined]
    return found


def navigation(request: HttpRequest, member: Membership) -> list[Item]:
    """The items of the member's navigation. One statement, whatever is there to count."""
    counted = counts_of(request, member)
    counted_for: dict[str, tuple[int | None, bool]] = {
        "inbox": (counted.unread, True),
        "breaches": (counted.live, False),
        "hearings": (counted.hearings, False),
    }
    here = request.resolver_match.url_name if request.resolver_match else ""
    items = []
    for name, icon, label, key, also in items_of(member):
        count, hot = counted_for.get(name, (None, False))
        item = {"name": name, "url": address(name, member), "icon": icon, "label": label, "key": key}
        items.append(item | {"current": here == name or here in also, "count": count, "hot": hot})
    return items


def items_of(member: Membership) -> Sequence[tuple[str, str, str, str, tuple[str, ...]]]:
    """The navigation of the member's role."""
    if member.role in (Role.ADMINISTRATOR, Role.AUDITOR):
        return [item for item in ADMINISTRATION if item is not KEYS or member.may("key.manage")]
    choice = (
        (PEOPLE, member.may("people.view")),
        (KEYS, member.may("key.manage")),
        (TRAIL, member.reads_trail and not member.is_vendor),
    )
    further = [item for item, wanted in choice if wanted]
    return [*(VENDOR if member.is_vendor else STAFF), *further]


def address(name: str, member: Membership, *args: object) -> str:
    """The address of a page of the member's organisation."""
    return reverse(name, args=[member.organisation.slug, *args])


def month_links(slug: str, code: str, contracts: Sequence[int], months: Iterable[date]) -> list[str]:
    """Where each month of a vendor's row leads: to what explains it where there is one contract, else to the vendor with its contracts."""
    if len(contracts) == 1:
        return [reverse("month-explanation", args=[slug, contracts[0], month_key(month)]) for month in months]
    link = reverse("vendor", args=[slug, code])
    return [f"{link}?period={month_key(month)}" for month in months]


def home_of(member: Membership) -> str:
    """The address of the page that a member starts on."""
    return address("vendor-home" if member.is_vendor else FIRST.get(Role(member.role), "portfolio"), member)
