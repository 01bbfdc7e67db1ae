"""What is open now stands beside the inbox, whatever its age and whoever was told of it."""

from datetime import UTC, datetime

from contracts.models import Contract
from evaluation.models import Result
from tests.factories import breaches, contracts, disputes, measurements

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def words(answer):
    return [(row["words"], str(row["since"])) for row in answer.context["rows"]]


def test_what_is_open_is_counted_whatever_its_age(cast, judged, scope_of, client_for):
    found, other = judged(cast.corvid), judged(cast.halden)
    with scope_of(cast.aldermoor):
        Contract.objects.update(created_at=LONG_AGO)
        Result.objects.filter(contract=found.contract).update(outcome="not_measured")
        breach = found.breach(0)
        breaches.consequence(found.periods[0])
        disputes.dispute(other.level, other.periods[0], cast.hana)
        plan = breaches.plan(other.breach(0, status="plan"), cast.marco)
        breaches.proposal(plan, cast.hana)
        breaches.excusal(breach, cast.petra)
        breaches.waiver_proposal(other.periods[0], cast.petra)
        breaches.credit_claim(other.periods[1], cast.petra)
        measurements.submission(other.contract, other.periods[1].month, by=cast.hana, status="returned", revision=2)
        waiting = measurements.submission(other.contract, other.periods[2].month, by=cast.hana)
        measurements.figure(waiting, other.level, other.periods[2])
    marco = client_for(cast.marco)
    said = dict(words(marco.get("open-now/")))
    due = {str(period.due_on): f"1 figure late, {period.month:%B %Y}" for period in found.periods[:2]}
    assert due.items() <= {day: text for text, day in said.items()}.items(), "over fourteen days, too"
    others = {text for text in said if "late" not in text}
    assert others == {
        "1 breach not acknowledged",
        "1 submission to accept, June 2024",
        "1 submission returned, May 2024",
        "1 excuse or waiver of a breach to agree to",
        "1 credit to approve",
        "1 waiver of a credit to decide on",
        "1 corrective plan to decide on",
        "1 dispute or request to decide",
        "1 triggered rule to decide on",
    }
    assert "open-now/" in marco.get("inbox/").content.decode()
    part = marco.get("open-now/", headers={"HX-Request": "true"}).content.decode().strip()
    assert part.startswith("<section") and f"period={found.periods[0].month:%Y-%m}" in part
    with scope_of(cast.aldermoor):
        contracts.owner(other.contract, cast.marco)
    assert "1 breach not acknowledged" not in dict(words(marco.get("open-now/"))), "not of one's own contracts"
    assert "1 breach not acknowledged" in dict(words(marco.get("open-now/?owner=all"))) and breach.pk
    assert client_for(cast.vera).get("open-now/").status_code == 403
    assert "open-now" not in client_for(cast.vera).get("inbox/").content.decode()


def test_what_came_back_or_was_due_before_the_contract_was_kept_is_not_late(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        Result.objects.filter(contract=found.contract).update(outcome="not_measured")
    marco = client_for(cast.marco)
    assert words(marco.get("open-now/")) == [] and "Nothing waits" in marco.get("open-now/").content.decode()
    with scope_of(cast.aldermoor):
        Contract.objects.update(created_at=LONG_AGO)
        measurements.submission(found.contract, found.periods[0].month, by=cast.vera, status="returned", revision=2)
    assert [text for text, _ in words(marco.get("open-now/"))] == [
        "1 figure late, May 2024",
        "1 submission returned, April 2024",
    ]
