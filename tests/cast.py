"""The cast, named once and used everywhere.

Aldermoor Energy (a client): Petra (procurement), Marco (account manager), Ada (administrator), Olu (auditor).
Its vendors: Corvid Systems with Vera (manager) and Ravi (reporter); Halden BPO with Hana.
Brightwater Council, a second client that also uses Corvid: Vera serves both. Its Otto must never see anything of Aldermoor's.
"""

from dataclasses import dataclass

from organisations.models import Membership, Organisation, Vendor
from organisations.rules import Role
from organisations.scope import open_scope
from tests.factories import organisations as make


@dataclass
class Cast:
    aldermoor: Organisation
    brightwater: Organisation
    corvid: Vendor
    halden: Vendor
    corvid_at_brightwater: Vendor
    petra: Membership
    marco: Membership
    ada: Membership
    olu: Membership
    vera: Membership
    ravi: Membership
    hana: Membership
    otto: Membership
    vera_at_brightwater: Membership

    @property
    def everybody(self) -> list[Membership]:
        return [value for value in vars(self).values() if isinstance(value, Membership)]


def assemble() -> Cast:
    """Write the cast into the database, outside any scope."""
    aldermoor = make.organisation("Aldermoor Energy")
    brightwater = make.organisation("Brightwater Council")
    vera = make.user("Vera Novak")
    people = {
        name.split()[0].lower(): make.user(name)
        for name in ("Petra Sandgren", "Marco Bellini", "Ada Whitcombe", "Olu Adeyemi", "Ravi Menon", "Hana Kowalska")
    }
    otto = make.user("Otto Lindgren")
    staff = {
        "petra": Role.PROCUREMENT,
        "marco": Role.ACCOUNT_MANAGER,
        "ada": Role.ADMINISTRATOR,
        "olu": Role.AUDITOR,
    }
    with open_scope(organisation_id=aldermoor.pk):
        corvid, halden = make.vendor("Corvid Systems"), make.vendor("Halden BPO")
        members = {name: make.member(people[name], role) for name, role in staff.items()}
        members["vera"] = make.member(vera, Role.VENDOR_MANAGER, corvid)
        members["ravi"] = make.member(people["ravi"], Role.VENDOR_REPORTER, corvid)
        members["hana"] = make.member(people["hana"], Role.VENDOR_MANAGER, halden)
    with open_scope(organisation_id=brightwater.pk):
        theirs = make.vendor("Corvid Systems", code="V-0042")  # each client numbers its vendors as it likes
        members["otto"] = make.member(otto, Role.ACCOUNT_MANAGER)
        members["vera_at_brightwater"] = make.member(vera, Role.VENDOR_MANAGER, theirs)
    for member in members.values():
        member.organisation = brightwater if member.organisation_id == brightwater.pk else aldermoor
    return Cast(aldermoor, brightwater, corvid, halden, theirs, **members)
