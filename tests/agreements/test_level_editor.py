"""A service level's terms by form: saved as typed, refused at the field, the same draft as the file."""

import re

import pytest

from agreements.actions import save_draft
from agreements.drafting.levels import level_of, with_terms
from agreements.forms.levels import BandForms, TermsForm, bands_of, initial_of
from agreements.proposals import as_stored
from contracts import contract_file
from slas.actions import export_contract
from slas.metric_catalogue import metrics
from tests.agreements.revised import file_with
from tests.agreements.test_impact_kept import judged
from tests.markup import posted_fields

__all__ = ["judged"]

FULL = {
    "from": "2024-07-01",
    "better": "lower",
    "bands": [
        {"name": "Target", "at": "5", "outcome": "met", "points": "0", "score": "100"},
        {"name": "Late", "at": "9.5", "outcome": "miss", "score": "60"},
        {"name": "Worse", "outcome": "default", "points": "2", "score": "0",
         "per_step": {"from": "9.5", "step": "0.5", "round": "down"}},
    ],
    "scoring": "linear",
    "rounding": {"places": 1, "mode": "truncate"},
    "missing": "default",
    "no_volume": "met",
    "minimum_volume": "5",
    "allowance": True,
    "exempt_streak": "reset",
    "tolerated": {"count": 4, "window": 12, "counting_defaults": True},
    "relief": "deem_met",
    "rolling": 3,
    "weight": "2.5",
    "credits_from": "2024-10-01",
    "repeat": ["1", "2", "4"],
    "kras": {"REL": "100"},
}  # fmt: skip
RANGE = {
    "from": "2024-07-01",
    "better": "inside",
    "bands": [
        {"name": "In", "at": ["75", "85"], "outcome": "met", "score": "100"},
        {"name": "Out", "outcome": "default", "points": "1", "score": "0"},
    ],
}
PLAIN = {"from": "2024-07-01", "better": "higher", "bands": [{"name": "All", "outcome": "met", "score": "100"}]}


def typed(terms, day=None, prefix="bands"):
    """The fields of the form as a browser sends them for a version."""
    form, rows = TermsForm(initial=initial_of(terms, day or terms["from"])), bands_of(terms)
    given = {name: form[name].value() for name in form.fields}
    data = {name: "on" if value is True else value for name, value in given.items() if value not in (None, False)}
    data |= {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    return data | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


@pytest.mark.parametrize("terms", [FULL, RANGE, PLAIN], ids=["everything", "a range", "the simplest"])
def test_terms_go_through_the_form_and_back_without_loss(terms):
    data = typed(terms)
    form, bands = TermsForm(data), BandForms(data, prefix="bands")
    assert form.is_valid() and bands.is_valid(), (form.errors, bands.errors)
    back = form.part(terms, [one.part(terms["bands"]) for one in bands.forms])
    as_read = {key: ({k: str(v) if not isinstance(v, bool) else v for k, v in value.items()} if key in ("rounding", "tolerated") else value)
               for key, value in terms.items()}  # fmt: skip
    assert back == as_read | ({"rolling": "3"} if "rolling" in terms else {}) or back == as_read


def test_giving_back_what_is_in_force_is_no_change(cast, scope_of, live):
    with scope_of(cast.petra):
        base, document = as_stored(start(cast, live)).document(), as_stored(file_with(live)).document()
    code = base["service_levels"][0]["code"]
    assert level_of(document, base, code).is_changed
    in_force = base["service_levels"][0]["terms"][0]
    assert with_terms(document, base, code, in_force | {"from": "2024-09-01"}) == base


def start(cast, live):
    return contract_file.write(export_contract(by=None, contract=live))


def address(cast, revision, code="SL-01"):
    return f"/o/{cast.aldermoor.slug}/revisions/{revision.pk}/terms/{code}/"


def terms_of(cast, scope_of, draft):
    with scope_of(cast.petra):
        draft.draft.refresh_from_db()
        return as_stored(draft.draft.document).document()["service_levels"][0]["terms"]


def version(html):
    return re.search(r'name="version" value="(\d+)"', html)[1]


def test_what_is_typed_is_saved_and_its_impact_shown(client_for, cast, scope_of, judged, draft):
    client = client_for(cast.petra)
    html = client.get(address(cast, draft)).content.decode()
    assert "Incidents on time SL-01" in html and 'value="97"' in html
    assert "April 2024 becomes a breach" in html
    newest = terms_of(cast, scope_of, draft)[-1]
    data = typed(newest) | {"version": version(html), "bands-0-at": "94", "weight": "2"}
    answer = client.post(address(cast, draft), data, headers={"hx-request": "true", "hx-target": "div#live"})
    assert answer.status_code == 200
    assert answer.content.decode().lstrip().startswith('<div id="live"')
    assert "Nothing would have been different" in answer.content.decode()
    assert terms_of(cast, scope_of, draft)[-1]["bands"][0]["at"] == "94"
    assert terms_of(cast, scope_of, draft)[-1]["weight"] == "2"
    assert version(answer.content.decode()) == "3"
    again = client.post(address(cast, draft), data | {"version": "3", "bands-0-at": "96"})
    assert (again.status_code, again["Location"]) == (302, address(cast, draft))


def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(client_for, cast, scope_of, draft):
    before = terms_of(cast, scope_of, draft)
    data = typed(before[-1]) | {"version": "2"}
    client = client_for(cast.petra)
    for name, value, said in (
        ("bands-0-at", "89", "band before it"),
        ("bands-0-at", "many", "is not a plain decimal number"),
        ("bands-1-score", "", "required"),
        ("from_", "2024-07-15", "is not the first day of"),
        ("repeat", "1; 2", "commas"),
    ):
        answer = client.post(address(cast, draft), data | {name: value})
        html = answer.content.decode()
        assert answer.status_code == 422, name
        assert "Not saved." in html
        assert said in html, (name, re.findall(r"field__error[^<]*<[^>]*>[^<]*", html))
        assert terms_of(cast, scope_of, draft) == before


def test_a_band_is_added_and_taken_away(client_for, cast, scope_of, draft):
    client, newest = client_for(cast.petra), terms_of(cast, scope_of, draft)[-1]
    data = typed(newest) | {"version": "2"}
    html = client.post(address(cast, draft), data | {"add": "band"}).content.decode()
    assert 'name="bands-3-name"' in html
    assert client.post(address(cast, draft), data | {"remove": "1"}).status_code == 302
    assert [band["name"] for band in terms_of(cast, scope_of, draft)[-1]["bands"]] == ["Target", "Serious"]
    kept = typed(terms_of(cast, scope_of, draft)[-1]) | {"version": "3"}
    assert client.post(address(cast, draft), kept | {"remove": "9" * 5000}).status_code == 302  # no row is called so
    assert [band["name"] for band in terms_of(cast, scope_of, draft)[-1]["bands"]] == ["Target", "Serious"]


def test_two_people_see_both_drafts_and_lose_neither(client_for, cast, scope_of, draft, paul, acting):
    newest = terms_of(cast, scope_of, draft)[-1]
    with scope_of(cast.petra):
        theirs = file_with(draft.contract, target=99)
    acting(paul, save_draft, revision=draft, version=2, document=theirs)
    data = typed(newest) | {"version": "2", "bands-0-at": "96"}
    answer = client_for(cast.petra).post(address(cast, draft), data)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Paul Reyes saved this draft meanwhile." in html
    assert 'value="96"' in html and "99" in html
    assert version(html) == "3"
    assert terms_of(cast, scope_of, draft)[-1]["bands"][0]["at"] == "99"
    kept = client_for(cast.petra).post(address(cast, draft), data | {"version": "3"})
    assert kept.status_code == 302
    assert terms_of(cast, scope_of, draft)[-1]["bands"][0]["at"] == "96"


def test_only_procurement_writes(client_for, cast, draft):
    for member in (cast.marco, cast.vera, cast.olu):
        assert client_for(member).get(address(cast, draft)).status_code == 403


def test_what_is_no_draft_any_more_is_read_only(client_for, cast, scope_of, submitted):
    html = client_for(cast.petra).get(address(cast, submitted)).content.decode()
    assert "disabled" in html
    newest = terms_of(cast, scope_of, submitted)[-1]
    answer = client_for(cast.petra).post(address(cast, submitted), typed(newest) | {"version": "2", "bands-0-at": "96"})
    assert answer.status_code == 409
    assert "This is no draft any more." in answer.text and "saved this draft meanwhile" not in answer.text
    assert terms_of(cast, scope_of, submitted)[-1]["bands"][0]["at"] == "97"


def test_what_a_new_level_measures_is_edited_and_of_one_in_force_it_stays(client_for, cast, scope_of, draft):
    client, root = client_for(cast.petra), f"/o/{cast.aldermoor.slug}/revisions/{draft.pk}"
    metric = next(code for code, one in metrics().items() if one.measure["kind"] == "ratio" and one.target)
    given = {"version": "2", "metric": metric, "code": "N-1", "from_": "2024-07-01"}
    assert client.post(f"{root}/new-level/", given).status_code == 302
    page = f"{root}/terms/N-1/"
    as_it_stands = posted_fields(client.get(page).content.decode(), page)
    before = level_part(cast, scope_of, draft, "N-1")
    assert client.post(page, as_it_stands).status_code == 302
    assert level_part(cast, scope_of, draft, "N-1") == before
    version = posted_fields(client.get(page).content.decode(), page)["version"]
    changed = as_it_stands | {
        "version": version,
        "kind": "count",
        "level_name": "Complaints",
        "ends_on": "2024-12-31",
        "every": "quarter",
    }
    changed |= {"bands-0-step": "1", "bands-0-step_from": "3", "bands-0-step_round": "down"}
    assert client.post(page, changed).status_code == 302
    after = level_part(cast, scope_of, draft, "N-1")
    assert (after["name"], after["every"], after["ends_on"]) == ("Complaints", "quarter", "2024-12-31")
    assert after["measure"]["kind"] == "count" and "of" not in after["measure"]
    assert after["terms"][0]["bands"][0]["per_step"] == {"from": "3", "step": "1", "round": "down"}
    version = posted_fields(client.get(page).content.decode(), page)["version"]
    wrong = client.post(page, changed | {"version": version, "ends_on": "2024-12-30"})
    assert wrong.status_code == 422 and "id_ends_on-error" in wrong.content.decode()
    there = level_part(cast, scope_of, draft, "SL-01")
    page = f"{root}/terms/SL-01/"
    html = client.get(page).content.decode()
    assert "was 95" in html or "was " in html
    given = posted_fields(html, page) | {"kind": "value", "of": "Something else", "ends_on": "2024-09-30"}
    assert client.post(page, given).status_code == 302
    assert level_part(cast, scope_of, draft, "SL-01") == there | {"ends_on": "2024-09-30"}


def level_part(cast, scope_of, draft, code):
    with scope_of(cast.petra):
        draft.draft.refresh_from_db()
        return next(one for one in as_stored(draft.draft.document).document()["service_levels"] if one["code"] == code)
