"""Packs begin with a template, and a published version is handed over to its vendor and nobody else."""

import csv
import io

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from notifications.models import Notification
from organisations.models import Membership
from scorecards.actions import begin_pack, move_section, save_as_template, write_section
from scorecards.models import PackEdition, PackHandover, PackSection, PackTemplate, ReviewPack
from scorecards.rules import Section
from tests.dashboard_world import APRIL, MAY, Judged
from tests.factories import organisations, scorecards
from tests.markup import tight


@pytest.fixture
def made(cast, scope_of, month):
    """A version whose files were made, about the month's contract."""
    with scope_of(cast.aldermoor):
        return scorecards.review_pack(month.periods[0], cast.marco).editions.get()


def publish(client_for, cast, made, **fields):
    return client_for(cast.marco).post(f"pack-editions/{made.pk}/publish/", {"version": 1, **fields})


def test_a_version_is_handed_over_as_it_was_made(cast, client_for, scope_of, made):
    assert publish(client_for, cast, made, handed_over="on").status_code == 302
    for member in (cast.vera, cast.ravi):
        html = tight(client_for(member).get("packs/").content.decode())
        assert "April 2024" in html and "Version 1" in html and "Marco Bellini" in html
    with scope_of(cast.aldermoor):
        handed = PackHandover.objects.get()
        told = Notification.objects.filter(event__path="packs/").values_list("member", flat=True)
        assert set(told) == {cast.vera.pk, cast.ravi.pk}
    for path, content in (("pdf/", b"pdf"), ("excel/", b"xlsx")):
        answer = client_for(cast.vera).get(f"packs/{handed.pk}/{path}")
        assert answer.content == content and "CORVID-2024-04-v1" in answer["Content-Disposition"]
        assert client_for(cast.hana).get(f"packs/{handed.pk}/{path}").status_code == 404
        assert client_for(cast.otto).get(f"packs/{handed.pk}/{path}").status_code in (403, 404)
    assert "April 2024" not in client_for(cast.hana).get("packs/").content.decode()
    assert "Handed over." in client_for(cast.marco).get(f"review-packs/{made.pack_id}/").content.decode()
    with pytest.raises(DatabaseError), scope_of(cast.aldermoor), transaction.atomic():
        PackHandover.objects.update(pdf=b"x")


def test_the_file_says_the_day_that_the_page_says(cast, client_for, scope_of, month, made):
    """Midnight in Greenwich is the evening before in Chicago."""
    with scope_of(cast.aldermoor):
        organisations.settings(timezone="America/Chicago")
        scorecards.handover(made, month.periods[0], cast.marco)
    vera = client_for(cast.vera)
    assert "20 May 2024" in vera.get("packs/").content.decode()
    [row] = csv.DictReader(io.StringIO(vera.get("packs/?export=csv").content.decode("utf-8-sig")))
    assert row["Published"] == "2024-05-20"


def test_what_is_not_handed_over_stays_with_the_client(cast, client_for, scope_of, made):
    assert publish(client_for, cast, made).status_code == 302
    assert "No review packs yet" in client_for(cast.vera).get("packs/").content.decode()
    with scope_of(cast.aldermoor):
        assert not PackHandover.objects.exists()


def test_a_vendor_s_people_have_no_right_on_anything_else_of_packs(cast, scope_of, made):
    for model in (ReviewPack, PackEdition, PackSection, PackTemplate):
        with pytest.raises(DatabaseError), scope_of(cast.vera), transaction.atomic():
            model.objects.count()


def test_who_is_limited_to_some_contracts_sees_packs_about_one_of_them_alone(cast, client_for, scope_of, month, made):
    with scope_of(cast.aldermoor):
        other = Judged(cast, cast.corvid)
        pack = scorecards.review_pack(month.periods[0], cast.marco)
        scorecards.handover(made, month.periods[0], cast.marco)
        scorecards.handover(pack.editions.get(), other.periods[1], cast.marco, about="The other one")
        both = scorecards.review_pack(month.periods[0], cast.marco)
        scorecards.handover(both.editions.get(), month.periods[0], cast.marco, contract_id=None, about="Both of them")
        Membership.objects.filter(pk=cast.ravi.pk).update(contracts=[month.contract.pk])
    html = tight(client_for(cast.ravi).get("packs/").content.decode())
    assert "Service desk" in html and "The other one" not in html and "Both of them" not in html
    html = tight(client_for(cast.vera).get("packs/").content.decode())
    assert "Service desk" in html and "The other one" in html and "Both of them" in html


def test_the_same_number_of_statements_for_one_pack_and_three(cast, client_for, scope_of, month):
    vera, counts = client_for(cast.vera), []
    vera.get("packs/")
    for count in (1, 2):
        for _ in range(count):
            with scope_of(cast.aldermoor):
                edition = scorecards.review_pack(month.periods[0], cast.marco).editions.get()
                scorecards.handover(edition, month.periods[0], cast.marco)
        with CaptureQueriesContext(connection) as found:
            vera.get("packs/")
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_packs_begin_as_the_template_says(cast, client_for, scope_of, month):
    with scope_of(cast.marco):
        pack = begin_pack(by=cast.marco, contracts=[month.contract], first=APRIL, last=MAY)
        credits = PackSection.objects.get(pack=pack, name=Section.CREDITS)
        for _ in range(9):
            move_section(by=cast.marco, section=credits, up=True)
        terms = PackSection.objects.get(pack=pack, name=Section.TERMS)
        write_section(by=cast.marco, section=terms, commentary="Ours alone", chosen=True)
    marco = client_for(cast.marco)
    assert marco.post(f"review-packs/{pack.pk}/template/").status_code == 302
    with scope_of(cast.petra):
        template = PackTemplate.objects.get()
        assert (template.months, template.every_contract, template.saved_by_name) == (2, True, "Marco Bellini")
        # A later pack that is otherwise changes nothing: the template counts.
        later = begin_pack(by=cast.petra, contracts=[month.contract], first=APRIL, last=APRIL)
        for section in PackSection.objects.filter(pack=later):
            write_section(by=cast.petra, section=section, commentary="", chosen=section.name == Section.SUMMARY)
        again = begin_pack(by=cast.petra, contracts=[month.contract], first=APRIL, last=APRIL)
        assert next((one.name, one.chosen) for one in again.sections.all()) == (Section.CREDITS, True)
        assert all(one.chosen and not one.commentary for one in again.sections.all())
    html = tight(marco.get(f"review-packs/new/?vendor={cast.corvid.pk}").content.decode())
    assert 'value="2024-04"' in html and 'value="2024-05"' in html  # two months, up to the last one
    assert "template of Marco Bellini" in tight(marco.get(f"review-packs/{pack.pk}/").content.decode())
    with scope_of(cast.marco):
        save_as_template(by=cast.marco, pack=again)
        assert PackTemplate.objects.get().months == 1
    assert client_for(cast.olu).post(f"review-packs/{pack.pk}/template/").status_code == 403
