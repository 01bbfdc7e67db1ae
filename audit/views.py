"""The trail, readable: who changed what, when, from what to what. A vendor's managers read and verify what concerns their company."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from audit import actions, exports
from audit.forms import TrailForm
from audit.models import Entry
from audit.naming import Names, noun_of
from audit.querysets import EntryQuerySet, named
from audit.wording import describe_entries
from lib.errors import RuleBroken
from lib.htmx import render_part
from lib.posts import posted_from
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "audit/trail.html"
SHOWN = 30
SCRIPT = Path(__file__).parent / "verify_trail.py"


def of_all_contracts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A vendor's trail is about all its contracts, so whoever is limited to some does not read it."""

    @wraps(view)
    def inner(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
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
    entries = filtered(request, form)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        entries = entries.filter(pk__lt=int(before))
    found = list(entries.order_by("-pk")[: SHOWN + 1])
    kept = {name: value for name, value in request.GET.items() if value and name != "before"}
    context = {
        "form": form,
        "rows": describe_entries(found[:SHOWN], request.membership),
        "of": about(request),
        "kept": urlencode(kept),
        "older": urlencode(kept | {"before": found[SHOWN - 1].pk}) if len(found) > SHOWN else "",
        "filtered": bool(kept),
        "last_seal": actions.own_seals().annotate(total=Window(Sum("entries"))).last(),
        "checkpoint": actions.checkpoint_in_scope(),
        **more,
    }
    return render_part(request, PAGE, "trail", context, status)


def filtered(request: HttpRequest, form: TrailForm) -> EntryQuerySet:
    """The entries that are asked for; a filter that makes no sense finds nothing and says so at its field."""
    entries: EntryQuerySet = Entry.objects.open_to_reader()
    if not form.is_valid():
        return entries.none()
    given = form.cleaned_data
    if target := about(request):
        entries = entries.of(*target[:2])
    if given["person"]:
        entries = entries.filter(actor_id=given["person"].pk)
    if given["q"]:
        entries = entries.filter(request_id=given["q"])
    return entries.between(*form.moments())


def about(request: HttpRequest) -> tuple[Any, int, str] | None:
    """The object of `?of=contract-12`: its model, its number, and how it is called. Http404 for what is none."""
    given = request.GET.get("of", "")
    if not given:
        return None
    name, _, number = given.partition("-")
    model = named(name)
    if model is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404("There is no such object.")
    pk = int(number)
    return model, pk, f"{noun_of(model)} {Names({model: [pk]}).of(model, pk) or 'that is not there any more'}"


@require_safe
@allows("audit.view")
@of_all_contracts
def export(request: MemberRequest, organisation: str, form: str) -> HttpResponse:
    """The entries that are shown as CSV, or whole sealed stretches as JSON Lines with their hashes."""
    asked = TrailForm(request.GET)
    content: bytes | str
    try:
        if form == "csv":
            content, kind = exports.as_csv(filtered(request, asked), request.membership), "text/csv; charset=utf-8"
        else:
            moments = asked.moments() if asked.is_valid() else (None, None)
            content, kind = exports.as_json_lines(*moments), "application/jsonl; charset=utf-8"
    except RuleBroken as refused:
        return show(request, refused.status, refused=refused.sentence)
    response = HttpResponse(content, content_type=kind)
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
