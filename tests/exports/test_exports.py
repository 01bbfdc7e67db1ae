"""A table that is too large to wait for is made by a worker, as the list shows it, for whoever asked."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from exports.actions import expire_tables, make_table
from exports.models import TableExport, TableExportFile
from exports.rules import LEASE, ExportStatus
from lib import tables
from notifications.models import Notification
from organisations.models import Membership
from tests.dashboard_world import judged  # noqa: F401
from tests.factories import exports
from tests.isolation.by_sql import refused
from tests.markup import tight

BREACHES = "breaches/?status=all&export=csv&column=vendor&column=period"


@pytest.fixture
def three(cast, judged, scope_of, monkeypatch):  # noqa: F811
    """Three breaches, where two rows come at once."""
    made = judged(cast.corvid), judged(cast.halden, title="=Back office")
    with scope_of(cast.aldermoor):
        for one, nth in ((made[0], 0), (made[0], 1), (made[1], 1)):
            one.breach(nth)
    monkeypatch.setattr(tables, "AT_ONCE", 2)
    return made


@pytest.fixture
def ask(cast, client_for):
    """`ask(member, path)`: from the list on to the button, as a person does."""

    def asked(member, path=BREACHES):
        page = client_for(member).get(path)
        assert "Make it in the background" in page.content.decode()
        return client_for(member).post("exports/ask/", {"address": f"/o/{member.organisation.slug}/{path}"})

    return asked


@pytest.fixture
def work(cast, scope_of):
    """`work()`: what a worker does next. How much it did."""

    def done(now=None):
        return make_table(scope=lambda member: scope_of(member or cast.aldermoor), now=now or timezone.now())

    return done


def test_a_large_table_is_offered_made_and_handed_to_who_asked(cast, client_for, scope_of, three, ask, work):
    marco = client_for(cast.marco)
    page = tight(marco.get(BREACHES).content.decode())
    assert "3 rows take a while" in page and "up to 2 rows come at once" in page
    assert ask(cast.marco)["Location"].endswith("/exports/")
    assert ask(cast.marco).status_code == 302  # asked for twice, made once
    html = tight(marco.get("exports/").content.decode())
    assert "Waiting for a worker" in html and "every 2s" in html
    assert (work(), work()) == (1, 0)
    html = tight(marco.get("exports/").content.decode())
    assert "Ready" in html and "every 2s" not in html
    with scope_of(cast.aldermoor):
        made = TableExport.objects.get()
        assert (made.name, made.rows, made.status) == ("breaches", 3, ExportStatus.MADE)
        told = Notification.objects.filter(event__kind="export").select_related("event").get()
        assert (told.member_id, told.event.title) == (cast.marco.pk, "Your table “breaches” is ready")
    answer = marco.get(f"exports/{made.pk}/file/")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Vendor", "Period"] and len(rows) == 4
    assert 'filename="breaches.csv"' in answer["Content-Disposition"]
    for member in (cast.petra, cast.vera, cast.hana, cast.otto):  # somebody else's
        assert client_for(member).get(f"exports/{made.pk}/file/").status_code in (403, 404)


def test_a_long_file_is_sent_from_the_disk(cast, client_for, three, monkeypatch):
    """Through the door, which lets no stream be made outside the scope; and a worker keeps it like any other."""
    monkeypatch.setattr(tables, "AT_ONCE", 3)
    short = client_for(cast.marco).get(BREACHES)
    monkeypatch.setattr(tables, "IN_MEMORY", 10)
    long = client_for(cast.marco).get(BREACHES)
    assert (short.streaming, long.streaming) == (False, True)
    assert b"".join(long.streaming_content) == short.content and long["Content-Length"] == str(len(short.content))
    assert long["Content-Disposition"] == short["Content-Disposition"] and long["Content-Type"] == short["Content-Type"]


def test_filters_columns_and_rights_are_those_of_the_list(cast, client_for, scope_of, three, ask, work):
    path = f"breaches/?contract={three[0].contract.pk}&export=xlsx"
    assert client_for(cast.marco).get(path).status_code == 200  # two rows come at once
    assert "attachment" in client_for(cast.marco).get(path)["Content-Disposition"]
    assert client_for(cast.vera).get("breaches/?status=all&export=csv").status_code == 200
    for address in (
        "/o/brightwater-council/breaches/?export=csv",
        "/o/aldermoor-energy/inbox/",
        "/healthz/live",
        "http://[",
        "x" * 3000,
    ):
        answer = client_for(cast.marco).post("exports/ask/", {"address": address})
        assert answer.status_code == 422, address
    with scope_of(cast.aldermoor):
        assert not TableExport.objects.exists()


def test_a_table_that_is_not_wanted_any_more_is_not_made(cast, client_for, scope_of, three, ask, work):
    ask(cast.marco)
    with scope_of(cast.aldermoor):
        pk = TableExport.objects.get().pk
    assert client_for(cast.petra).post(f"exports/{pk}/cancel/").status_code == 404
    assert client_for(cast.marco).post(f"exports/{pk}/cancel/").status_code == 302
    assert work() == 0
    assert "Cancelled" in client_for(cast.marco).get("exports/").content.decode()


def test_what_is_cancelled_while_it_is_made_is_not_kept(cast, scope_of, three, ask):
    ask(cast.marco)

    def scope(member):
        if member is not None:  # it is being read
            with scope_of(cast.aldermoor):
                TableExport.objects.update(status=ExportStatus.CANCELLED)
        return scope_of(member or cast.aldermoor)

    assert make_table(scope=scope, now=timezone.now()) == 1
    with scope_of(cast.aldermoor):
        assert TableExport.objects.get().status == ExportStatus.CANCELLED
        assert not TableExportFile.objects.exists()


def test_what_is_no_list_has_no_table(cast, client_for, scope_of, three):
    answer = client_for(cast.marco).post("exports/ask/", {"address": f"/o/{cast.aldermoor.slug}/portfolio/"})
    assert answer.status_code == 422
    with scope_of(cast.aldermoor):
        assert not TableExport.objects.exists()


def test_what_fails_says_so_and_holds_nobody_up(cast, client_for, scope_of, three, ask, work, monkeypatch):
    ask(cast.marco)
    ask(cast.marco, "breaches/?status=all&export=xlsx")
    monkeypatch.setattr(tables, "MOST", 2)
    monkeypatch.setattr("exports.actions.in_background", lambda: tables.in_background(2))
    assert work() == 1
    with scope_of(cast.aldermoor):
        failed = TableExport.objects.order_by("pk").first()
        assert (failed.status, failed.failed_because[:16]) == (ExportStatus.FAILED, "There are 3 rows")
    monkeypatch.undo()
    assert work() == 1
    with scope_of(cast.aldermoor):
        assert TableExport.objects.filter(status=ExportStatus.MADE).count() == 1


def test_a_table_that_one_worker_makes_no_other_makes(cast, client_for, scope_of, three, ask, work):
    """Unless the first one has died, and its time is over."""
    ask(cast.marco)
    now, others = timezone.now(), []

    def while_another_looks(member):
        if member:
            others.append(work(now))
        return scope_of(member or cast.aldermoor)

    assert make_table(scope=while_another_looks, now=now) == 1 and others == [0]
    ask(cast.petra)
    with scope_of(cast.aldermoor):
        assert TableExportFile.objects.count() == 1
        TableExport.objects.filter(asked_by=cast.petra).update(leased_until=now + LEASE)
    assert (work(now), work(now + LEASE)) == (0, 1)


def test_files_go_after_a_week_and_what_was_taken_stays_on_record(cast, client_for, scope_of, three, ask, work):
    ask(cast.marco)
    work()
    with scope_of(cast.aldermoor):
        made = TableExport.objects.get()
        assert expire_tables(now=made.made_at + timedelta(days=6)) == 0
        assert expire_tables(now=made.made_at + timedelta(days=8)) == 1
        assert not TableExportFile.objects.exists()
    gone = client_for(cast.marco).get(f"exports/{made.pk}/file/")
    assert gone.status_code == 410 and "Export the list again." in gone.content.decode()


def test_a_vendor_s_table_holds_what_the_vendor_sees_and_is_its_reader_s_alone(
    cast,
    client_for,
    scope_of,
    judged,  # noqa: F811
    ask,
    work,
    monkeypatch,
):
    """Also what is asked for when more was to be seen: it is read in the scope of whoever asked, when it is made."""
    one, other, theirs = judged(cast.corvid), judged(cast.corvid), judged(cast.halden)
    with scope_of(cast.aldermoor):
        for each in (one, other, theirs):
            each.breach(0)
            each.breach(1)
    monkeypatch.setattr(tables, "AT_ONCE", 1)
    ask(cast.vera)
    assert "Waiting for a worker" in client_for(cast.vera).get("exports/").content.decode()
    assert "Waiting for a worker" not in client_for(cast.marco).get("exports/").content.decode()
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.vera.pk).update(contracts=[one.contract.pk])
    assert (work(), work()) == (1, 0)
    with scope_of(cast.aldermoor):
        made = TableExport.objects.get()
        assert (made.status, made.vendor_id) == (ExportStatus.MADE, cast.corvid.pk)
        assert Notification.objects.get(event__kind="export").member_id == cast.vera.pk
    file = f"exports/{made.pk}/file/"
    rows = list(csv.reader(io.StringIO(client_for(cast.vera).get(file).content.decode("utf-8-sig"))))
    assert len(rows) == 3 and "Halden" not in f"{rows}"
    for member in (cast.ravi, cast.hana, cast.marco):
        assert client_for(member).get(file).status_code == 404
        assert client_for(member).post(f"exports/{made.pk}/cancel/").status_code == 404


def test_a_table_of_somebody_who_has_left_is_not_made(cast, client_for, scope_of, three, ask, work):
    ask(cast.marco)
    with scope_of(cast.aldermoor):
        Membership.objects.filter(pk=cast.marco.pk).update(is_active=False)
    assert (work(), work()) == (1, 0)
    with scope_of(cast.aldermoor):
        assert TableExport.objects.get().failed_because == "Whoever asked for it is not here any more."
        assert not TableExportFile.objects.exists()


def test_a_vendor_forges_no_table(cast, scope_of):
    with scope_of(cast.aldermoor):
        made = exports.table_export(cast.vera)
        waiting = exports.table_export(cast.vera, status=ExportStatus.WAITING, made_at=None, address="/o/x/")
    with scope_of(cast.vera):
        change = "UPDATE exports_tableexport SET {} WHERE id = %s"
        assert "cancelled, and nothing else" in refused(change.format("address = '/o/'"), made.pk)
        assert "cancelled, and nothing else" in refused(change.format("status = 'made', made_at = now()"), waiting.pk)
        forged = """INSERT INTO exports_tableexport (organisation_id, vendor_id, name, address, rows, status, failed_because, asked_by_id,
            asked_by_name, asked_at, made_at) SELECT organisation_id, vendor_id, name, address, rows, 'made', '', %s, %s, now(), now()
            FROM exports_tableexport WHERE id = %s"""
        assert "making it is the system" in refused(forged, cast.vera.pk, cast.vera.name, made.pk)
    with scope_of(cast.ravi):
        assert "its reader's alone" in refused(change.format("status = 'cancelled'"), waiting.pk)
