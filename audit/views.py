"""The trail, readable: who changed what, when, from what to what. A vendor's managers read and verify what concerns their company."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from audit import actions, exports
from audit.forms import TrailForm
from audit.models import Entry
from audit.wording import describe_entries
from lib.errors import RuleBroken
from lib.htmx import render_part
from lib.posts import posted_from
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "audit/trail.html"
SHOWN = 30
SCRIPT = Path(__file__).parent / "verify_trail.py"


def of_all_contracts(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A vendor's trail is about all its contracts, so whoever is limited to some does not read it."""

    @wraps(view)
    def inner(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actions.must_see_all_contracts(request.membership)
        return view(request, *args, **kwargs)

    return inner


@require_safe
@allows("audit.view")
@of_all_contracts
def trail(request: MemberRequest, organisation: str) -> HttpResponse:
    """Entries, newest first, 30 a page; `?of=contract-12` those of one object and of what hangs from it."""
    return show(request)


def show(request: MemberRequest, status: int = 200, **more: Any) -> HttpResponse:
    form = TrailForm(request.GET)
    entries = form.entries()
    if "of" in form.errors:
        raise Http404("There is no such object.")
    if (before := whole(request.GET.get("before", ""))) is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries.order_by("-pk")[: SHOWN + 1])
    kept = {name: value for name, value in request.GET.items() if value and name != "before"}
    context = {
        "form": form,
        "rows": describe_entries(found[:SHOWN], request.membership),
        "of": form.cleaned_data.get("of"),
        "kept": urlencode(kept),
        "older": urlencode(kept | {"before": found[SHOWN - 1].pk}) if len(found) > SHOWN else "",
        "filtered": bool(kept),
        "last_seal": actions.own_seals().annotate(total=Window(Sum("entries"))).last(),
        "checkpoint": actions.checkpoint_in_scope(),
        "since": Entry.objects.order_by("pk").values_list("at", flat=True).first(),
        **more,
    }
    return render_part(request, PAGE, "trail", context, status)


@require_safe
@allows("audit.view")
@of_all_contracts
def export(request: MemberRequest, organisation: str, form: str) -> HttpResponseBase:
    """The entries that are shown as CSV, or whole sealed stretches as JSON Lines with their hashes."""
    asked = TrailForm(request.GET)
    try:
        if form == "csv":
            return exports.as_csv(asked.entries(), request.membership)
        content = exports.as_json_lines(*(asked.moments() if asked.is_valid() else (None, None)))
    except RuleBroken as refused:
        return show(request, refused.status, refused=refused.sentence)
    response = HttpResponse(content, content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="trail.{form}"'
    return response


@require_safe
@allows("audit.view")
@of_all_contracts
def script(request: HttpRequest, organisation: str) -> HttpResponse:
    """The program that checks an export offline, to read before it is run."""
    response = HttpResponse(SCRIPT.read_text(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_trail.py"'
    return response


@posted_from("trail")
@allows("audit.view")
@of_all_contracts
def verify(request: MemberRequest, organisation: str) -> HttpResponse:
    """Compute every hash again, and say what was found. Nothing is stored."""
    return show(request, checked=True, wrong=actions.verify())
