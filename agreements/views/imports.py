"""A contract file comes in: looked at first, saved after."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from agreements.actions import is_live, take_file
from agreements.forms.contracts import ContractFileForm, ImportForm
from agreements.models import Revision
from contracts import contract_file, wording
from contracts.actions import fields_of
from contracts.contract_file import BadFile, ContractFile
from contracts.contract_file.lint import lint
from contracts.contract_file.weigh import weigh
from contracts.models import Contract
from contracts.rules import FileRefused
from lib.errors import Conflict, Refused
from lib.htmx import render_part
from lib.names import find_named
from lib.posts import posted_from
from lib.templatetags.dates import format_day
from lib.wakeup import wake_workers
from organisations.access import allows
from organisations.models import Membership, Vendor
from organisations.requests import MemberRequest
from slas.actions import contract_changes, file_of
from slas.field_changes import field_changes
from slas.metric_catalogue import unknown_metrics
from slas.own_metrics import known_metrics

PAGE = "agreements/import.html"
UNSEEN = "The text was changed after it was looked at. Look at what it changes now, and save that."


@require_http_methods(["GET", "HEAD", "POST"])
@allows("contract.import")
def contract_import(request: MemberRequest, organisation: str) -> HttpResponse:
    """GET: choose a file. POST: what it would change; nothing is saved."""
    if request.method != "POST":
        return _choose(request, ContractFileForm())
    form = ContractFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, form, 422)
    return _look(request, form.cleaned_data["source"])


@posted_from("contract-import")
@allows("contract.import")
def contract_save(request: MemberRequest, organisation: str) -> HttpResponse:
    """Save what was looked at; of a live contract it is the draft of a revision. 409 with the new comparison where the contract has
    moved on since.

    Where it has become just what the file says, by a second click or a colleague with the same file, it is saved.
    """
    member = request.membership
    form = ImportForm(request.POST)
    if not form.is_valid():
        return _choose(request, ContractFileForm(initial={"source": request.POST.get("source", "")}), 422)
    source, version = form.cleaned_data["source"], form.cleaned_data["version"]
    if not form.is_as_seen:
        return _look(request, source, 409, moved_on=UNSEEN)
    try:
        file = contract_file.read(source)
        # Looked at as new, and there by now: whoever looked has not seen what it would change.
        if version is None and find_named(Contract.objects, reference=file.contract.reference):
            raise Conflict("version", "Somebody else imported this contract meanwhile. Look at what is different now.")
        taken = take_file(by=member, file=file, version=version)
    except BadFile as bad:
        return _refused(request, source, bad.problems)
    except FileRefused as refused:
        return _refused(request, source, refused.problems)
    except Conflict as conflict:
        there = _there_already(member, file)
        if there is None:
            return _look(request, source, 409, moved_on=conflict.sentence)
        taken = there
    wake_workers(member.organisation_id)
    if isinstance(taken, Revision):
        messages.success(request, "Nothing in force has changed: this is a draft to be agreed")
        return redirect("revision", member.organisation.slug, taken.pk)
    messages.success(request, f"{taken.reference} {'imported' if version is None else 'amended'}")
    return redirect("contract", member.organisation.slug, taken.pk)


def _there_already(by: Membership, file: ContractFile) -> Contract | None:
    """The contract, where importing the file once more would change nothing."""
    try:
        if contract_changes(by=by, source=file):
            return None
    except FileRefused:
        return None
    return Contract.objects.get(reference=file.contract.reference)


def _choose(request: MemberRequest, form: ContractFileForm, status: int = 200, **more: Any) -> HttpResponse:
    return render_part(request, PAGE, "import", {"form": form, **more}, status)


def _refused(request: MemberRequest, source: str, problems: list[Any]) -> HttpResponse:
    """All that is wrong, by path, with the text at hand to put it right."""
    return _choose(request, ContractFileForm(initial={"source": source}), 422, problems=problems)


def _look(request: MemberRequest, source: str, status: int = 200, **more: Any) -> HttpResponse:
    member = request.membership
    try:
        file = contract_file.read(source)
        changes = contract_changes(by=member, source=file)
    except BadFile as bad:
        return _refused(request, source, bad.problems)
    except FileRefused as refused:
        return _refused(request, source, refused.problems)
    except Refused as refused:
        return _choose(request, ContractFileForm(initial={"source": source}), refused.status, refused=refused.sentence)
    there = find_named(Contract.objects.select_related("vendor"), reference=file.contract.reference)
    context = {
        "file": file,
        "contract": there,
        "is_live": there is not None and is_live(there),
        "vendor": find_named(Vendor.objects, code=file.contract.vendor.code),
        "changes": field_changes(file_of(there), file) if there and changes else [],
        "summary": [] if there else _summary(file),
        "warnings": [*lint(file), *weigh(file), *unknown_metrics(file, known_metrics())],
        "save": ImportForm.of(source, there.version if there else None),
        "form": ContractFileForm(initial={"source": source}),
        **more,
    }
    return render_part(request, PAGE, "import", context, status)


def _summary(file: ContractFile) -> list[tuple[str, str]]:
    """A new contract in a few lines."""
    part = file.contract
    fields = fields_of(file)
    return [
        ("Reference", part.reference),
        ("Term", f"{format_day(part.starts_on)} to {format_day(part.ends_on)}"),
        (
            "Charges",
            wording.describe_versions(
                fields["charges"], lambda charges: wording.describe_charges(charges, part.currency)
            ),
        ),
        (
            "Figures due",
            wording.describe_versions(fields["report_due"], lambda due: wording.describe_reporting(due["days"])),
        ),
        ("Key result areas", ", ".join(kra.name for kra in file.kras) or "none"),
        ("Service levels", wording.format_many(len(file.service_levels), "service level")),
        ("Credits", "yes" if file.credits else "none"),
        ("Rules", wording.format_list(rule.name for rule in file.rules) or "none"),
    ]
