"""The alignment workshop: weights by form, gaps both ways, and nothing else of the draft touched."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

from agreements.drafting.alignment import matrix_of, with_weights
from agreements.proposals import as_stored
from contracts import contract_file
from tests.slas import contract_texts as texts

KRAS = [{"code": "REL", "name": "Reliable", "weight": 60}, {"code": "CX", "name": "Satisfied", "weight": 20}]


def given():
    return texts.document(kras=KRAS, service_levels=[texts.level(), texts.level("SL-02", kras={})])


def test_gaps_are_seen_from_both_sides():
    matrix = matrix_of(contract_file.read(texts.text(given())))
    assert (matrix.unserved, matrix.idle) == (["Satisfied"], ["Incidents on time SL-02"])
    assert (matrix.measured, matrix.heaviest) == (Decimal(75), ("Incidents on time SL-01", Decimal(75)))
    assert matrix.shares == {"SL-01": Decimal(75), "SL-02": Decimal(0)}


def test_weights_become_a_version_of_the_terms_and_back_is_no_change():
    base = as_stored(texts.text(given())).document()
    matrix = matrix_of(contract_file.read(texts.text(given())))
    kras = {"REL": Decimal(50), "CX": Decimal(20)}
    cells = {"SL-01": {"REL": Decimal(100)}, "SL-02": {"CX": Decimal(100)}}
    changed = with_weights(base, base, matrix, cells, kras, date(2024, 7, 1))
    assert changed["service_levels"][0] == base["service_levels"][0]
    assert [one.get("kras") for one in changed["service_levels"][1]["terms"]] == [None, {"CX": "100"}]
    assert changed["kras"][0]["weight"] == [
        {"from": "2024-04-01", "weight": "60"},
        {"from": "2024-07-01", "weight": "50"},
    ]
    after = matrix_of(contract_file.read(contract_file.write(changed)))
    assert (after.unserved, after.idle, after.measured) == ([], [], Decimal(100))
    back = with_weights(
        changed, base, after, {**cells, "SL-02": {}}, {"REL": Decimal(60), "CX": Decimal(20)}, date(2024, 7, 1)
    )
    assert back["kras"] == base["kras"]


def test_what_the_matrix_does_not_show_stays():
    """A KRA with a last day, and a weight that the draft adds before the newest."""
    base = as_stored(texts.text(given())).document()
    drafted = deepcopy(base)
    drafted["kras"][1]["ends_on"] = "2024-12-31"
    drafted["service_levels"][0]["terms"].append(texts.terms("2024-07-01", kras={"REL": "60", "CX": "40"}))
    july, october = {"from": "2024-07-01", "weight": "50"}, {"from": "2024-10-01", "weight": "40"}
    drafted["kras"][0]["weight"] = [{"from": "2024-04-01", "weight": "60"}, july, october]
    drafted = as_stored(texts.text(drafted)).document()
    matrix = matrix_of(as_stored(texts.text(drafted)))
    cells = {"SL-01": {"REL": Decimal(60)}, "SL-02": {}}
    same = with_weights(drafted, base, matrix, cells, {"REL": Decimal(40)}, date(2024, 10, 1))
    assert same == drafted
    cells["SL-01"]["REL"] = Decimal(70)
    changed = with_weights(drafted, base, matrix, cells, {"REL": Decimal(45)}, date(2024, 10, 1))
    assert changed["kras"][0]["weight"][1:] == [july, october | {"weight": "45"}]
    assert changed["service_levels"][0]["terms"][-1]["kras"] == {"CX": "40", "REL": "70"}


def test_the_page_saves_a_weight_and_refuses_what_is_none(client_for, cast, scope_of, draft):
    client, address = client_for(cast.petra), f"/o/{cast.aldermoor.slug}/revisions/{draft.pk}/alignment/"
    html = client.get(address).content.decode()
    assert "What the score measures" in html and 'name="cell-0-0"' in html
    data = {"version": "2", "from_": "2024-07-01", "kra-0": "60", "cell-0-0": "70", "cell-1-0": "100"}
    assert client.post(address, data | {"cell-0-0": "much"}).status_code == 422
    without = client.post(address, data | {"cell-0-0": ""})
    assert without.status_code == 422 and "Leave a weight" in without.text
    assert client.post(address, data | {"version": "1"}).status_code == 409
    assert client.post(address, data).status_code == 302
    with scope_of(cast.petra):
        draft.draft.refresh_from_db()
        [in_force, drafted] = as_stored(draft.draft.document).document()["service_levels"][0]["terms"]
    assert (in_force.get("kras"), drafted["kras"]) == (None, {"REL": "70"})
    assert drafted["bands"][0]["at"] == "97"
    assert client_for(cast.marco).get(address).status_code == 403
