"""The settings: who changes them, what is refused with which remedy, and that each has its effect."""

import struct
import zlib
from datetime import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from lib import formats
from lib.contrast import contrast
from organisations.actions import settings_in_scope
from organisations.models import Logo, Organisation, OrganisationSettings
from tests import budgets
from tests.factories.organisations import settings

BANDS = {
    **{f"name_{n}": name for n, name in enumerate(["Strong", "Sound", "Watch", "Weak", "Failing"])},
    **{f"begins_{n}": begins for n, begins in enumerate([95, 88, 78, 70])},
    **{f"{colour}_{n}": "" for colour in ("ground", "text") for n in range(5)},
}
SECTIONS = {
    "organisation": {"name": "Aldermoor Power", "timezone": "Europe/London"},
    "letters": {"quiet_from": "19:00", "quiet_until": "07:00", "working_days": ["1", "2", "3", "4", "5"]},
    "second-factor": {"second_factor": "staff", "second_factor_from": "2027-01-15"},
    "retention": {"keep_evidence_years": "7", "keep_mail_days": "400", "keep_trail_years": "10"},
    "formats": {"number_style": "point_comma", "day_style": "month_first"},
    "defaults": {"accept_after": "10", "verify_after": "4", "two_people_from": "500.00"},
    "bands": BANDS,
}


def png(width: int = 64, height: int = 64, extra: bytes = b"") -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))

    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + head + extra + part(b"IDAT", rows) + part(b"IEND", b"")


def stored(cast, scope_of) -> dict[str, object]:
    with scope_of(cast.ada):
        found = settings_in_scope()
        names = [field.name for field in OrganisationSettings._meta.concrete_fields]
        return {name: getattr(found, name) for name in names if name not in ("id", "organisation")} | {
            "name": Organisation.objects.get().name
        }


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_is_saved_on_its_own_and_in_the_trail(cast, client_for, scope_of, section):
    before = stored(cast, scope_of)
    answer = client_for(cast.ada).post(f"settings/{section}/", {"version": 1, **SECTIONS[section]})
    assert (answer.status_code, answer.url) == (302, "/o/aldermoor/settings/")
    after = stored(cast, scope_of)
    changed = {name for name in after if after[name] != before[name]}
    assert after["version"] == 2 and len(changed) > 1
    with scope_of(cast.ada):
        entries = Entry.objects.filter(
            actor_id=cast.ada.pk,
            operation="UPDATE",
            table_name__in=["organisations_organisationsettings", "organisations_organisation"],
        )
        written = {column for entry in entries for column in entry.difference}
    assert changed == written


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_saved_again_as_it_is_leaves_nothing_in_the_trail(cast, client_for, scope_of, section):
    ada = client_for(cast.ada)
    ada.post(f"settings/{section}/", {"version": 1, **SECTIONS[section]})
    with scope_of(cast.ada):
        before = Entry.objects.count()
    assert ada.post(f"settings/{section}/", {"version": 2, **SECTIONS[section]}).status_code == 302
    with scope_of(cast.ada):
        assert (Entry.objects.count(), settings_in_scope().version) == (before, 2)


@pytest.mark.parametrize("section", SECTIONS)
def test_who_saw_an_older_state_is_told_and_keeps_what_was_typed(cast, client_for, scope_of, section):
    with scope_of(cast.ada):
        settings(timezone="Asia/Tokyo", version=7)
    before = stored(cast, scope_of)
    answer = client_for(cast.ada).post(f"settings/{section}/", {"version": 6, **SECTIONS[section]})
    body = answer.content.decode()
    assert answer.status_code == 409 and "Somebody else changed the settings" in body and 'value="7"' in body
    first = next(iter(SECTIONS[section].values()))
    assert f'value="{first}"' in body
    assert stored(cast, scope_of) == before


@pytest.mark.parametrize(
    ("section", "typed", "said"),
    [
        ("organisation", {"name": " "}, "Enter the organisation’s name"),
        ("organisation", {"timezone": "Mars/Olympus"}, "not one of the available choices"),
        ("organisation", {"timezone": "US/Eastern"}, "not one of the available choices"),
        ("letters", {"quiet_until": ""}, "Enter both times, or neither."),
        ("letters", {"quiet_until": "19:00"}, "Enter two different times"),
        ("letters", {"working_days": []}, "Choose at least one day"),
        ("second-factor", {"second_factor_from": ""}, "Enter the day from which they need it"),
        ("retention", {"keep_evidence_years": "1"}, "greater than or equal to 2"),
        ("retention", {"keep_mail_days": "soon"}, "Enter a whole number"),
        ("retention", {"keep_trail_years": "1"}, "greater than or equal to 2"),
        ("defaults", {"accept_after": "0"}, "greater than or equal to 1"),
        ("defaults", {"verify_after": "121"}, "less than or equal to 120"),
        ("defaults", {"two_people_from": "1.234,00"}, "Enter a number"),
        ("formats", {"day_style": ""}, "This field is required"),
        ("bands", {"begins_1": "95"}, "begins at 95; the band above begins at 95. Enter less than 95."),
        ("bands", {"begins_0": "101"}, "“Strong” needs a whole score from 1 to 100."),
        ("bands", {"ground_2": "#ffe0a0"}, "“Watch”: enter both colours like #1c6b49, or neither"),
        (
            "bands",
            {"ground_2": "#ffe0a0", "text_2": "#888888"},
            "the contrast of text and ground is 2.77 : 1, and 4.5 : 1 is needed. Lighten the ground or darken the text.",
        ),
        ("bands", {"ground_4": "#333333", "text_4": "#777777"}, "Darken the ground or lighten the text."),
    ],
)
def test_a_refusal_names_the_field_and_the_remedy_and_changes_nothing(cast, client_for, scope_of, section, typed, said):
    before = stored(cast, scope_of)
    answer = client_for(cast.ada).post(f"settings/{section}/", {"version": 1, **SECTIONS[section], **typed})
    body = answer.content.decode()
    assert answer.status_code == 422 and said in body
    assert body.count('<div class="note note--breach"') == 1
    for value in typed.values():
        assert not value or f'value="{value}"' in body or value == " " or section == "organisation"
    assert stored(cast, scope_of) == before


def test_contrast_is_that_of_the_standard():
    assert [
        str(contrast(*pair)) for pair in (("#000000", "#ffffff"), ("#777777", "#ffffff"), ("#1b1d20", "#1b1d20"))
    ] == [
        "21.00",
        "4.47",
        "1.00",
    ]


def test_administrators_change_auditors_look_and_nobody_else_comes_in(cast, client_for, scope_of):
    before = stored(cast, scope_of)
    page = client_for(cast.olu).get("settings/")
    assert page.status_code == 200 and ">Save<" not in page.content.decode()
    for who in (cast.olu, cast.petra, cast.vera):
        for section, typed in SECTIONS.items():
            assert client_for(who).post(f"settings/{section}/", {"version": 1, **typed}).status_code == 403
    assert (
        client_for(cast.petra).get("settings/").status_code == client_for(cast.vera).get("settings/").status_code == 403
    )
    assert stored(cast, scope_of) == before


def test_the_bands_and_colours_are_those_of_the_pages(cast, client_for):
    ada = client_for(cast.ada)
    assert "colours.css" not in ada.get("portfolio/").content.decode()
    typed = BANDS | {"ground_0": "#D5EADD", "text_0": "#33503f"}
    assert ada.post("settings/bands/", {"version": 1, **typed}).status_code == 302
    page = client_for(cast.marco).get("portfolio/")
    assert "/o/aldermoor/colours.css?v=2" in page.content.decode()
    assert page.wsgi_request.membership.house.heat_bands == ((95, "top"), (88, "ok"), (78, "low"), (70, "poor"))
    assert page.wsgi_request.membership.house.legend[0] == ("top", "Strong, 95+")
    assert page.wsgi_request.membership.house.legend[-1] == ("bad", "Failing, under 70")
    sheet = client_for(cast.marco).get("colours.css")
    assert sheet["Content-Type"].startswith("text/css") and "--hb: #d5eadd; --hi: #33503f;" in sheet.content.decode()
    assert "colours.css" not in client_for(cast.otto).get("/o/brightwater/portfolio/").content.decode()


def test_the_clock_is_that_of_the_pages(cast, client_for, scope_of):
    with scope_of(cast.ada):
        settings(timezone="Asia/Tokyo")
    assert " JST" in client_for(cast.ada).get("trail/").content.decode()
    assert " JST" not in client_for(cast.otto).get("/o/brightwater/people/").content.decode()


def test_numbers_and_dates_are_written_as_the_organisation_says(cast, client_for, scope_of, submitted):
    path = f"contracts/{submitted.contract_id}/"
    before = client_for(cast.petra).get(path).content.decode()
    assert "1 Apr 2024" in before
    with scope_of(cast.aldermoor):
        settings(number_style="space_comma", day_style="year_first")
    for who in (cast.petra, cast.vera):
        body = client_for(who).get(path).content.decode()
        assert "2024-04-01" in body and "1 Apr 2024" not in body
    # What is typed and what programs read stay as they are, and so do other organisations.
    assert client_for(cast.ada).get("api/v1/settings/").json()["day_style"] == "year_first"
    assert formats.active() == formats.USUAL


def upload(client, content, **typed):
    return client.post("settings/logo/", {"version": 1, "file": SimpleUploadedFile("logo.png", content), **typed})


def test_a_logo_is_cleaned_shown_and_taken_away(cast, client_for, scope_of):
    text = b"written by somebody"
    hidden = struct.pack(">I4s", len(text), b"tEXt") + text + struct.pack(">I", zlib.crc32(b"tEXt" + text))
    ada = client_for(cast.ada)
    assert upload(ada, png(extra=hidden) + b"<script>").status_code == 302
    answer = client_for(cast.marco).get("logo.png")
    assert answer.content == png() and answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert "/o/aldermoor/logo.png?v=" in client_for(cast.marco).get("portfolio/").content.decode()
    assert client_for(cast.otto).get("/o/aldermoor/logo.png").status_code == 404
    assert client_for(cast.vera).get("logo.png").status_code == 403
    assert ada.post("settings/logo/", {"version": 2, "remove": "1"}).status_code == 302
    assert ada.get("logo.png").status_code == 404
    assert "logo.png" not in ada.get("portfolio/").content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is no whole PNG picture"),
        (png()[:-8], "This is no whole PNG picture"),
        (png().replace(b"IHDR", b"IHDS"), "This is no whole PNG picture"),
        (png(width=8), "The picture has 8 × 64 pixels. Each side needs 32 to 1,024."),
        (png(2000, 2000), "The picture has 2,000 × 2,000 pixels."),
        (png() + b"\0" * 300_000, "at most 200 kB are taken"),
    ],
)
def test_what_is_no_small_picture_is_refused(cast, client_for, scope_of, content, said):
    answer = upload(client_for(cast.ada), content)
    assert answer.status_code == 422 and said in answer.content.decode()
    with scope_of(cast.ada):
        assert not Logo.objects.exists() and settings_in_scope().version == 1


def test_the_page_asks_as_much_with_settings_as_without(cast, client_for, scope_of):
    ada = client_for(cast.ada)

    def statements():
        ada.get("settings/")
        with CaptureQueriesContext(connection) as asked:
            assert ada.get("settings/").status_code == 200
        return len(asked)

    bare = statements()
    with scope_of(cast.ada):
        settings(timezone="Asia/Tokyo", quiet_from=time(19), quiet_until=time(7), keep_mail_days=100)
    assert statements() <= bare


def test_a_time_zone_by_an_old_name_stays_as_it_is(cast, scope_of, client_for):
    with scope_of(cast.ada):
        settings(timezone="US/Eastern")
    page = client_for(cast.ada).get("settings/").content.decode()
    assert '<option value="US/Eastern" selected>' in page and '<optgroup label="Europe">' in page
    assert len(page.encode()) <= budgets.BYTES
