"""Areas, rules and clause texts are saved as they are typed: over what was seen, with what is wrong named at its field, and both shown
where somebody else saved meanwhile."""

import pytest

from agreements.proposals import as_stored
from tests.markup import posted_fields as fields
from tests.markup import tight

HTMX = {"HX-Request": "true", "HX-Target": "div#live"}
AREA = {"area-1-code": "CX", "area-1-name": "Satisfied users", "area-1-weight": "40"}
RULE = {"rule-0-name": "Often", "rule-0-number": "4", "rule-0-window": "12", "rule-0-from_": "2024-07-01"}
OWN = "The supplier answers nine hundred and seventy of a thousand calls in time."
PAGES = [
    ("contract", AREA, "Satisfied users"),
    ("rules", RULE, "Often"),
    ("clauses", {"text": OWN}, OWN),
]
THEIRS = {
    "contract": ({"area-0-name": "Dependable"}, "Dependable"),
    "rules": (RULE | {"rule-0-name": "Rarely"}, "Rarely"),
    "clauses": ({"text": "In other words."}, "In other words."),
}


def root(cast, revision):
    return f"/o/{cast.aldermoor.slug}/revisions/{revision.pk}"


def kept(cast, scope_of, revision):
    with scope_of(cast.petra):
        draft = type(revision.draft).objects.get(pk=revision.draft.pk)
    return f"{as_stored(draft.document).document()} {draft.clauses}", draft.version


@pytest.mark.parametrize(("page", "typed", "words"), PAGES, ids=[page for page, *_ in PAGES])
def test_what_is_typed_is_saved_and_the_next_goes_over_it(client_for, cast, scope_of, draft, page, typed, words):
    client, address = client_for(cast.petra), f"{root(cast, draft)}/{page}/"
    html = client.get(address).text
    assert f'hx-post="{address}"' in html and 'hx-trigger="input changed delay:400ms"' in html
    given = fields(html, address) | typed
    answer = client.post(address, given, headers=HTMX)
    assert answer.status_code == 200 and answer.text.lstrip().startswith('<div id="live"')
    assert "Saved" in answer.text and 'name="version" value="3"' in answer.text
    document, version = kept(cast, scope_of, draft)
    assert words in document and version == 3
    again = client.post(address, given | {"version": "3"}, headers=HTMX)
    assert again.status_code == 200
    assert client.post(address, fields(client.get(address).text, address)).status_code == 302
    assert kept(cast, scope_of, draft)[0] == document


@pytest.mark.parametrize(("page", "typed", "words"), PAGES, ids=[page for page, *_ in PAGES])
def test_where_somebody_saved_meanwhile_both_are_shown(client_for, cast, scope_of, draft, paul, page, typed, words):
    client, address = client_for(cast.petra), f"{root(cast, draft)}/{page}/"
    seen = fields(client.get(address).text, address)
    theirs, their_words = THEIRS[page]
    assert client_for(paul).post(address, seen | theirs).status_code == 302
    before, given = kept(cast, scope_of, draft), seen | typed
    for headers in (HTMX, {}):
        answer = client.post(address, given, headers=headers)
        said = tight(answer.text)
        assert answer.status_code == 409 and "Paul Reyes saved this draft meanwhile." in said
        assert words in said and their_words in said
    assert kept(cast, scope_of, draft) == before
    assert client.post(address, given | {"version": "3"}).status_code == 302
    assert words in kept(cast, scope_of, draft)[0]


@pytest.mark.parametrize(
    ("page", "typed", "at", "said"),
    [
        ("contract", AREA | {"area-1-weight": ""}, "id_area-1-weight", "Area 2, Weight: Enter its weight."),
        ("contract", {"ends_on": "2024-01-01"}, "id_ends_on", "Last day"),
        ("rules", RULE | {"rule-0-number": ""}, "id_rule-0-number", "Rule 1, Number: Enter the number"),
        ("rules", RULE | {"rule-0-from_": ""}, "id_rule-0-from_", "Rule 1, Sees results from"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_way_to_its_field(
    client_for, cast, scope_of, draft, page, typed, at, said
):
    client, address = client_for(cast.petra), f"{root(cast, draft)}/{page}/"
    before = kept(cast, scope_of, draft)
    given = fields(client.get(address).text, address) | typed
    answer = client.post(address, given, headers=HTMX)
    assert answer.status_code == 422 and f'<a href="#{at}">{said}' in tight(answer.text)
    whole = client.post(address, given).text
    assert f'id="{at}"' in whole and 'class="error"' in whole
    assert kept(cast, scope_of, draft) == before


def test_a_clause_too_long_is_said_and_keeps_the_others_out(client_for, cast, scope_of, draft):
    client, address = client_for(cast.petra), f"{root(cast, draft)}/clauses/"
    before = kept(cast, scope_of, draft)
    given = {"version": "2", "code": ["SL-01", "SL-02"], "text": [OWN, "x" * 20_000]}
    answer = client.post(address, given, headers=HTMX)
    assert answer.status_code == 422 and "Not saved." in answer.text
    assert kept(cast, scope_of, draft) == before
