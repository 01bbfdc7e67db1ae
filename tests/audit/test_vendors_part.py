"""A vendor's own part of the trail: what concerns it, with a chain of its own, and nothing else that happens."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from agreements.models import Revision
from audit import actions, verify_trail
from audit.models import Entry, Seal, VendorSeal
from audit.wording import describe_entries
from lib.templatetags.dates import format_day
from organisations import row_security
from organisations.models import Membership, OrganisationSettings, Vendor
from tests.audit.test_seal import tamper
from tests.cast import assemble
from tests.factories import contracts, everything
from tests.measurements.reporting import MORNING


@pytest.fixture
def told(cast, scope_of):
    """Aldermoor does something about Corvid, about Halden, about both sides' people, and about itself."""
    with scope_of(cast.petra):
        contract = contracts.contract(cast.corvid)
        contracts.contract(cast.halden, reference="SECRET-9")
        Vendor.objects.filter(pk=cast.halden.pk).update(name="Halden renamed")
        Membership.objects.filter(pk=cast.ravi.pk).update(name="Ravi M")
        Membership.objects.filter(pk=cast.marco.pk).update(name="Marco B")
        OrganisationSettings.objects.create(timezone="Europe/London")
    return contract


def rows(client, query=""):
    answer = client.get(f"trail/{query}")
    assert answer.status_code == 200
    return answer.context["rows"]


def test_a_vendor_s_manager_reads_what_concerns_the_vendor(cast, told, client_for):
    found = rows(client_for(cast.vera))
    words = [one.what for one in found]
    assert f"Contract {told.reference} added" in words and "Membership Ravi M changed" in words
    assert f"kept since {format_day(found[-1].entry.at)}" in client_for(cast.vera).get("trail/").content.decode()
    assert not [one for one in words if "Halden" in one or "SECRET" in one or "Marco" in one or "settings" in one]
    # The client's people are not named to vendors: it was the client.
    assert {one.who for one in found} <= {"Aldermoor Energy", "Vera Novak", "Ravi M", ""}
    assert next(one for one in found if one.what.startswith("Contract")).who == "Aldermoor Energy"


def test_each_entry_concerns_the_vendor_who_may_see_the_row(cast, scope_of):
    """For every table that is in the trail: by the rights of its model, without a line here."""
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.corvid)
        everything.for_vendor(cast.halden)
        for model in row_security.tables():
            if not row_security.is_tenant(model) or not model.AUDITED:
                continue
            whose = getattr(model, "VENDOR_COLUMN", None) if model.VENDOR_ACCESS else None
            assert getattr(model, "SHARED_COLUMN", "") in ("", "shared")  # as the function reads it
            assert not getattr(
                model, "VENDOR_ROWS", ""
            )  # the function knows nothing of them: its entries would be seen
            wanted = dict(model.objects.values_list("pk", whose)) if whose else {}
            entries = Entry.objects.filter(table_name=model._meta.db_table)
            assert entries.exists()
            for entry in entries:
                if getattr(model, "SHARED_COLUMN", "") and entry.concerned_vendor_id is None:
                    continue  # not shared then: the next test
                assert entry.concerned_vendor_id == wanted.get(entry.row_id), model


def test_what_is_not_shared_yet_concerns_nobody(cast, scope_of):
    """Drafts of a revision have a vendor and are not for it; nor is what the values were before they were shared."""
    with scope_of(cast.aldermoor):
        everything.for_vendor(cast.corvid)
        Revision.objects.update(shared=False, status="draft")
        Revision.objects.update(shared=True, number=77)
        Revision.objects.update(number=78)
        told = Entry.objects.filter(table_name="agreements_revision", operation="UPDATE").order_by("-pk")
        assert told[0].concerned_vendor_id == cast.corvid.pk
        assert told[1].concerned_vendor_id is None
        # That it was shared is an entry of its own, with what the row is from then on and nothing of before.
        shared = Entry.objects.filter(table_name="agreements_revision", operation="SHARED").latest("pk")
        assert shared.concerned_vendor_id == cast.corvid.pk and told[1].pk < shared.pk < told[0].pk
        assert shared.difference["number"] == [None, 77] and {was for was, _ in shared.difference.values()} == {None}
        assert describe_entries([shared])[0].what.endswith("shared with the vendor")


def test_the_database_shows_a_vendor_nothing_else(cast, told, scope_of):
    with scope_of(cast.vera):
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT concerned_vendor_id FROM audit_entry")
            assert cursor.fetchall() == [(cast.corvid.pk,)]
        for table in ("audit_seal", "audit_accountentry"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(f"SELECT FROM {table}")


def test_only_managers_of_the_whole_vendor(cast, told, client_for, scope_of):
    assert client_for(cast.ravi).get("trail/").status_code == 403
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.vera.pk).update(contracts=[told.pk])
    vera = client_for(cast.vera)
    for path in ("trail/", "trail/export.csv", "trail/export.jsonl"):
        assert vera.get(path).status_code == 403
    assert "trail/" not in vera.get(f"contracts/{told.pk}/").content.decode()


def test_objects_that_a_vendor_does_not_see_have_no_history_for_it(cast, told, client_for):
    vera = client_for(cast.vera)
    assert {one.entry.row_id for one in rows(vera, f"?of=contract-{told.pk}")} >= {told.pk}
    assert rows(vera, f"?of=vendor-{cast.halden.pk}") == []
    assert "Halden" not in vera.get(f"trail/?of=vendor-{cast.halden.pk}").content.decode()
    for table in ("organisationsettings", "internalnote", "waiverproposal"):
        assert vera.get(f"trail/?of={table}-1").status_code == 404


def test_its_pages_lead_there(cast, told, client_for):
    vera, ravi = client_for(cast.vera), client_for(cast.ravi)
    assert f'/trail/?of=contract-{told.pk}"' in vera.get(f"contracts/{told.pk}/").content.decode()
    assert 'href="/o/aldermoor/trail/"' in vera.get("people/").content.decode()
    assert "/trail/" not in ravi.get(f"contracts/{told.pk}/").content.decode()


def test_a_vendor_exports_and_verifies_its_own_chain(cast, told, client_for, scope_of):
    with scope_of(cast.aldermoor):
        actions.seal(now=MORNING)
        Membership.objects.filter(pk=cast.ravi.pk).update(name="Ravi Menon")
        Membership.objects.filter(pk=cast.hana.pk).update(name="Hana K")
        actions.seal(now=MORNING)
        counts = {one.concerned_vendor_id: 0 for one in VendorSeal.objects.all()}
        assert counts.keys() == {cast.corvid.pk, cast.halden.pk}
        whole = Seal.objects.latest("pk").hash
        assert actions.verify() == []
    vera = client_for(cast.vera)
    text = vera.get("trail/export.jsonl").content.decode()
    lines = [json.loads(line) for line in text.splitlines()]
    with scope_of(cast.vera):
        kept = actions.last_hash()
        assert actions.verify() == []
        count = Entry.objects.count()
    assert verify_trail.check(text.splitlines(), kept) == []
    assert sum("line" in one for one in lines) == count and not any("withheld" in one for one in lines)
    assert "Hana" not in text and "Marco" not in text and "SECRET" not in text and whole not in text
    assert "Unbroken" in vera.post("trail/verify/").content.decode()
    csv = vera.get("trail/export.csv").content.decode()
    assert "Ravi M" in csv and "Hana" not in csv and "Aldermoor Energy" in csv
    # The client's export still holds everything.
    assert "SECRET-9" in client_for(cast.ada).get("trail/export.jsonl").content.decode()


def test_tampering_with_what_concerns_a_vendor_is_seen_by_it(committed, scope_of):
    cast = assemble()
    with scope_of(cast.aldermoor):
        actions.seal(now=MORNING)
    tamper(
        f"UPDATE audit_entry SET actor_id = 99 WHERE id = (SELECT min(id) FROM audit_entry WHERE concerned_vendor_id = {cast.corvid.pk})"
    )
    with scope_of(cast.vera):
        (said,) = actions.verify()
        assert "were changed" in said
    with scope_of(cast.hana):
        assert actions.verify() == []
    with scope_of(cast.aldermoor):
        assert len(actions.verify()) == 2  # its own chain and the vendor's
