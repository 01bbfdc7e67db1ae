"""The draft that a page edits: found by its address, kept with its version, shown with its tabs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from agreements.actions import examine_draft, save_draft
from agreements.drafting.levels import Document
from agreements.models import Revision
from agreements.pages.editor import tabs
from agreements.pages.revision import changed_fields
from agreements.proposals import as_stored
from agreements.rules import Status
from agreements.views.revisions import find
from contracts import contract_file
from contracts.contract_file import BadFile, ContractFile
from contracts.rules import FileRefused
from lib import clock
from lib.errors import Conflict
from lib.htmx import seen_version
from organisations.access import View, allows
from organisations.requests import MemberRequest
from slas.field_changes import FieldChange


@dataclass
class Draft:
    """A revision with its draft's file, and the file of the contract from which that was made."""

    revision: Revision
    file: ContractFile
    before: ContractFile

    @property
    def is_open(self) -> bool:
        return self.revision.status == Status.DRAFT

    @property
    def is_first(self) -> bool:
        """Whether it is a contract's first version, so that there is nothing in force to keep."""
        return not self.revision.contract.agreed

    @cached_property
    def document(self) -> Document:
        return self.file.document()

    @cached_property
    def base(self) -> Document:
        return self.before.document()

    def context(self, address: str) -> dict[str, Any]:
        """What every page of the draft shows. `address`: its own among the tabs, "" for none."""
        revision = self.revision
        return {
            "revision": revision,
            "contract": revision.contract,
            "draft": revision.draft,
            "version": revision.draft.version,
            "is_draft": self.is_open,
            "tabs": tabs(revision, address),
        }

    def save(self, request: MemberRequest, document: Document, reason: str | None = None) -> "Draft":
        """Keep a document in place of the draft that the page showed. FileRefused with all that is wrong with it; Conflict where somebody
        saved another one meanwhile: the revision has theirs then."""
        revision = self.revision
        try:
            text = contract_file.write(document)
        except BadFile as bad:
            raise FileRefused(bad.problems) from bad
        examine_draft(revision.contract, revision.draft.base, text, clock.database_now())
        try:
            save_draft(
                by=request.membership,
                revision=revision,
                version=seen_version(request) or 0,
                document=text,
                reason=reason,
            )
        except Conflict:
            revision.refresh_from_db()
            raise
        return Draft(revision, as_stored(text), self.before)

    def against_theirs(self, document: Document) -> list[FieldChange]:
        """What a document says otherwise than the draft that somebody else saved."""
        return changed_fields(self.revision.draft.document, contract_file.write(document))


def edits_draft(view: Callable[..., HttpResponse]) -> View:
    """For pages that edit a draft: the view gets the draft that the address names, after request and organisation.

    One that cannot be read as a contract file is put right as a file, on the revision's page.
    """

    @require_http_methods(["GET", "HEAD", "POST"])
    @allows("revision.draft")
    @wraps(view)
    def found(request: MemberRequest, organisation: str, revision_id: int, **rest: Any) -> HttpResponse:
        revision = find(revision_id, request.membership)
        try:
            draft = Draft(revision, as_stored(revision.draft.document), as_stored(revision.draft.base))
        except BadFile:
            return redirect("revision", organisation, revision_id)
        return view(request, organisation, draft, **rest)

    return found
