"""Documents of a revision: attached, removed, downloaded."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from agreements.actions import attach_documents, remove_document
from agreements.forms.documents import DocumentsForm
from agreements.models import RevisionFile
from agreements.views.revisions import find, show_reason
from files.serving import file_answer
from lib.errors import Refused, RuleBroken
from lib.posts import posted_from
from organisations.access import allows
from organisations.requests import MemberRequest


def find_file(pk: int) -> RevisionFile:
    """Http404 where it is not in scope, or its file is not there yet."""
    return get_object_or_404(RevisionFile.objects.shown().select_related("revision"), pk=pk)


def reason_of(request: HttpRequest, organisation: str, revision_file: int) -> str:
    """The page on which a document is removed."""
    return reverse("revision-reason", args=[organisation, find_file(revision_file).revision_id])


@posted_from("revision-reason")
@allows("revision.draft")
def attach(request: MemberRequest, organisation: str, revision_id: int) -> HttpResponse:
    found, form = find(revision_id, request.membership), DocumentsForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_reason(request, found, 422, documents=form)
    given = form.cleaned_data
    try:
        attach_documents(
            by=request.membership, revision=found, files=given["attachments"], description=given["description"]
        )
    except RuleBroken as refused:  # it is about the file: said where another one is chosen
        form.add_error("attachments", refused.sentence)
        return show_reason(request, found, refused.status, documents=form)
    except Refused as refused:
        return show_reason(request, find(revision_id, request.membership), refused.status, refused=refused.sentence)
    messages.success(request, "Document attached")
    return redirect("revision-reason", organisation, found.pk)


@posted_from(reason_of)
@allows("revision.draft")
def remove(request: MemberRequest, organisation: str, revision_file: int) -> HttpResponse:
    row = find_file(revision_file)
    try:
        remove_document(by=request.membership, revision_file=row)
    except Refused as refused:
        found = find(row.revision_id, request.membership)
        return show_reason(request, found, refused.status, refused=refused.sentence)
    messages.success(request, "Document removed")
    return redirect("revision-reason", organisation, row.revision_id)


@require_safe
@allows("revision.view")
def download(request: MemberRequest, organisation: str, revision_file: int) -> HttpResponseBase:
    """To be saved; with `?show` a picture or a PDF to be looked at. The vendor's people have it once it was sent to them."""
    return file_answer(find_file(revision_file), shown="show" in request.GET)
