"""From `create_organisation` to ten people of two companies at work, each at a browser, and a program that reports figures by key: nobody
needs a shell after the first line."""

import email
import email.policy
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts.models import Contract, Owner
from demo.figures import contract_files, figures
from embedded.places import CHECKOUT
from organisations.models import Membership, Organisation
from organisations.scope import open_scope
from tests.journeys.person import Person
from tests.journeys.test_passkeys import Device, sign_out
from tests.processes import Processes, wait_for

PASSWORD = "a plumb line and a level"
STAFF = "email,role\npetra@north.example.test,procurement\nmarco@north.example.test,account manager\n" + (
    "ines@north.example.test,account manager\nolu@north.example.test,auditor\n"
)
COLLEAGUES = ["ravi", "noor", "sami", "lena"]
CONTRACT = contract_files()["MSA-2024-017"].read_text()


SCRIPT = """
import json, sys, urllib.request
url, key = sys.argv[1:]
headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
with urllib.request.urlopen(urllib.request.Request(url, sys.stdin.read().encode(), headers)) as answer:
    print(answer.status, *{one["status"] for one in json.load(answer)})
"""


class Firm:
    """The processes of a new installation: web, a worker that sends letters, and a beat that rings it."""

    def __init__(self, processes: Processes, browser: Browser):
        self.processes, self.browser = processes, browser
        self.address = processes.web().replace("127.0.0.1", "localhost")  # passkeys belong to names
        processes.worker(BASE_URL=self.address)
        processes.beat()
        self.people: list[Person] = []

    def person(self) -> Person:
        self.people.append(Person(self.browser, self.address))
        return self.people[-1]

    def link_for(self, address: str) -> str:
        """The link in the invitation that was sent to an address, once the letter is there."""

        def found() -> list[str]:
            texts = [file.read_bytes() for file in sorted(self.processes.mail.iterdir())]
            letters = [
                email.message_from_bytes(text.strip(), policy=email.policy.default)
                for file in texts
                for text in re.split(rb"\n-{70,}\n", file)
                if text.strip()
            ]
            ours = [one.get_content() for one in letters if one["To"] == address]
            return [link for text in ours for link in re.findall(r"https?://\S+/invitation/\?key=\S+", text)]

        wait_for(lambda: bool(found()), f"a letter to {address}", 60)
        return found()[-1]

    def joins(self, address: str, name: str) -> Person:
        """Somebody opens the letter, chooses a password, and is in."""
        one = self.person()
        page = one.page
        page.goto(self.link_for(address))
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Choose a password").fill(PASSWORD)
        page.get_by_role("button", name=re.compile("Accept|Join|account", re.I)).click()
        page.wait_for_url("**/o/north/**")
        return one


@pytest.fixture
def firm(committed: None, processes: Processes, browser: Browser) -> Iterator[Firm]:
    one = Firm(processes, browser)
    yield one
    for person in one.people:
        person.context.close()
    assert [fault for person in one.people for fault in person.wrong] == []


def created() -> None:
    command = [sys.executable, "manage.py", "create_organisation", "north", "North Works", "--administrator"]
    command += ["ada@north.example.test", "--administrator-name", "Ada North"]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=dict(os.environ), input=PASSWORD, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def invite(page: Page, role: str, addresses: str = "", file: str = "", vendor: str = "") -> None:
    page.goto(page.url.split("/o/")[0] + "/o/north/people/")
    if file:
        page.get_by_text("Several roles at once").click()
        given = {"name": "people.csv", "mimeType": "text/csv", "buffer": file.encode()}
        page.get_by_label("Or a CSV file").set_input_files(given)
    else:
        page.get_by_label("E-mail addresses").fill(addresses)
    page.get_by_role("radio", name=re.compile(f"^{role}")).check()
    if vendor:
        page.get_by_role("combobox", name="Vendor", exact=True).select_option(vendor)
    page.get_by_role("button", name="Send invitations").click()
    expect(page.locator("#toasts")).to_contain_text("invited")


def with_a_passkey(person: Person) -> None:
    """The administrator adds a passkey, keeps the recovery codes, and signs in with it alone from now on."""
    page = person.page
    Device(person)
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/o/north/**")


def set_up(firm: Firm) -> None:
    """The administrator signs in, adds a passkey, then the vendor before it has a contract, and invites the client's people and the
    vendor's first."""
    ada = firm.person()
    page = ada.page
    page.goto("/account/login/")
    page.get_by_label("Email", exact=False).fill("ada@north.example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/o/north/**")
    with_a_passkey(ada)

    page.goto("/o/north/new-vendor/")
    page.get_by_label("Name").fill("Corvid Systems")
    page.get_by_label("Code").fill("CORVID")
    page.get_by_role("button", name="Add the vendor").click()
    expect(page.get_by_role("heading", name="Corvid Systems", level=1)).to_be_visible()
    invite(page, "Auditor", file=STAFF)
    invite(page, "Vendor manager", "vera@corvid.example.test", vendor="CORVID")
    expect(page.locator("#invitations")).to_contain_text("vera@corvid.example.test")


def bring_in(page: Page, organisation: Organisation) -> Contract:
    """Procurement brings the contract in and says who is in charge."""
    page.goto("/o/north/contracts/import/")
    page.get_by_label("Or its text").fill(CONTRACT)
    page.get_by_role("button", name="Preview contract").click()
    page.get_by_role("button", name="Import contract").click()
    expect(page.locator("#toasts")).to_contain_text("imported")
    with open_scope(organisation_id=organisation.pk):
        desk = Contract.objects.select_related("vendor").get()
        assert desk.vendor.code == "CORVID"
    page.goto(f"/o/north/contracts/{desk.pk}/owners/")
    page.locator("#account_manager").get_by_label("In charge").select_option(label="Marco Bell")
    page.locator("#account_manager").get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Marco Bell")
    page.locator("#vendor_contact").get_by_label("In charge").select_option(label="Ravi Corvid")
    page.locator("#vendor_contact").get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Ravi Corvid")
    return desk


def reported_by_a_program(page: Page, address: str, contract: Contract) -> None:
    """The vendor's manager makes a key, and a script that knows nothing but the address and the key submits a month."""
    page.goto("/o/north/keys/")
    page.get_by_label("Name").fill("Service desk export")
    page.get_by_role("radio", name=re.compile("^Read and report")).check()
    page.get_by_role("button", name="Make key").click()
    key = page.locator("code.secret").inner_text()
    month = next(one for one in figures("MSA-2024-017", date(2026, 11, 23)) if one["rows"])
    rows = [{name: value for name, value in row.items() if value} for row in month["rows"]]
    given = json.dumps({"submit": True, "figures": rows})
    url = f"{address}/o/north/api/v1/contracts/{contract.pk}/figures/"
    command = [sys.executable, "-I", "-c", SCRIPT, url, key]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "201 submitted\n"), done.stderr


def test_ten_people_of_two_companies(firm: Firm) -> None:
    created()
    organisation = Organisation.objects.get(slug="north")
    set_up(firm)
    names = {"petra": "Petra Sand", "marco": "Marco Bell", "ines": "Ines Ward", "olu": "Olu Ade"}
    staff = {first: firm.joins(f"{first}@north.example.test", name) for first, name in names.items()}
    vera = firm.joins("vera@corvid.example.test", "Vera Nova")
    invite(vera.page, "Vendor reporter", "\n".join(f"{one}@corvid.example.test" for one in COLLEAGUES))
    theirs = {one: firm.joins(f"{one}@corvid.example.test", f"{one.title()} Corvid") for one in COLLEAGUES}
    desk = bring_in(staff["petra"].page, organisation)

    # Each finds their own: Marco his contract under "Mine", Ravi what is to be reported, Olu the trail.
    page = staff["marco"].page
    page.goto("/o/north/contracts/")
    expect(page.get_by_role("navigation", name="Whose contracts").get_by_role("link", name="Mine")).to_have_attribute(
        "aria-current", "true"
    )
    expect(page.get_by_role("table", name="Contracts")).to_contain_text("MSA-2024-017")
    page = theirs["ravi"].page
    page.goto(f"/o/north/contracts/{desk.pk}/")
    expect(page.get_by_role("region", name="In charge")).to_contain_text("Marco Bell")
    # What the program reported waits for Marco, and stands in the trail under the key's name: the client's, and the vendor's own part.
    reported_by_a_program(vera.page, firm.address, desk)
    page = staff["marco"].page
    page.goto("/o/north/submissions/")
    expect(page.locator("main")).to_contain_text("MSA-2024-017")
    for page in (staff["olu"].page, vera.page):
        page.goto(f"/o/north/trail/?of=contract-{desk.pk}")
        expect(page.locator("#entries-h")).to_contain_text("MSA-2024-017")
        expect(page.locator("main")).to_contain_text("Service desk export")
    page = staff["olu"].page
    page.goto("/o/north/trail/?person=")
    expect(page.locator("main")).to_contain_text("Service desk export")

    with open_scope(organisation_id=organisation.pk):
        people = Membership.objects.active()
        assert people.count() == 10
        assert people.filter(vendor__code="CORVID").count() == 5
        assert Owner.objects.count() == 2
