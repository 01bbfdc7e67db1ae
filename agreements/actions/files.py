"""A contract file comes in: a new contract, or a change of one; of a live one it is the draft of a revision."""

from agreements.actions.drafts import is_live, start_revision
from agreements.models import Revision
from agreements.rules import Status
from contracts import contract_file
from contracts.contract_file import ContractFile
from contracts.models import Contract
from lib.errors import Conflict
from lib.names import find_named
from organisations.actions import require
from organisations.models import Membership
from slas.actions import contract_changes, import_contract


def take_file(*, by: Membership, file: ContractFile, version: int | None = None) -> Contract | Revision:
    """Import it, or, where it changes a contract of which figures were accepted, draft a revision of what it says: nothing in force is
    changed by one person. Refuses as the import does."""
    require(by, "contract.import")
    contract = find_named(Contract.objects, reference=file.contract.reference)
    if contract is None or not is_live(contract) or not contract_changes(by=by, source=file):
        return import_contract(by=by, source=file, version=version)
    if version is not None and version != contract.version:
        raise Conflict("version", "Somebody else changed this contract meanwhile. Look at it again before you import.")
    document = contract_file.write(file.document())
    same = Revision.objects.filter(contract=contract, status=Status.DRAFT, draft__document=document).first()
    if same is not None:  # a second click, or the same file once more
        return same
    title = f"Contract file of {file.contract.reference}"
    return start_revision(by=by, contract=contract, title=title, document=document, beside=True)
