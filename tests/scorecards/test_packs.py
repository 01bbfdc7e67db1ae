"""Review packs: written, made step by step by workers, looked at, published, and made again."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from evaluation.models import Month, Result
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Notification
from scorecards.actions import (
    ask_for_edition,
    begin_pack,
    cancel_edition,
    change_pack,
    make_due,
    move_section,
    publish_edition,
    write_section,
)
from scorecards.models import PackEdition, PackFile, PackSection, ReviewPack, Scorecard
from scorecards.rules import FileKind, PackStatus, Section
from tests.dashboard_world import APRIL


@pytest.fixture
def pack(cast, act, month):
    return act(
        cast.marco, begin_pack, contracts=[month.contract], first=APRIL, last=APRIL, meeting_on=date(2024, 6, 20)
    )


@pytest.fixture
def make(cast, act, scope_of):
    """`make(pack)`: the next version, made to its end."""

    def made(pack):
        edition = act(cast.marco, ask_for_edition, pack=pack)
        for _ in range(4):
            with scope_of(cast.aldermoor):
                assert make_due(now=timezone.now()) == 1
        with scope_of(cast.aldermoor):
            assert make_due(now=timezone.now()) == 0
            return PackEdition.objects.get(pk=edition.pk)

    return made


@pytest.fixture
def contents(cast, scope_of):
    """`contents(edition, kind)`: the bytes of one of its files."""

    def read(edition, kind):
        with scope_of(cast.aldermoor):
            return bytes(PackFile.objects.get(edition=edition, kind=kind).content)

    return read


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_pack_is_made_in_steps_that_people_see(cast, act, scope_of, month, pack):
    edition = act(cast.marco, ask_for_edition, pack=pack)
    seen = []
    for _ in range(4):
        with scope_of(cast.aldermoor):
            make_due(now=timezone.now())
            seen.append(PackEdition.objects.get(pk=edition.pk).status)
    assert seen == [PackStatus.FROZEN, PackStatus.TYPESET, PackStatus.WRITTEN, PackStatus.MADE]
    with scope_of(cast.marco):
        note = Notification.objects.filter(member=cast.marco, event__kind="pack").select_related("event").get()
        assert note.event.title == "The review pack of Corvid Systems is made"


def test_the_pdf_says_the_stored_numbers_and_what_was_written(cast, act, scope_of, month, pack, make, contents):
    with scope_of(cast.marco):
        section = PackSection.objects.get(pack=pack, name=Section.SUMMARY)
        write_section(by=cast.marco, section=section, commentary="Nights were the cause.", chosen=True)
    edition = make(pack)
    pdf = contents(edition, FileKind.PDF)
    text = text_of(pdf)
    for said in ("Corvid Systems", "Service review, April 2024", "Score, April 2024", "90.0", "Nights were the cause."):
        assert said in text
    for heading in ("Scorecard", "Trends", "Breaches and plans", "Service credits", "Corrections"):
        assert heading in text
    assert "provisional" in text  # April is not published
    assert "At risk" in text  # of the pool that the contract has
    assert "£500.00" in text and "92.0%" in text and "Version 1, contents" in text
    assert "Terms in force" not in text  # an appendix that is chosen by whoever wants it
    assert b"pdfuaid:part" in pdf
    assert edition.pages == len(PdfReader(io.BytesIO(pdf)).pages)
    first = contents(edition, FileKind.PAGE_1)
    assert first.startswith(b"\x89PNG") and int.from_bytes(first[16:20]) == 480  # pixels wide


def test_a_contract_without_a_pool_has_no_column_for_it(cast, scope_of, month, pack, make, contents):
    with scope_of(cast.aldermoor):
        Month.objects.update(at_risk=0)
    text = text_of(contents(make(pack), FileKind.PDF))
    assert "Not charged (cap)" in text and "At risk" not in text


def test_charts_are_described_for_those_who_do_not_see_them(cast, scope_of, month, pack, make, contents):
    """What a validator of PDF/UA looks at first: tags, language, title, texts for pictures, fonts in the file."""
    reader = PdfReader(io.BytesIO(contents(make(pack), FileKind.PDF)))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en" and root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    tags = list(tags_of(root["/StructTreeRoot"]))
    figures = [tag for tag in tags if tag.get("/S") == "/Figure"]
    assert figures and all(tag.get("/Alt") for tag in figures)
    assert {"/H1", "/H2", "/Table", "/TH", "/TD"} <= {tag.get("/S") for tag in tags}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            described = font["/DescendantFonts"][0]["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(described)


def tags_of(node):
    """The structure elements of a PDF, depth first."""
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            yield from tags_of(one)
    elif isinstance(node, dict):
        yield node
        if "/K" in node:
            yield from tags_of(node["/K"])


def test_the_workbook_has_the_exact_numbers(cast, scope_of, month, pack, make, contents):
    with scope_of(cast.aldermoor):
        Scorecard.objects.update(score=Decimal("90.123456"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(contents(make(pack), FileKind.XLSX)))
    assert book.sheet_names == ["Months", "Results", "Breaches"]
    heads, row = book.get_sheet_by_name("Months").to_python()[:2]
    assert dict(zip(heads, row, strict=True))["Score"] == 90.123456
    heads, row = book.get_sheet_by_name("Results").to_python()[:2]
    found = dict(zip(heads, row, strict=True))
    assert (found["Value"], found["Outcome"]) == (92.0, "Breach")


def test_sections_come_in_their_order_and_those_not_chosen_stay_out(cast, act, scope_of, pack, make, contents):
    with scope_of(cast.marco):
        credits = PackSection.objects.get(pack=pack, name=Section.CREDITS)
        for _ in range(9):
            move_section(by=cast.marco, section=credits, up=True)
        trends = PackSection.objects.get(pack=pack, name=Section.TRENDS)
        write_section(by=cast.marco, section=trends, commentary="", chosen=False)
    content = json.loads(contents(make(pack), FileKind.CONTENT))
    names = [section["name"] for section in content["sections"]]
    assert names == ["credits", "summary", "scorecard", "breaches", "corrections"]


def test_a_new_pack_has_the_sections_of_the_latest_one_without_its_words(cast, act, scope_of, month, pack):
    with scope_of(cast.marco):
        section = PackSection.objects.get(pack=pack, name=Section.TERMS)
        write_section(by=cast.marco, section=section, commentary="Ours alone", chosen=True)
        again = begin_pack(by=cast.marco, contracts=[month.contract], first=APRIL, last=APRIL)
        assert [(one.name, one.chosen) for one in again.sections.all()] == [(name, True) for name in Section]
        assert {one.commentary for one in again.sections.all()} == {""}


def test_what_is_published_stays_and_a_later_version_says_what_differs(
    cast, act, scope_of, month, pack, make, contents
):
    first = act(cast.marco, publish_edition, edition=make(pack))
    before = contents(first, FileKind.PDF)
    with scope_of(cast.aldermoor):
        Result.objects.filter(month=APRIL).update(value=Decimal("96.5"), outcome="met")
        Month.objects.filter(month=APRIL).update(credit=0)
        Scorecard.objects.filter(month=APRIL).update(score=Decimal("96.25"))
    second = make(pack)
    assert second.changes == "1 result restated; score of Apr 2024 90 to 96.3; credit of Apr 2024 500 to 0"
    assert contents(first, FileKind.PDF) == before != contents(second, FileKind.PDF)
    assert f"Since version 1: {second.changes}." in text_of(contents(second, FileKind.PDF))
    with scope_of(cast.aldermoor):
        assert PackEdition.objects.get(pk=first.pk).published_by_name == "Marco Bellini"
        for change in (lambda rows: rows.update(content=b"x"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(PackFile.objects.all())


def test_a_file_that_is_not_the_one_that_was_made_is_not_published(cast, act, scope_of, pack, make):
    """As a disk or somebody beside us left it: nobody of the product can change a file."""
    made = make(pack)
    with scope_of(cast.aldermoor):
        damaged = PackEdition.objects.prefetch_related("files").get(pk=made.pk)
        damaged.files.all()[0].content = b"x"
    with pytest.raises(RuleBroken, match="Make the pack again"):
        act(cast.marco, publish_edition, edition=damaged)
    with scope_of(cast.aldermoor):
        assert PackEdition.objects.get(pk=made.pk).status == PackStatus.MADE


def test_cancelled_in_between_it_ends_there(cast, act, scope_of, pack):
    edition = act(cast.marco, ask_for_edition, pack=pack)
    with scope_of(cast.aldermoor):
        make_due(now=timezone.now())
        now = PackEdition.objects.get(pk=edition.pk)
    act(cast.petra, cancel_edition, edition=now)
    with scope_of(cast.aldermoor):
        assert make_due(now=timezone.now()) == 0
    with pytest.raises(Conflict):
        act(cast.marco, publish_edition, edition=now)


def test_a_step_that_fails_ends_the_making_and_says_so(cast, act, scope_of, pack):
    edition = act(cast.marco, ask_for_edition, pack=pack)
    with scope_of(cast.aldermoor):
        make_due(now=timezone.now())
        # Content that no document can be set from, as a fault of ours would leave it.
        PackEdition.objects.filter(pk=edition.pk).update(status=PackStatus.WAITING)
        make_due(now=timezone.now())  # its content is there already
        now = PackEdition.objects.get(pk=edition.pk)
        assert (now.status, now.failed_because[:20]) == (PackStatus.FAILED, "Something went wrong")
        assert Notification.objects.filter(event__title__contains="could not be made").exists()
    assert act(cast.marco, ask_for_edition, pack=pack).number == 2


def test_one_version_is_made_at_a_time(cast, act, pack):
    act(cast.marco, ask_for_edition, pack=pack)
    with pytest.raises(Conflict, match="being made already"):
        act(cast.petra, ask_for_edition, pack=pack)


def test_two_who_write_the_same_section(cast, act, scope_of, pack):
    with scope_of(cast.marco):
        section = PackSection.objects.get(pack=pack, name=Section.SUMMARY)
        write_section(by=cast.marco, section=section, commentary="Mine", chosen=True, seen=1)
    with scope_of(cast.petra):
        theirs = PackSection.objects.get(pk=section.pk)
        with pytest.raises(Conflict):
            write_section(by=cast.petra, section=theirs, commentary="Hers", chosen=True, seen=1)
        assert PackSection.objects.get(pk=section.pk).commentary == "Mine"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"contracts": []}, "at least one"),
        ({"last": date(2024, 3, 1)}, "before the first"),
        ({"first": date(2023, 4, 1)}, "12 months"),
    ],
)
def test_what_makes_no_pack(cast, act, scope_of, month, given, said):
    usual = {"contracts": [month.contract], "first": APRIL, "last": APRIL}
    with pytest.raises(RuleBroken, match=said):
        act(cast.marco, begin_pack, **usual | given)
    with scope_of(cast.aldermoor):
        assert not ReviewPack.objects.exists()


def test_a_pack_is_changed_and_stays_its_vendor_s(cast, act, scope_of, month, pack, judged, monkeypatch):
    other, own = judged(cast.halden).contract, judged(cast.corvid, reference="MSA-9").contract
    usual = {"pack": pack, "contracts": [own], "first": APRIL, "last": APRIL, "meeting_on": None}
    for contracts, said in (
        ([other], "another vendor"),
        ([own, other], "for one vendor"),
        ([own] * 2, "Make two packs"),
    ):
        monkeypatch.setattr("scorecards.actions.packs.MOST_CONTRACTS", 1 if said == "Make two packs" else 20)
        with pytest.raises(RuleBroken, match=said):
            act(cast.marco, change_pack, **usual | {"contracts": contracts})
    with scope_of(cast.marco):
        assert [one.contract_id for one in pack.contracts.all()] == [month.contract.pk]
    monkeypatch.setattr("scorecards.actions.packs.MOST_CONTRACTS", 20)
    act(cast.marco, change_pack, **usual | {"contracts": [month.contract, own]})
    with scope_of(cast.marco):
        assert {one.contract_id for one in pack.contracts.all()} == {month.contract.pk, own.pk}
    act(cast.marco, change_pack, **usual)
    with scope_of(cast.marco):
        section, *others = pack.sections.all()
        assert [one.contract_id for one in pack.contracts.all()] == [own.pk]
        with pytest.raises(Conflict, match="Somebody else"):  # read before the other change
            stale = ReviewPack.objects.get(pk=pack.pk)
            stale.version -= 1
            change_pack(by=cast.marco, **usual | {"pack": stale})
        with pytest.raises(RuleBroken, match="Shorten it"):
            write_section(by=cast.marco, section=section, commentary="x" * 20_001, chosen=True)
        for one in (section, *others):
            write_section(by=cast.marco, section=one, commentary="", chosen=False)
        with pytest.raises(RuleBroken, match="at least one section"):
            ask_for_edition(by=cast.marco, pack=pack)


def test_who_may(cast, act, month, pack, make):
    edition = make(pack)
    for who in (cast.petra, cast.olu, cast.vera):
        with pytest.raises(NotAllowed):
            act(who, publish_edition, edition=edition)
    with pytest.raises(NotAllowed):
        act(cast.olu, begin_pack, contracts=[month.contract], first=APRIL, last=APRIL)
