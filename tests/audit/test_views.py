"""The trail as people read it: words, filters, files, and the check that needs no database."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import actions, verify_trail
from audit.models import Entry
from measurements.actions import submit
from organisations import row_security
from organisations.actions import change_organisation, invite, make_key
from organisations.models import Membership, OrganisationSettings
from organisations.rules import Role
from tests import budgets
from tests.factories import everything
from tests.measurements.reporting import MORNING

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def renamed(cast, scope_of):
    with scope_of(cast.ada):
        Membership.objects.filter(pk=cast.marco.pk).update(name="Marco B", role="auditor")
    return cast


def page(client, query=""):
    answer = client.get(f"trail/{query}")
    assert answer.status_code == 200
    return answer


def test_who_changed_what_from_what_to_what(renamed, client_for):
    rows = page(client_for(renamed.ada)).context["rows"]
    [row] = [row for row in rows if row.entry.row_id == renamed.marco.pk and row.entry.operation == "UPDATE"]
    assert (row.who, row.what) == ("Ada Whitcombe", "Membership Marco B changed")
    assert [(one.label, one.before, one.after) for one in row.changes] == [
        ("Name", "Marco Bellini", "Marco B"),
        ("Role", "Account manager", "Auditor"),
    ]


def test_a_row_that_was_added_keeps_its_values_folded(renamed, client_for):
    answer = page(client_for(renamed.ada), f"?of=membership-{renamed.marco.pk}")
    assert [(row.entry.operation, row.folded) for row in answer.context["rows"]] == [
        ("UPDATE", False),
        ("INSERT", True),
    ]
    body = answer.content.decode()
    assert body.count("<summary>") == 1 and body.count("<del>Marco Bellini</del>") == 1
    assert body.count("<ins>Marco B</ins>") == 1 and ">empty<" not in body


def test_filters_stand_in_the_address(renamed, client_for, scope_of):
    client = client_for(renamed.ada)
    of = f"?of=membership-{renamed.marco.pk}"
    assert {row.entry.row_id for row in page(client, of).context["rows"]} == {renamed.marco.pk}
    for person in (renamed.ada.pk, "ada", "WHITCOMBE"):
        assert {row.who for row in page(client, f"?person={person}").context["rows"]} == {"Ada Whitcombe"}
    assert page(client, "?person=nobody").context["rows"] == []
    first = page(client).context["rows"][0]
    assert {row.entry.request_id for row in page(client, f"?q={first.entry.request_id}").context["rows"]} == {
        first.entry.request_id
    }
    assert first.entry.row_id in {row.entry.row_id for row in page(client, f"?of={first.of}").context["rows"]}
    assert page(client, "?begin=2031-01-01").context["rows"] == []
    assert "Enter a valid date" in page(client, "?begin=soon").content.decode()
    for nonsense in ("?of=nothing-1", "?of=membership-x", "?of=membership"):
        assert client.get(f"trail/{nonsense}").status_code == 404


def test_only_those_who_may_see_it_and_only_their_own(renamed, client_for):
    for who, status in ((renamed.ada, 200), (renamed.olu, 200), (renamed.petra, 403), (renamed.ravi, 403)):
        for address in ("trail/", "trail/export.csv", "trail/export.jsonl", "trail/verify_trail.py"):
            assert client_for(who).get(address).status_code == status
    assert client_for(renamed.otto).get("/o/aldermoor/trail/").status_code == 404


def test_what_a_vendor_prepares_is_not_there_before_it_is_submitted(cast, client_for, scope_of, draft):
    ada = client_for(cast.ada)

    def figures():
        rows = page(ada, f"?of=contract-{draft.contract_id}").context["rows"]
        return [row for row in rows if row.entry.table_name in ("measurements_figure", "measurements_submission")]

    assert figures() == []
    assert ada.get(f"trail/export.csv?of=submission-{draft.pk}").content.decode().splitlines()[1:] == []
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=draft, now=MORNING)
    assert {row.entry.table_name for row in figures()} == {"measurements_figure", "measurements_submission"}


@pytest.mark.parametrize("withheld", [False, True])
def test_an_export_is_checked_without_the_product(cast, client_for, scope_of, tmp_path, withheld, request):
    if withheld:
        request.getfixturevalue("draft")
    with scope_of(cast.aldermoor):
        count = Entry.objects.count()
        assert actions.seal(now=MORNING) == count
        kept = actions.last_hash()
    lines = client_for(cast.ada).get("trail/export.jsonl").content.decode().splitlines()
    assert any("withheld" in json.loads(line) for line in lines) is withheld
    file = tmp_path / "trail.jsonl"

    def checked(*words):
        command = [sys.executable, "-I", str(ROOT / "audit/verify_trail.py"), str(file), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.strip()

    file.write_text("\n".join(lines))
    assert checked(kept) == (0, "Everything is as it was sealed.")
    assert checked("0" * 64) == (1, "the hash that was kept is not among the seals")
    file.write_text("\n".join(line.replace("Marco", "Mario") for line in lines))
    assert "an entry was changed" in checked()[1]
    file.write_text("\n".join(lines[1:]))
    assert "were sealed" in checked()[1]
    file.write_text("no json")
    assert checked()[0] == 2
    assert verify_trail.check(lines, kept) == []


def test_an_export_asks_as_much_for_three_seals_as_for_one(cast, client_for, scope_of):
    ada = client_for(cast.ada)

    def statements(seals):
        with scope_of(cast.aldermoor):
            for number in range(seals):
                Membership.objects.filter(pk=cast.marco.pk).update(name=f"Marco {seals} {number}")
                actions.seal(now=MORNING)
        with CaptureQueriesContext(connection) as asked:
            lines = ada.get("trail/export.jsonl").content.decode().splitlines()
        assert verify_trail.check(lines) == []
        return sum("seal" in json.loads(line) for line in lines), len(asked)

    (one, first), (four, second) = statements(1), statements(3)
    assert (one, four) == (1, 4) and second == first


def test_verifying_says_what_was_found(renamed, client_for, scope_of):
    with scope_of(renamed.aldermoor):
        actions.seal(now=MORNING)
    answer = client_for(renamed.ada).post("trail/verify/")
    assert (answer.status_code, "Unbroken" in answer.content.decode()) == (200, True)


def test_it_asks_as_much_for_three_entries_as_for_one(renamed, client_for, scope_of):
    client, path = client_for(renamed.ada), f"trail/?of=membership-{renamed.petra.pk}"

    def statements(count):
        with scope_of(renamed.ada):
            for n in range(count):
                Membership.objects.filter(pk=renamed.petra.pk).update(name=f"Petra {count}{n}")
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    assert statements(1) == statements(3)


# The way there ------------------------------------------------------------------------------------------------------


def test_pages_of_an_object_lead_to_its_history(cast, client_for, scope_of, submitted):
    contract = submitted.contract
    with scope_of(cast.ada):
        level = contract.service_levels.get(code="SL-01")
        now = timezone.now()
        key = make_key(by=cast.ada, name="Report", scope="read", expires_at=now + timedelta(days=9), now=now)[0]
        change_organisation(by=cast.ada, version=1, name="Aldermoor", timezone="Europe/London")
        settings = OrganisationSettings.objects.get()
        invited = invite(by=cast.ada, email="nora@aldermoor.example.test", role=Role.AUDITOR, vendor=None, now=now)
    pages = {
        f"contracts/{contract.pk}/": contract,
        f"contracts/{contract.pk}/service-levels/{level.code}/": level,
        f"contracts/{contract.pk}/credits/": contract,
        f"contracts/{contract.pk}/scorecard/": contract,
        f"submissions/{submitted.pk}/": submitted,
        "vendors/CORVID/": cast.corvid,
        f"people/{cast.marco.pk}/": cast.marco,
        "keys/": key,
        "settings/": settings,
        "people/": invited,
    }
    ada = client_for(cast.ada)
    for path, row in pages.items():
        answer = ada.get(path)
        assert answer.status_code == 200, path
        query = f"?of={row._meta.model_name}-{row.pk}"
        assert f'trail/{query}"' in answer.content.decode(), path
        assert {one.entry.row_id for one in page(ada, query).context["rows"]} >= {row.pk}
    # The auditor cannot open a person, and reads what became of one all the same; who does not read the trail is not led there.
    listed = client_for(cast.olu).get("people/").content.decode()
    assert f"?of=invitation-{invited.pk}" in listed and f"?of=membership-{cast.marco.pk}" in listed
    assert "trail/" not in client_for(cast.petra).get("people/").content.decode()


def test_every_kind_of_object_that_a_page_leads_from_is_in_the_trail():
    kinds = {
        kind
        for template in (ROOT / "templates").rglob("*.html")
        for kind in re.findall(r'history_link\.html" with kind="(\w+)"', template.read_text())
    }
    assert kinds >= {
        *("contract", "servicelevel", "submission", "breach", "correctiveplan"),
        *("vendor", "membership", "organisationsettings"),
    }
    assert kinds <= {model._meta.model_name for model in row_security.tables() if getattr(model, "AUDITED", False)}


def test_a_page_about_every_table_takes_as_few_statements_as_any(cast, client_for, scope_of):
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.corvid)
    for member in (cast.ada, cast.vera):
        client = client_for(member)
        client.get("trail/")
        with CaptureQueriesContext(connection) as asked:
            rows = page(client).context["rows"]
        assert len({row.entry.table_name for row in rows}) > 20
        assert len(asked) <= budgets.STATEMENTS, [one["sql"] for one in asked]
        assert len(client.get("trail/").content) <= budgets.BYTES
