"""A revision's draft, edited by form: one service level's terms, with what they say and would have meant beside them.

Form and file are two views of one draft. What is typed is saved by itself as soon as it can be read; what cannot is said at its field, and
the draft stays as it was.
"""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from agreements.drafting.levels import DraftedLevel, first_day_for, level_of, placed, with_terms
from agreements.forms.levels import BandForms, TermsForm, bands_of, initial_of, say_what_was, show_problems
from agreements.forms.measure import MeasureForm, show_problem
from agreements.forms.measure import initial_of as measure_of
from agreements.impact import work_out
from agreements.pages.editor import beside, mistakes_of, rows_of
from agreements.pages.findings import of_draft
from agreements.views.draft import Draft, edits_draft
from contracts.rules import FileRefused
from lib.errors import Conflict
from lib.htmx import render_part
from lib.whole_numbers import whole
from organisations.requests import MemberRequest

LEVEL = "agreements/editor/level.html"


@dataclass
class Forms:
    """The forms of a service level's page."""

    terms: TermsForm
    bands: Any
    measure: MeasureForm


@edits_draft
def level(request: MemberRequest, organisation: str, draft: Draft, service_level_code: str) -> HttpResponse:
    """The terms of a service level. POST saves them; `add` gives another band, `remove` the number of one to leave out."""
    found = level_of(draft.document, draft.base, service_level_code)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _show(request, draft, found)
    if "add" in request.POST:  # nothing is judged, or saved, before the new row is filled in
        rows = BandForms(initial=[*_rows(request), {}], prefix="bands")
        forms = Forms(TermsForm(initial=request.POST.dict()), rows, _measure(found, initial=request.POST.dict()))
        return _show(request, draft, found, forms, typed=True)
    forms = Forms(TermsForm(request.POST), BandForms(_without(request), prefix="bands"), _measure(found, request.POST))
    if not (forms.terms.is_valid() & forms.bands.is_valid() & forms.measure.is_valid()):
        return _show(request, draft, found, forms, status=422)
    return _save(request, draft, found, forms)


def _measure(found: DraftedLevel, data: Any = None, initial: Any = None) -> MeasureForm:
    """The form of what is measured; one that was not sent, such as by a program, says what is there."""
    there = measure_of(found.part)
    if data is not None and "level_name" not in data:
        data = there
    custom = found.part["every"] == "custom"
    return MeasureForm(data, initial=initial or there, standing=found.in_force is not None, custom=custom)


def _save(request: MemberRequest, draft: Draft, found: DraftedLevel, forms: Forms) -> HttpResponse:
    code = found.part["code"]
    terms = forms.terms.part(found.terms, [one.part(found.terms["bands"]) for one in forms.bands.forms])
    document = with_terms(draft.document, draft.base, code, terms)
    document["service_levels"][found.position] = forms.measure.part(document["service_levels"][found.position])
    newest = len(document["service_levels"][found.position]["terms"]) - 1
    try:
        saved = draft.save(request, document)
    except FileRefused as refused:
        _place_problems(forms, refused.problems, f"service_levels[{found.position}]", newest)
        return _show(request, draft, found, forms, status=422)
    except Conflict as conflict:
        differing = draft.against_theirs(document)
        return _show(request, draft, found, forms, status=409, conflict=conflict, differing=differing)
    if not getattr(request, "htmx", None):
        return redirect("revision-level", request.membership.organisation.slug, draft.revision.pk, code)
    return _show(request, saved, level_of(saved.document, saved.base, code) or found, forms, saved=True)


def _place_problems(forms: Forms, problems: Any, path: str, newest: int) -> None:
    below, others = placed(problems, f"{path}.terms[{newest}]")
    show_problems(forms.terms, forms.bands, below)
    of_level, others = placed(others, path)
    rest = [f"{where} {said}" for where, said in of_level if not show_problem(forms.measure, where, said)]
    for one in [*rest, *map(str, others)]:
        forms.terms.add_error(None, one)


def _show(
    request: MemberRequest,
    draft: Draft,
    found: DraftedLevel,
    forms: Forms | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page, or what stands beside the fields. Of terms that cannot be read what was readable last stays, and says so."""
    contract, now = draft.revision.contract, timezone.now()
    part = draft.file.service_levels[found.position]
    day = part.terms[-1].from_ if found.is_changed else first_day_for(draft.file, part, contract.day(now))
    shown = forms or Forms(
        TermsForm(initial=initial_of(found.terms, day)),
        BandForms(initial=bands_of(found.terms), prefix="bands"),
        _measure(found),
    )
    if found.in_force and found.is_changed:
        say_what_was(shown.terms, shown.bands, found.in_force, found.terms)
    summary = work_out(contract, draft.file, now=now).summary
    context = {
        **draft.context(""),
        "level": part,
        "found": found,
        "form": shown.terms,
        "bands": shown.bands,
        "measure": shown.measure,
        "summary": summary,
        "mistakes": []
        if more.get("saved")
        else mistakes_of([("", shown.terms), ("", shown.measure), *rows_of("Band", shown.bands)]),
        "findings": of_draft(contract, draft.file, draft.base, now, part.code),
        **beside(draft.file, found, summary),
        **more,
    }
    return render_part(request, LEVEL, "live", context, status)


# Rows of the table of bands ------------------------------------------------------------------------------------------


NAMES = ("name", "at", "outcome", "points", "score", "step", "step_from", "step_round", "former")


def _rows(request: MemberRequest) -> list[dict[str, str]]:
    """What stands in the table."""
    return [{name: request.POST.get(f"bands-{place}-{name}", "") for name in NAMES} for place in range(_total(request))]


def _without(request: MemberRequest) -> Any:
    """The rows without the one that is to go, moved up."""
    gone, total = whole(request.POST.get("remove", "")), _total(request)
    if gone is None or gone >= total:
        return request.POST
    data = request.POST.copy()
    rows = [row for place, row in enumerate(_rows(request)) if place != gone]
    for place, row in enumerate(rows):
        data.update({f"bands-{place}-{name}": value for name, value in row.items()})
    data["bands-TOTAL_FORMS"] = str(len(rows))
    return data


def _total(request: MemberRequest) -> int:
    return min(whole(request.POST.get("bands-TOTAL_FORMS", ""), 3) or 0, 50)
