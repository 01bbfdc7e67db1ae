"""An organisation's own metrics: beside the eighty, with the same meaning in a contract file; and who is measured by one."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts import contract_file
from contracts.models import Period
from slas.actions import import_contract
from slas.metric_catalogue import metrics
from slas.models import OwnMetric
from slas.own_metrics import known_metrics
from tests.factories import evaluation, slas
from tests.markup import tight
from tests.slas import contract_texts as texts

GIVEN = {
    "code": "site-01",
    "name": "Site visits on time",
    "definition": "The share of visits on the day agreed.",
    "kind": "ratio",
    "of": "Visits on time",
    "among": "Visits",
    "unit": "percent",
    "better": "higher",
    "every": "month",
    "target": "90",
    "minimum": "80",
    "traps": "Say who counts a visit that the client put off.\n\nFew visits decide the month.",
}
NEW, OWN = "catalogue/new/", "catalogue/own/SITE-01/"


@pytest.fixture
def petra(cast, client_for):
    return client_for(cast.petra)


@pytest.fixture
def site(cast, scope_of):
    with scope_of(cast.aldermoor):
        return slas.own_metric(cast.petra)


def stored(cast, scope_of):
    with scope_of(cast.aldermoor):
        return OwnMetric.objects.get()


def test_one_is_added_beside_the_eighty_and_offered_where_they_are(petra, cast, client_for, scope_of, draft):
    answer = petra.post(NEW, GIVEN)
    assert answer.url == f"/o/{cast.aldermoor.slug}/catalogue/metric/?code=SITE-01"
    made = stored(cast, scope_of)
    assert (made.code, made.target, made.changed_by_name) == ("SITE-01", 90, cast.petra.name)
    assert made.measure == {"kind": "ratio", "of": "Visits on time", "among": "Visits", "unit": "percent"}
    assert made.traps == ["Say who counts a visit that the client put off.", "Few visits decide the month."]
    page = tight(petra.get("catalogue/?q=visits").content.decode())
    assert "80 metrics in 8 trades, and 1 of your own" in page and "Few visits decide the month." in page
    assert "metric: SITE-01" in page
    assert "Site visits on time" in petra.get(f"revisions/{draft.pk}/new-level/").text
    assert "SITE-01 Site visits on time" in petra.get("contracts/new/").text
    with scope_of(cast.brightwater):
        assert known_metrics() == metrics()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("code", "IT-03", "Codes that begin with IT- are the catalogue"),
        ("code", "it-99", "Codes that begin with IT- are the catalogue"),
        ("code", "Où", "Write a code of letters"),
        ("among", "", "Say what is counted."),
        ("minimum", "95", "The minimum is better than the target."),
        ("minimum", "", "Enter both"),
        ("target", "much", "Write a number"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_keeps_nothing(petra, cast, scope_of, field, value, words):
    answer = petra.post(NEW, GIVEN | {field: value})
    assert answer.status_code == 422 and words in answer.text and "The share of visits" in answer.text
    assert answer.context["form"].errors.keys() == {field}
    with scope_of(cast.aldermoor):
        assert not OwnMetric.objects.exists()


def test_a_code_is_there_once_and_may_be_anothers(petra, cast, scope_of, client_for, site):
    taken = petra.post(NEW, GIVEN)
    assert taken.status_code == 409 and "SITE-01 is one of your metrics already" in taken.text
    with scope_of(cast.brightwater):
        slas.own_metric(cast.otto)
    assert client_for(cast.marco).post(NEW, GIVEN | {"code": "SITE-02"}).status_code == 403
    assert client_for(cast.marco).get(OWN).status_code == 403
    assert client_for(cast.marco).get("catalogue/?metric=SITE-01").status_code == 200


def test_it_changes_over_what_was_seen_and_what_is_measured_stays(petra, cast, scope_of, site, live):
    assert "Site visits on time" in petra.get(OWN).text
    assert petra.post(OWN, GIVEN | {"version": 1, "name": "Visits kept"}).status_code == 302
    stale = petra.post(OWN, GIVEN | {"version": 1, "name": "Other"})
    assert stale.status_code == 409 and "Somebody else changed this metric" in stale.text
    assert (stored(cast, scope_of).name, stored(cast, scope_of).version) == ("Visits kept", 2)
    with scope_of(cast.aldermoor):
        live.service_levels.filter(code="SL-01").update(metric="SITE-01")
    other = petra.post(OWN, GIVEN | {"version": 2, "better": "lower", "target": "", "minimum": ""})
    assert other.status_code == 422 and "Service levels measure SITE-01." in other.text
    assert stored(cast, scope_of).better == "higher"


def test_retired_it_is_not_offered_and_still_known(petra, cast, scope_of, site, draft):
    assert petra.post(f"{OWN}retire/", {"version": 1}).status_code == 302
    assert petra.post(f"{OWN}retire/", {"version": 1}).status_code == 409
    assert "Site visits on time" not in petra.get(f"revisions/{draft.pk}/new-level/").text
    assert "retired" in petra.get("catalogue/?metric=SITE-01").text
    petra.post(f"{OWN}retire/", {"version": 2, "again": "yes"})
    assert "Site visits on time" in petra.get(f"revisions/{draft.pk}/new-level/").text


def test_a_file_names_it_as_one_of_the_eighty_and_a_draft_takes_it(petra, cast, scope_of, site, live, draft):
    given = texts.document(service_levels=[texts.level(metric="SITE-01"), texts.level("SL-02", metric="SITE-09")])
    given["contract"]["reference"] = "MSA-9"
    looked = tight(petra.post("contracts/import/", {"source": texts.text(given)}).content.decode())
    assert "`SITE-09` is not in the catalogue" in looked and "`SITE-01` is not in the catalogue" not in looked
    data = {"version": 2, "metric": "SITE-01", "code": "SL-09", "from_": "2024-07-01"}
    assert petra.post(f"revisions/{draft.pk}/new-level/", data).status_code == 302
    with scope_of(cast.aldermoor):
        draft.draft.refresh_from_db()
        level = contract_file.read(draft.draft.document).service_levels[-1]
    assert (level.metric, level.name, level.measure.among) == ("SITE-01", "Site visits on time", "Visits")
    assert [band.at for band in level.terms[0].bands] == [90, 80, None]


# Who is measured by it ---------------------------------------------------------------------------------------------


def measured(cast, scope_of, reference, vendor, values):
    given = texts.document(service_levels=[texts.level(metric="SITE-01")])
    given["contract"] |= {"reference": reference, "vendor": {"code": vendor.code, "name": vendor.name}}
    with scope_of(cast.aldermoor):
        contract = import_contract(by=None, source=texts.text(given))
        terms = contract.service_levels.get().terms.get()
        for period, value in zip(
            Period.objects.filter(contract=contract, cycle="month").order_by("starts_on"), values, strict=False
        ):
            outcome = "met" if value >= 95 else "default"
            evaluation.result(terms, period, value=value, outcome=outcome)
    return contract


def test_results_by_a_metric_across_vendors_with_the_way_to_compare(petra, cast, client_for, scope_of, site):
    measured(cast, scope_of, "MSA-1", cast.corvid, [96, 92, 94])
    measured(cast, scope_of, "MSA-2", cast.halden, [97])
    page = petra.get("catalogue/metric/?code=SITE-01")
    first, second = page.context["rows"]
    assert (first["past"].value, first["past"].month, first["past"].met, first["past"].judged) == (
        94,
        date(2024, 6, 1),
        1,
        3,
    )
    assert second["level"].contract.vendor == cast.halden and second["past"].outcome == "met"
    said = tight(page.content.decode())
    assert (
        "2 service levels of 2 vendors." in said
        and "/compare/?by=metric&amp;metric=SITE-01" in said
        and "1 of 3" in said
    )
    assert "Site visits on time" in petra.get("compare/?by=metric&metric=SITE-01&period=2024-06").text
    assert "2 service levels measure it" in tight(petra.get("catalogue/?metric=SITE-01").content.decode())
    assert client_for(cast.vera).get("catalogue/metric/?code=SITE-01").status_code == 403
    assert petra.get("catalogue/metric/?code=NONE-1").status_code == 404
    assert petra.get("catalogue/metric/").headers["Location"].endswith("/catalogue/")  # of none


def test_it_asks_as_much_for_three_as_for_one(petra, cast, scope_of, site):
    def statements():
        with CaptureQueriesContext(connection) as asked:
            assert petra.get("catalogue/metric/?code=SITE-01").status_code == 200
        return len(asked)

    measured(cast, scope_of, "MSA-1", cast.corvid, [96])
    one = statements()
    measured(cast, scope_of, "MSA-2", cast.corvid, [96])
    measured(cast, scope_of, "MSA-3", cast.halden, [96])
    assert statements() == one


def test_programs_read_them_all(cast, client_for, site):
    answer = client_for(cast.marco).get("api/v1/metrics/?limit=200").json()
    assert answer["count"] == 81
    last = answer["results"][-1]
    assert (last["code"], last["target"], last["own"], last["retired"]) == ("SITE-01", "90", True, False)
    assert client_for(cast.vera).get("api/v1/metrics/").status_code == 403
