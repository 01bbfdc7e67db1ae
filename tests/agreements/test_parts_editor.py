"""What holds for a whole contract by form: each part a version of its own from its day on, and nothing else touched."""

import re
from datetime import date

import pytest

from agreements.drafting.parts import newest_of, with_part
from agreements.forms.parts import (
    PARTS,
    CapForms,
    GradeForms,
    PartsForm,
    StepForms,
    caps_of,
    grades_of,
    initial_of,
    steps_of,
)
from agreements.proposals import as_stored
from tests.agreements.test_impact_kept import judged

__all__ = ["judged"]

DAY = date(2024, 7, 1)
CREDITS = {
    "point": {"percent_of": "charges", "value": "0.5"},
    "at_risk_percent": "10",
    "tariff": {"kind": "step", "steps": [{"at": "3", "value": "1"}]},
    "one_per_incident": True,
    "bedding_in": ["0", "0.5"],
    "caps": [{"percent_of": "at_risk", "value": "10", "over": "month"}, {"amount": "5000", "over": "rolling_12"}],
    "minimum": "1",
    "earn_back": {"after": 3},
}
SCORECARD = {"missing": "zero", "minimum_coverage": "60", "grades": [{"name": "Good", "at": "90"}, {"name": "Poor"}]}
CALENDAR = {"holidays": "GB-SCT", "weekdays": ["mon", "tue"], "hours": "08:00-12:00"}


def typed(newest, listed=False):
    form = PartsForm(initial=initial_of(newest, DAY), listed=listed)
    data = {name: form[name].value() for name in form.fields}
    data = {name: "on" if value is True else value for name, value in data.items() if value not in (None, False)}
    credits = newest["credits"]
    tables = (("caps", caps_of(credits)), ("grades", grades_of(newest["scorecard"])), ("steps", steps_of(credits)))
    for prefix, rows in tables:
        data |= {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
        data |= {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return data


def newest(document):
    return {part: newest_of(document, part) for part in PARTS}


@pytest.mark.parametrize("full", [True, False], ids=["everything", "nothing said"])
def test_parts_go_through_the_form_and_back_without_loss(cast, scope_of, draft, full):
    with scope_of(cast.petra):
        given = newest(as_stored(draft.draft.base).document())
    if full:
        given |= {"credits": CREDITS, "scorecard": SCORECARD, "calendar": CALENDAR, "charges": {"monthly": "1234.50"}}
    data = typed(given)
    form, caps, grades = PartsForm(data), CapForms(data, prefix="caps"), GradeForms(data, prefix="grades")
    steps = StepForms(data, prefix="steps")
    assert form.is_valid() and caps.is_valid() and grades.is_valid(), (form.errors, caps.errors, grades.errors)
    assert steps.is_valid()
    rows = [[one.part() for one in table] for table in (caps, grades, steps)]
    assert form.versions(given, *rows) == given


TARIFF = {"kind": "marginal", "slices": [{"upto": "20", "factor": "0"}, {"factor": "1.5"}]}


def test_slices_bedding_in_and_listed_charges_go_through_the_form_and_back(cast, scope_of, draft):
    with scope_of(cast.petra):
        given = newest(as_stored(draft.draft.base).document())
    given["credits"] = {
        "point": {"amount": "50"},
        "tariff": TARIFF,
        "bedding_in": ["0", "0.5"],
        "earn_back": {"yearly_average": True},
    }
    given["charges"] = {"months": {"2024-04": "100000.00", "2024-05": "90000.00"}}
    data = typed(given, listed=True)
    form, steps = PartsForm(data, listed=True), StepForms(data, prefix="steps")
    assert form.is_valid() and steps.is_valid(), form.errors
    assert form.versions(given, [], [], [one.part() for one in steps]) == given
    wrong = PartsForm(data | {"months": "April 100000", "bedding_in": "none"}, listed=True)
    assert not wrong.is_valid() and set(wrong.errors) == {"bedding_in"}
    assert not PartsForm(data | {"months": "2024-04 a lot"}, listed=True).is_valid()


def test_charges_are_raised_by_an_index_and_the_reason_says_so(client_for, cast, scope_of, draft):
    client, before = client_for(cast.petra), document(cast, scope_of, draft)
    given = {"version": "2", "index": "1", "index_from": "2024-09-01", "index_name": "CPI, all items"}
    given |= {"index_before": "131.5", "index_after": "135.4", "index_published": "2024-06-19"}
    for wrong, said in (
        ({"index_after": ""}, "both values"),
        ({"percent": "3"}, "both values"),
        ({"index_from": "2024-09-15"}, "not the first day"),
    ):
        refused = client.post(address(cast, draft), given | wrong)
        assert refused.status_code == 422 and said in refused.content.decode()
        assert document(cast, scope_of, draft) == before
    assert client.post(address(cast, draft), given).status_code == 302
    charges = document(cast, scope_of, draft)["contract"]["charges"]
    assert charges == [{"monthly": "100000.00"}, {"from": "2024-09-01", "monthly": "102965.78"}]
    with scope_of(cast.petra):
        draft.draft.refresh_from_db()
        assert (
            "from £100,000.00 to £102,965.78 from 1 Sep 2024: CPI, all items, 131.5 to 135.4, published 19 Jun 2024."
            in draft.draft.reason
        )


def address(cast, revision):
    return f"/o/{cast.aldermoor.slug}/revisions/{revision.pk}/terms/"


def document(cast, scope_of, draft):
    with scope_of(cast.petra):
        draft.draft.refresh_from_db()
        return as_stored(draft.draft.document).document()


def test_what_is_typed_becomes_a_version_from_its_day_and_the_rest_stays(client_for, cast, scope_of, judged, draft):
    before = document(cast, scope_of, draft)
    client = client_for(cast.petra)
    html = client.get(address(cast, draft)).content.decode()
    assert 'value="100000' in html and "As in force" in html and "Changed" in html
    data = typed(newest(before)) | {
        "version": "2",
        "monthly": "103000.00",
        "days": "8",
        "worth": "amount",
        "value": "50",
    }
    data |= {"caps-TOTAL_FORMS": "1", "caps-0-worth": "charges", "caps-0-value": "10", "caps-0-over": "month"}
    answer = client.post(address(cast, draft), data, headers={"hx-request": "true", "hx-target": "div#live"})
    assert answer.status_code == 200, re.findall(r"<li>.*?</li>", answer.content.decode())
    assert "£103,000" in answer.content.decode()
    after = document(cast, scope_of, draft)
    assert after["contract"]["charges"] == [{"monthly": "100000.00"}, {"from": "2024-07-01", "monthly": "103000.00"}]
    assert [one["days"] for one in after["contract"]["report_due"]] == ["10", "8"]
    assert after["credits"][1]["caps"] == [{"percent_of": "charges", "value": "10", "over": "month"}]
    assert after["credits"][0] == {"point": {"amount": "0"}}
    unchanged = ("kras", "service_levels")
    assert {key: after[key] for key in unchanged} == {key: before[key] for key in unchanged}
    assert "scorecard" not in after and after["contract"]["calendar"] == before["contract"]["calendar"]
    back = client.post(address(cast, draft), typed(newest(before)) | {"version": "3"})
    assert back.status_code == 302
    assert document(cast, scope_of, draft) == before


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("monthly", "lots", "Write a number"),
        ("from_", "2024-07-15", "is not the first day of a month"),
        ("holidays", "GB-XXX", "GB-XXX"),
        ("days", "0", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(client_for, cast, scope_of, draft, field, value, said):
    before = document(cast, scope_of, draft)
    data = typed(newest(before)) | {"version": "2", "monthly": "99", field: value}
    answer = client_for(cast.petra).post(address(cast, draft), data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (
        f'aria-describedby="id_{field}-' in answer.content.decode() and f"id_{field}-error" in answer.content.decode()
    )
    assert document(cast, scope_of, draft) == before


def test_a_part_that_says_what_is_in_force_is_no_version(cast, scope_of, draft):
    base = document(cast, scope_of, draft)
    for part in PARTS:
        assert with_part(base, base, part, newest_of(base, part), DAY) == base


def test_what_the_draft_changes_before_stays(cast, scope_of, draft):
    base = document(cast, scope_of, draft)
    july = with_part(base, base, "charges", {"monthly": "101000.00"}, DAY)
    october = {"from": "2024-10-01", "monthly": "102000.00"}
    july["contract"]["charges"].append(october)
    assert with_part(july, base, "charges", newest_of(july, "charges"), date(2024, 10, 1)) == july
    back = with_part(july, base, "charges", newest_of(base, "charges"), date(2024, 10, 1))
    assert [one["monthly"] for one in back["contract"]["charges"]] == ["100000.00", "101000.00", "100000.00"]


def test_somebody_elses_draft_is_not_overwritten(client_for, cast, scope_of, draft):
    before = document(cast, scope_of, draft)
    data = typed(newest(before)) | {"version": "1", "days": "8"}
    answer = client_for(cast.petra).post(address(cast, draft), data)
    assert answer.status_code == 409
    assert "saved this draft meanwhile" in answer.content.decode()
    assert document(cast, scope_of, draft) == before
