"""What stands beside the fields of a draft: its bands as a curve, its terms in words, possible mistakes, and what changes."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.urls import reverse

from agreements.drafting.levels import DraftedLevel
from agreements.models import Revision
from agreements.pages.impact import Figure, drawn, impact_page
from contracts.contract_file import ContractFile
from contracts.contract_file.levels import TermsPart
from lib.status_styles import marker_for
from lib.templatetags.fields import anchor
from slas import wording
from slas.curve import curve

# The pages on which a draft is edited.
TABS = (
    ("revision-details", "Contract and areas"),
    ("revision-parts", "Levels and money"),
    ("revision-alignment", "Weights"),
    ("revision-rules", "Rules"),
    ("revision-clauses", "Clause text"),
    ("revision", "Contract file"),
)


def tabs(revision: Revision, here: str) -> list[dict[str, Any]]:
    """For `components/tabs.html`."""
    slug = revision.organisation.slug
    return [
        {"label": label, "url": reverse(name, args=[slug, revision.pk]), "current": name == here}
        for name, label in TABS
    ]


class Mistake(NamedTuple):
    """What is wrong with a field: the id to go to (empty: it belongs to none), its label, and what is said there."""

    anchor: str
    label: str
    message: str


def mistakes_of(given: Iterable[tuple[str, forms.BaseForm]]) -> list[Mistake]:
    """What is wrong with these forms, each with what is said before its labels, such as "Cap 2": for `editor/saved.html`."""
    found = []
    for name, form in given:
        found += [Mistake("", name, str(error)) for error in form.non_field_errors()]
        for field in form:
            label = f"{name}, {field.label}" if name else str(field.label)
            found += [Mistake(anchor(field), label, str(error)) for error in field.errors]
    return found


def rows_of(name: str, rows: Iterable[forms.BaseForm]) -> list[tuple[str, forms.BaseForm]]:
    """Forms in rows with their numbers: "Cap 1", "Cap 2"."""
    return [(f"{name} {number}", form) for number, form in enumerate(rows, 1)]


def beside(file: ContractFile, found: DraftedLevel, summary: dict[str, Any]) -> dict[str, Any]:
    """Of the service level that is edited: the curve with the version in force, words, and its impact."""
    part = file.service_levels[found.position]
    full, measure = part.terms[-1].full(), part.measure.full()
    before = TermsPart.model_validate(found.in_force).full() if found.in_force else None
    page = impact_page(summary)
    figures: list[Figure] = page.get("figures", [])
    return {
        "curve": curve(full["bands"], full["better"], measure["unit"], linear=full["scoring"] == "linear", past=_past(summary, part.code)),
        "words": [f"{band.name}: {band.reach}" for band in wording.bands(full, measure)],
        "clauses": wording.describe_clauses(full, measure),
        "differences": wording.differences(before, full, measure) if before else [],
        "figures": figures,
        "caveats": summary["caveats"][:2],
    }  # fmt: skip


def _past(summary: dict[str, Any], code: str) -> list[tuple[Decimal, str]]:
    """The values of the months behind, marked as the draft would judge them."""
    return [
        (drawn(slot["value"]), marker_for(slot["becomes"]["outcome"]))
        for level in summary["levels"]
        if level["code"] == code
        for slot in level["slots"]
        if slot["value"] is not None
    ]
