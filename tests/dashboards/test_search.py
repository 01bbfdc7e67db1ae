"""Search: by the beginnings of words, with typing errors, in what the reader may see, at the same cost whatever is there."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.pages.search import marked
from dashboards.querysets.search import words_of
from slas.models import ServiceLevel
from tests.factories import slas


@pytest.fixture
def found_at(cast, judged, scope_of):
    """A contract of each vendor, with breaches in April and May; Corvid's level has a name worth looking for."""
    made = judged(cast.corvid, title="Service desk", reference="MSA-2024-017"), judged(cast.halden, title="Back office")
    with scope_of(cast.aldermoor):
        for one, name in zip(made, ("Priority 1 incidents resolved", "Invoices paid"), strict=True):
            ServiceLevel.objects.filter(pk=one.level.pk).update(name=name)
            one.breach(0)
            one.breach(1)
    return made


def cards(response):
    """Kind → the titles shown of it."""
    html = response.content.decode()
    found = {}
    for card in html.split('<section class="card"')[1:]:
        if heading := re.search(r"<h2[^>]*>([^<]+)</h2>", card):
            titles = re.findall(r'class="inbox__title"[^>]*>(.*?)</a>', card, re.DOTALL)
            found[heading[1]] = [" ".join(re.sub("<[^>]+>", "", title).split()) for title in titles]
    return found


def test_the_beginning_of_a_word_finds_names_and_what_happened_under_them(cast, found_at, client_for):
    response = client_for(cast.marco).get("search/?q=prio")
    title = "Priority 1 incidents resolved"
    assert cards(response) == {"Service levels": [title], "Breaches": [title, title]}
    assert "<mark>Prio</mark>" in response.content.decode()
    assert "3 results for “prio”" in response.content.decode()


def test_a_row_says_whose_it_is(cast, found_at, client_for):
    html = client_for(cast.marco).get("search/?q=prio").content.decode()
    said = [" ".join(text.split()) for text in re.findall(r'class="inbox__meta">(.*?)</p>', html, re.DOTALL)]
    level, *breaches = said
    assert level.endswith("Corvid Systems · MSA-2024-017")
    assert [one.split(" · ", 1)[1] for one in breaches] == ["Corvid Systems · MSA-2024-017 · not acknowledged"] * 2
    assert breaches[0].startswith("May 2024"), "the newest first"
    html = client_for(cast.marco).get("search/?q=MSA-2024-017+april+2024").content.decode()
    assert "Corvid Systems · MSA-2024-017 · accepted" in html
    assert "April 2024 figures: Service desk" in " ".join(re.sub("<[^>]+>", "", html).split())


def test_all_words_must_be_there_one_of_them_in_the_name_itself(cast, found_at, client_for):
    marco = client_for(cast.marco)
    assert "Service levels" in cards(marco.get("search/?q=corvid+incid"))
    assert cards(marco.get("search/?q=halden+priority")) == {"Nothing found": []}
    # A vendor's name alone is no name of its service levels.
    assert set(cards(marco.get("search/?q=corvid"))) == {"Vendors", "Submissions"}


def test_a_reference_is_found_as_it_is_written(cast, found_at, client_for):
    found = cards(client_for(cast.petra).get("search/?q=MSA-2024-017"))
    assert found["Contracts"] == ["Service desk"]
    assert "Service levels" not in found


def test_months_narrow_what_has_a_month(cast, found_at, client_for):
    marco = client_for(cast.marco)
    assert len(cards(marco.get("search/?q=priority+may+2024"))["Breaches"]) == 1
    assert len(cards(marco.get("search/?q=priority+2024"))["Breaches"]) == 2
    assert "Breaches" not in cards(marco.get("search/?q=priority+2023"))
    assert len(cards(marco.get("search/?q=2024-04"))["Submissions"]) == 2


def test_a_typing_error_is_corrected_and_said(cast, found_at, client_for):
    marco = client_for(cast.marco)
    page = marco.get("search/?q=priorty").content.decode()
    assert "3 results for “priority”" in page
    assert "You typed “priorty”" in page
    assert cards(marco.get("search/?q=priorty&exact=1")) == {"Nothing found": []}
    assert "You typed “corvd”" in marco.get("search/?q=corvd").content.decode()


def test_what_resembles_nothing_finds_nothing(cast, found_at, client_for):
    for text in ("xqzwv", "%%%", "\\m", "(", "a" * 400, "’"):
        response = client_for(cast.marco).get("search/", {"q": text})
        assert response.status_code == 200
        assert set(cards(response)) <= {"Nothing found"}


def test_a_vendor_finds_what_is_its_own(cast, found_at, client_for):
    vera, hana = client_for(cast.vera), client_for(cast.hana)
    assert set(cards(vera.get("search/?q=priority"))) == {"Service levels", "Breaches"}
    assert cards(hana.get("search/?q=priority")) == {"Nothing found": []}
    # Nor does a correction tell what others have.
    assert "You typed" not in hana.get("search/?q=priorty").content.decode()
    assert cards(client_for(cast.otto).get("search/?q=priorty")) == {"Nothing found": []}
    assert "Halden" not in vera.get("search/?q=halden").content.decode().split("</h1>")[1]


def test_of_one_kind_there_are_pages(cast, judged, scope_of, client_for):
    one = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        for number in range(30):
            slas.service_level(one.contract, code=f"X-{number}", name=f"Extra {number:02}")
    marco = client_for(cast.marco)
    assert len(cards(marco.get("search/?q=extra"))["Service levels"]) == 5
    assert len(cards(marco.get("search/?q=extra&kind=levels"))["Service levels"]) == 25
    assert cards(marco.get("search/?q=extra&kind=levels&page=2"))["Service levels"][0] == "Extra 25"
    beyond = marco.get("search/?q=extra&kind=levels&page=9")
    assert cards(beyond)["Service levels"][0] == "Extra 25"
    assert "26–30 of 30" in " ".join(beyond.content.decode().split())


def test_the_same_number_of_statements_whatever_is_found(cast, judged, scope_of, client_for):
    one = judged(cast.corvid)
    marco = client_for(cast.marco)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            marco.get("search/?q=extra")
        print([q["sql"][:150] for q in queries])
        return len(queries)

    with scope_of(cast.aldermoor):
        slas.service_level(one.contract, code="X-1", name="Extra 1")
    statements()
    first = statements()
    with scope_of(cast.aldermoor):
        for number in (2, 3):
            slas.service_level(one.contract, code=f"X-{number}", name=f"Extra {number}")
    assert statements() == first


def test_every_page_has_the_field_and_the_key(cast, client_for):
    for page in ("contracts/", "catalogue/", "vendors/", "portfolio/"):
        html = client_for(cast.marco).get(page).content.decode()
        assert 'action="/o/aldermoor/search/"' in html
        assert html.count('aria-keyshortcuts="/"') == 1  # one key, one field: no second says that it has it


@pytest.mark.parametrize(
    ("text", "names", "first", "last"),
    [
        ("priority", ("priority",), None, None),
        ("Oct 2026 SL-01", ("sl-01",), date(2026, 10, 1), date(2026, 10, 1)),
        ("2026", (), date(2026, 1, 1), date(2026, 12, 1)),
        ("2026-02", (), date(2026, 2, 1), date(2026, 2, 1)),
        # Without a year a month's name is a word like any other.
        ("march", ("march",), None, None),
    ],
)
def test_words_and_months(text, names, first, last):
    found = words_of(text)
    assert (found.names, found.first, found.last) == (names, first, last)


def test_what_is_marked_begins_a_word():
    assert marked("Priority prior to a superpriority", ["prior"]) == [
        ("Prior", True),
        ("ity ", False),
        ("prior", True),
        (" to a superpriority", False),
    ]
