"""Who works in the demo: two clients, nine vendors, and one password for all."""

import json
from pathlib import Path
from typing import NamedTuple

PASSWORD = "plumb-and-true-26"  # of the demo alone: it only ever exists in a database that `demo` made

ALDERMOOR = "Aldermoor Energy"
BRIGHTWATER = "Brightwater Council"
ORGANISATIONS: dict[str, tuple[str, ...]] = {
    ALDERMOOR: ("MSA-2024-017", "CO-2291", "NET-0412", "HST-2024-031", "PAY-2024-003", "LOG-2024-011"),
    BRIGHTWATER: ("BWC-ICT-2024-09", "PFI-SCH-02", "PRT-2024-014", "ENV-2024-006"),
}
"""References of the contracts of each client organisation."""


class Person(NamedTuple):
    """One membership: a person in a role, for one client organisation. Who has two of them stands here twice."""

    name: str
    role: str
    organisation: str
    email: str
    password: str = PASSWORD
    vendor: str = ""  # code of the vendor for whom a vendor's person works


PEOPLE: tuple[Person, ...] = (
    Person("Petra Sandgren", "procurement", ALDERMOOR, "petra@aldermoor.example.test"),
    Person("Marco Bellini", "account_manager", ALDERMOOR, "marco@aldermoor.example.test"),
    Person("Ada Whitcombe", "administrator", ALDERMOOR, "ada@aldermoor.example.test"),
    Person("Olu Adeyemi", "auditor", ALDERMOOR, "olu@aldermoor.example.test"),
    Person("Otto Lindgren", "account_manager", BRIGHTWATER, "otto@brightwater.example.test"),
    Person("Bronwen Price", "procurement", BRIGHTWATER, "bronwen@brightwater.example.test"),
    Person("Idris Vaughan", "administrator", BRIGHTWATER, "idris@brightwater.example.test"),
    Person("Vera Novak", "vendor_manager", ALDERMOOR, "vera@corvid.example.test", vendor="CORVID"),
    Person("Vera Novak", "vendor_manager", BRIGHTWATER, "vera@corvid.example.test", vendor="CORVID"),
    Person("Ravi Menon", "vendor_reporter", ALDERMOOR, "ravi@corvid.example.test", vendor="CORVID"),
    Person("Hana Kowalska", "vendor_manager", ALDERMOOR, "hana@halden.example.test", vendor="HALDEN"),
    Person("Tomas Arceneaux", "vendor_manager", ALDERMOOR, "tomas@saltire.example.test", vendor="SALTIRE"),
    Person("Niamh Doyle", "vendor_manager", ALDERMOOR, "niamh@mirado.example.test", vendor="MIRADO"),
    Person("Fergus Baird", "vendor_manager", ALDERMOOR, "fergus@quillon.example.test", vendor="QUILLON"),
    Person("Dele Okafor", "vendor_manager", ALDERMOOR, "dele@farrow.example.test", vendor="FARROW"),
    Person("Ruth Pemberley", "vendor_manager", BRIGHTWATER, "ruth@pemberley.example.test", vendor="PEMBERLEY"),
    Person("Saskia Vermeer", "vendor_manager", BRIGHTWATER, "saskia@marlpit.example.test", vendor="MARLPIT"),
    Person("Gwen Hollis", "vendor_manager", BRIGHTWATER, "gwen@wrenfield.example.test", vendor="WRENFIELD"),
)

# How the clients file their vendors: tier and service, by code.
FILED: dict[str, tuple[int, str]] = {
    "CORVID": (1, "IT services"),
    "SALTIRE": (1, "Networks"),
    "MIRADO": (1, "Hosting"),
    "HALDEN": (2, "Contact centre"),
    "QUILLON": (2, "Payroll"),
    "FARROW": (3, "Logistics"),
    "PEMBERLEY": (2, "Facilities"),
    "MARLPIT": (3, "Print and mail"),
    "WRENFIELD": (1, "Waste"),
}

LogIn = tuple[str, str, str]
"""Who, e-mail address, password."""

CLIENTS_LOG_INS: tuple[LogIn, ...] = (
    ("Marco, account manager at Aldermoor Energy", "marco@aldermoor.example.test", PASSWORD),
    ("Petra, procurement at Aldermoor Energy", "petra@aldermoor.example.test", PASSWORD),
    ("Ada, administrator at Aldermoor Energy", "ada@aldermoor.example.test", PASSWORD),
    ("Olu, auditor at Aldermoor Energy", "olu@aldermoor.example.test", PASSWORD),
    ("Otto, account manager at Brightwater Council", "otto@brightwater.example.test", PASSWORD),
    ("Bronwen, procurement at Brightwater Council", "bronwen@brightwater.example.test", PASSWORD),
)


def log_ins(kept: Path) -> list[LogIn]:
    """What the demo prints when it is ready: what `demo.log_ins` kept there, or else the clients' people."""
    try:
        found = json.loads(kept.read_text())
    except FileNotFoundError:
        return list(CLIENTS_LOG_INS)
    return [(who, email, password) for who, email, password in found]
