"""Files that revise a contract, and acting on revisions as one person after another."""

from contextlib import contextmanager
from datetime import UTC, datetime

from contracts import contract_file
from contracts.models import Contract
from slas.actions import export_contract
from tests.slas import contract_texts as texts

JUNE = datetime(2024, 6, 10, 9, tzinfo=UTC)
WHY = "The line went down often."


def file_with(contract: Contract, day: str = "2024-07-01", target: int = 97, **more) -> str:
    """The contract's file with a higher target of its first service level from a day on."""
    document = export_contract(by=None, contract=contract)
    bands = [{**texts.BANDS[0], "at": target}, *texts.BANDS[1:]]
    document["service_levels"][0]["terms"].append({"from": day, "better": "higher", "bands": bands})
    document["contract"] |= more
    return contract_file.write(document)


class Acting:
    """`acting(member, action, …)`: the action as this member, in their scope."""

    def __init__(self, scope_of):
        self.scope_of = scope_of

    def __call__(self, member, action, **given):
        with self.scope_of(member):
            for row in given.values():
                if hasattr(row, "refresh_from_db"):
                    row.refresh_from_db()
            return action(by=member, **given)


@contextmanager
def unchanged(*rows):
    """Nothing of the rows changes, whatever is refused meanwhile."""
    before = [type(row).objects.filter(pk=row.pk).values().get() for row in rows]
    yield
    assert [type(row).objects.filter(pk=row.pk).values().get() for row in rows] == before
