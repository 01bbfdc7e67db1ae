"""One click that puts a finding right: in the draft that is open, or in one begun for it. What is in force is not touched."""

from collections.abc import Sequence

from django.db import transaction

from agreements.actions.drafts import examine_draft, save_draft, start_revision
from agreements.findings.found import Finding, findings_of
from agreements.findings.remedies import Bench, Remedy
from agreements.models import Revision
from agreements.proposals import as_stored
from agreements.querysets import histories
from agreements.rules import LONGEST_TITLE
from contracts import contract_file
from contracts.contract_file import BadFile
from contracts.models import Contract
from contracts.rules import FileRefused
from lib import clock
from lib.errors import Conflict
from organisations.actions import require
from organisations.models import Membership
from slas.actions import export_contract


@transaction.atomic
def take_remedy(
    *, by: Membership, contract: Contract, finding: str, revision: Revision | None = None, version: int = 0
) -> tuple[Revision, Finding]:
    """The draft with the remedy of a finding, by its key, in it. Without a `revision` one is begun; `version` is that of its draft.

    Conflict where nothing is found there any more, somebody saved another draft meanwhile, or began one; FileRefused where the
    contract cannot be changed so from its next day on.
    """
    require(by, "revision.draft")
    now = clock.database_now()
    try:
        if revision is None:
            base = document = contract_file.write(export_contract(by=None, contract=contract))
        else:
            base, document = revision.draft.base, revision.draft.document
        bench = Bench(as_stored(document), as_stored(base).document(), contract.day(now), not contract.agreed)
        found, remedy = _chosen(findings_of(bench, histories([contract.pk], now).get(contract.pk)), finding)
        text = contract_file.write(remedy.make())
    except BadFile as bad:
        raise FileRefused(bad.problems) from bad
    examine_draft(contract, base, text, now)
    if revision is not None:
        save_draft(by=by, revision=revision, version=version, document=text)
        return revision, found
    title = f"{found.about}: {remedy.label}"[:LONGEST_TITLE]
    return start_revision(by=by, contract=contract, title=title, document=text), found


def _chosen(found: Sequence[Finding], key: str) -> tuple[Finding, Remedy]:
    for one in found:
        if one.key == key and one.remedy is not None:
            return one, one.remedy
    raise Conflict("gone", "This was put right meanwhile. Look at what is left.")
