"""Several breaches at once with one undo, watching, and the family of a breach."""

import json
from datetime import date

import pytest

from breaches.actions import alert_due
from breaches.models import Breach, Watcher
from breaches.rules import Status
from notifications.models import Notification
from tests.breaches.test_plans import MAY, World
from tests.factories import breaches
from tests.markup import tight

HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(cast, scope_of, clock):
    clock(MAY)
    with scope_of(cast.aldermoor):
        made = World(cast.corvid)
        made.others = [breaches.breach(made.level, period) for period in made.periods[1:3]]
    return made


@pytest.fixture
def statuses(cast, scope_of):
    def read():
        with scope_of(cast.aldermoor):
            return list(Breach.objects.order_by("pk").values_list("status", flat=True))

    return read


def test_those_ticked_are_acknowledged_and_opened_again_by_one_undo(cast, client_for, world, statuses):
    marco = client_for(cast.marco)
    ticked = [f"{one.pk}.1" for one in (world.breach, world.others[0])]
    answer = marco.post("breaches/selected/", {"act": "acknowledge", "breach": ticked}, headers=HTMX)
    assert answer.status_code == 204
    assert "2 breaches acknowledged" in answer["HX-Trigger"]
    assert statuses() == [Status.ACKNOWLEDGED, Status.ACKNOWLEDGED, Status.OPEN]
    undo = json.loads(answer["HX-Trigger"])["toast"]["undo"].removeprefix("/o/aldermoor/")
    assert marco.post(undo, headers=HTMX).status_code == 204
    assert statuses() == [Status.OPEN] * 3
    assert marco.post(undo, headers=HTMX).status_code == 409


def test_all_of_them_or_none(cast, client_for, world, statuses):
    ticked = [f"{world.breach.pk}.1", f"{world.others[0].pk}.9"]
    answer = client_for(cast.marco).post("breaches/selected/", {"act": "acknowledge", "breach": ticked})
    assert answer.status_code == 409
    assert statuses() == [Status.OPEN] * 3


def test_one_plan_for_those_ticked(cast, client_for, world):
    marco = client_for(cast.marco)
    ticked = [f"{one.pk}.1" for one in (world.breach, *world.others)]
    answer = marco.post("breaches/selected/", {"act": "plan", "breach": ticked})
    assert answer.status_code == 302
    page = marco.get(answer["Location"].split("/o/aldermoor/")[1]).content.decode()
    assert page.count("checked") == 2


@pytest.mark.parametrize("ticked", [[], ["x"], ["1.1.1"], ["99999999999999999999.1"]])
def test_nothing_ticked(cast, client_for, world, statuses, ticked):
    answer = client_for(cast.marco).post("breaches/selected/", {"act": "acknowledge", "breach": ticked})
    assert answer.status_code == 302
    assert statuses() == [Status.OPEN] * 3


def test_who_watches_is_told_of_what_others_write(cast, scope_of, client_for, world):
    petra = client_for(cast.petra)
    petra.post(f"breaches/{world.breach.pk}/watch/", {"on": "1"})
    petra.post(f"breaches/{world.breach.pk}/watch/", {"on": "1"})
    petra.post(f"breaches/{world.breach.pk}/say/", {"text": "Mine.", "to": "both"})
    client_for(cast.marco).post(f"breaches/{world.breach.pk}/say/", {"text": "For Corvid.", "to": "both"})

    def heard():
        with scope_of(cast.aldermoor):
            alert_due(now=MAY)
            found = Notification.objects.filter(member=cast.petra, event__kind="message")
            return [one.event.detail for one in found.select_related("event").order_by("pk")]

    assert ["For Corvid." in text for text in heard()] == [True]
    assert "Watched by Petra Sandgren" in tight(petra.get(f"breaches/{world.breach.pk}/").content.decode())
    assert "Watched by" not in client_for(cast.vera).get(f"breaches/{world.breach.pk}/").content.decode()
    petra.post(f"breaches/{world.breach.pk}/watch/", {"on": "0"})
    client_for(cast.marco).post(f"breaches/{world.breach.pk}/say/", {"text": "Again.", "to": "both"})
    assert len(heard()) == 1
    with scope_of(cast.aldermoor):
        assert not Watcher.objects.exists()


def test_a_breach_shows_its_family_to_both_sides(cast, client_for, world):
    for member in (cast.marco, cast.vera):
        page = tight(client_for(member).get(f"breaches/{world.breach.pk}/").content.decode())
        family = page.partition("Recurs")[2].partition("</section>")[0]
        assert family.index("June 2024") < family.index("May 2024")
        assert "April 2024" not in family
    assert world.others[0].starts_on == date(2024, 5, 1)
