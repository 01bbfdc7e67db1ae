"""Revisions of contracts through the API: the same steps, by the same people, with the versions that were read.

Keys draft, submit and withdraw; who approves and who consents is a person who is signed in.
"""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agreements import actions
from agreements.models import Revision, RevisionEdition
from agreements.proposals import readable
from agreements.rules import LONGEST_TITLE, Status
from api.endpoints import body, endpoint, page
from api.serializers import RowOut
from contracts.contract_file.source import MAX_BYTES
from contracts.models import Contract
from lib import clock
from lib.texts import LONGEST_TEXT
from lib.wakeup import wake_workers
from lib.whole_numbers import whole
from organisations.models import Membership
from slas.field_changes import field_changes

BEFORE, DRAFT = "before", "draft"
FIELDS: tuple[str, ...] = (
    "id",
    "contract",
    "contract_id",
    "number",
    "status",
    "edition",
    "author_name",
    "created_at",
    "version",
)


class RevisionOut(RowOut):
    contract = serializers.CharField(source="contract.reference")
    contract_id = serializers.IntegerField()

    class Meta:
        model = Revision
        fields = FIELDS


class EditionOut(RowOut):
    class Meta:
        model = RevisionEdition
        fields = (
            "number",
            "title",
            "reason",
            "effective_on",
            "dated_back",
            "needed",
            "from_vendor",
            "by_name",
            "at",
            "checksum",
            "document",
        )


class DraftOut(serializers.Serializer):
    """What the client writes; `version` counts what is written, the revision's what is decided."""

    title = serializers.CharField()
    reason = serializers.CharField()
    effective_on = serializers.DateField(allow_null=True)
    saved_by_name = serializers.CharField()
    saved_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    document = serializers.CharField()


class RevisionStepOut(serializers.Serializer):
    edition = serializers.IntegerField()
    kind = serializers.CharField()
    text = serializers.CharField()
    by_name = serializers.CharField()
    at = serializers.DateTimeField()


class WholeRevisionOut(RevisionOut):
    draft = DraftOut(allow_null=True, help_text="null for the vendor, who sees what was sent")
    editions = EditionOut(many=True)
    steps = RevisionStepOut(many=True)

    class Meta(RevisionOut.Meta):
        fields = (*FIELDS, "draft", "editions", "steps")


class FieldOut(serializers.Serializer):
    where = serializers.CharField()
    field = serializers.CharField()
    was = serializers.CharField()
    becomes = serializers.CharField()


class RedlineOut(serializers.Serializer):
    """What each field was and becomes; `versions` are what `a` and `b` may be."""

    versions = serializers.ListField(child=serializers.CharField())
    a = serializers.CharField()
    b = serializers.CharField()
    changes = FieldOut(many=True)


class DraftIn(serializers.Serializer):
    document = serializers.CharField(max_length=MAX_BYTES, trim_whitespace=False, help_text="The whole contract file")
    title = serializers.CharField(max_length=LONGEST_TITLE, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")
    beside = serializers.BooleanField(default=False, help_text="Although somebody has a draft of the contract already")


class SaveIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the draft as it was read")
    document = serializers.CharField(max_length=MAX_BYTES, trim_whitespace=False, required=False)
    title = serializers.CharField(max_length=LONGEST_TITLE, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


class SeenRevisionIn(serializers.Serializer):
    version = serializers.IntegerField(help_text="Of the revision as it was read")


class SubmitRevisionIn(SeenRevisionIn):
    draft_version = serializers.IntegerField(help_text="Of the draft as it was read")
    date_back = serializers.BooleanField(default=False, help_text="Its day has come, and it is meant to hold from then")


class EditionIn(SeenRevisionIn):
    edition = serializers.IntegerField(help_text="The number of the edition that was read")


class AnswerIn(EditionIn):
    reason = serializers.CharField(max_length=LONGEST_TEXT)


class CounterIn(AnswerIn):
    document = serializers.CharField(max_length=MAX_BYTES, trim_whitespace=False, help_text="The whole contract file")


class WithdrawIn(SeenRevisionIn):
    reason = serializers.CharField(max_length=LONGEST_TEXT)


class ReopenIn(SeenRevisionIn):
    take_theirs = serializers.BooleanField(default=False, help_text="With the terms that the vendor proposes instead")


# Reading -----------------------------------------------------------------------------------------------------------


@endpoint("GET", "revision.view", answers=RevisionOut(many=True), query=("status", "contract"))
def revisions(request: Request, organisation: str) -> Response:
    """Revisions, the newest first; ?status=submitted, ?contract=7. The vendor sees those that were sent to it."""
    rows = Revision.objects.select_related("contract").order_by("-created_at", "-pk")
    if status := request.query_params.get("status"):
        if status not in Status.values:
            raise ValidationError({"status": f"One of {', '.join(Status.values)}."})
        rows = rows.filter(status=status)
    if number := request.query_params.get("contract"):
        if (pk := whole(number)) is None:
            raise ValidationError({"contract": "The id of a contract."})
        rows = rows.filter(contract=pk)
    return page(request, rows, RevisionOut)


@endpoint("GET", "revision.view", answers=WholeRevisionOut)
def revision(request: Request, organisation: str, revision_id: int) -> Response:
    """One revision with its draft, its editions and what happened to it, as far as the reader sees them."""
    return _whole(request, _find(request.membership, revision_id))


@endpoint("GET", "revision.view", answers=RedlineOut, query=("a", "b"))
def revision_redline(request: Request, organisation: str, revision_id: int) -> Response:
    """Two versions beside each other: `before`, the number of an edition, or `draft`. Without them the first and the last."""
    found = _find(request.membership, revision_id)
    texts = _texts(found, request.membership)
    names = list(texts)
    a, b = request.query_params.get("a") or names[0], request.query_params.get("b") or names[-1]
    if wrong := [name for name in (a, b) if name not in texts]:
        raise ValidationError({"a" if a in wrong else "b": f"One of {', '.join(names)}."})
    was, becomes = readable(texts[a]), readable(texts[b])
    if was is None or becomes is None:
        raise ValidationError({"b": "This draft is no contract file yet, so it is compared with nothing."})
    changes = [
        {"where": one.where, "field": one.field, "was": one.was, "becomes": one.becomes}
        for one in field_changes(was, becomes)
    ]
    return Response(RedlineOut({"versions": names, "a": a, "b": b, "changes": changes}).data)


def _texts(found: Revision, member: Membership) -> dict[str, str]:
    editions = list(found.editions.all())
    before = editions[-1].base if member.is_vendor else found.draft.base
    texts = {BEFORE: before, **{str(one.number): one.document for one in editions}}
    return texts if member.is_vendor else texts | {DRAFT: found.draft.document}


def _find(member: Membership, pk: int) -> Revision:
    """The vendor's people do not see drafts: for them they are not joined."""
    rows: QuerySet[Revision] = Revision.objects.select_related("contract__vendor")
    return get_object_or_404(rows if member.is_vendor else rows.select_related("draft"), pk=pk)


def _whole(request: Request, found: Revision, status: int = 200) -> Response:
    sees_draft = not request.membership.is_vendor
    shown = {
        **RevisionOut(found).data,
        "draft": DraftOut(found.draft).data if sees_draft else None,
        "editions": EditionOut(found.editions.all(), many=True).data,
        "steps": RevisionStepOut(found.steps.all(), many=True).data,
    }
    return Response(shown, status=status)


def _answer(request: Request, found: Revision, status: int = 200) -> Response:
    wake_workers(request.membership.organisation_id)
    return _whole(request, _find(request.membership, found.pk), status)


# Writing -----------------------------------------------------------------------------------------------------------


@endpoint("POST", "revision.draft", takes=DraftIn, answers={201: WholeRevisionOut})
def draft_revision(request: Request, organisation: str, contract_id: int) -> Response:
    """A draft from a contract file. 422 with each problem where the file cannot be read; 409 where there is a draft already."""
    contract, given = get_object_or_404(Contract, pk=contract_id), body(DraftIn, request)
    reason, member = given.pop("reason"), request.membership
    made = actions.start_revision(by=member, contract=contract, **given)
    actions.examine_draft(contract, made.draft.base, made.draft.document, clock.database_now())
    if reason:
        actions.save_draft(by=member, revision=made, version=made.draft.version, reason=reason)
    return _answer(request, made, status=201)


@endpoint("POST", "revision.draft", takes=SaveIn, answers=WholeRevisionOut)
def save_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """Write another text, title or reason of a draft; what is left out stays."""
    found = _find(request.membership, revision_id)
    actions.save_draft(by=request.membership, revision=found, **body(SaveIn, request))
    return _answer(request, found)


@endpoint("POST", "revision.draft", takes=SubmitRevisionIn, answers=WholeRevisionOut)
def submit_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """Submit the draft, to be approved by who did not write it."""
    found, given = _find(request.membership, revision_id), body(SubmitRevisionIn, request)
    seen, version = given["version"], given["draft_version"]
    actions.submit(by=request.membership, revision=found, version=version, date_back=given["date_back"], seen=seen)
    return _answer(request, found)


@endpoint("POST", "revision.draft", takes=WithdrawIn, answers=WholeRevisionOut)
def withdraw_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """Give a revision up, with the reason."""
    found, given = _find(request.membership, revision_id), body(WithdrawIn, request)
    actions.withdraw(by=request.membership, revision=found, reason=given["reason"], seen=given["version"])
    return _answer(request, found)


@endpoint("POST", "revision.draft", takes=ReopenIn, answers=WholeRevisionOut)
def reopen_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """Back to the draft, with the vendor's terms where that is said."""
    found, given = _find(request.membership, revision_id), body(ReopenIn, request)
    seen, theirs = given["version"], given["take_theirs"]
    actions.reopen(by=request.membership, revision=found, seen=seen, take_theirs=theirs)
    return _answer(request, found)


# Deciding ----------------------------------------------------------------------------------------------------------


@endpoint("POST", "revision.approve", takes=EditionIn, answers=WholeRevisionOut)
def approve_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """Approve the edition that was read; with the last approval it goes to the vendor. For people, not keys."""
    return _decide(request, revision_id, EditionIn, actions.approve)


@endpoint("POST", "revision.approve", takes=AnswerIn, answers=WholeRevisionOut)
def send_back_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """Back to whoever wrote it, with the reason. For people, not keys."""
    return _decide(request, revision_id, AnswerIn, actions.send_back)


@endpoint("POST", "revision.consent", takes=EditionIn, answers=WholeRevisionOut)
def consent_to_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """The vendor agrees to the edition that was read; it is in force on its day. For people, not keys."""
    return _decide(request, revision_id, EditionIn, actions.consent)


@endpoint("POST", "revision.consent", takes=AnswerIn, answers=WholeRevisionOut)
def decline_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """The vendor says no, and why. For people, not keys."""
    return _decide(request, revision_id, AnswerIn, actions.decline)


@endpoint("POST", "revision.consent", takes=CounterIn, answers=WholeRevisionOut)
def counter_revision(request: Request, organisation: str, revision_id: int) -> Response:
    """The vendor proposes other terms instead. For people, not keys."""
    return _decide(request, revision_id, CounterIn, actions.counter_propose)


def _decide(request: Request, pk: int, takes: type[serializers.Serializer], act: Any) -> Response:
    found, given = _find(request.membership, pk), body(takes, request)
    act(by=request.membership, revision=found, seen=given.pop("version"), **given)
    return _answer(request, found)
