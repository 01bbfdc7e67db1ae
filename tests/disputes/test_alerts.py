"""Who is told what about relief and disputes."""

from decimal import Decimal

from breaches.actions import alert_due
from disputes.actions import ask_for_relief, decide_on_relief, dispute, escalate_due, rule, say_in_hearing
from notifications.models import Notification
from tests.disputes.conftest import MAY
from tests.disputes.test_disputes import WHY as BECAUSE
from tests.disputes.test_relief import WHY


def test_what_is_asked_goes_to_who_decides_and_the_answer_to_the_vendor(cast, world, by, scope_of):
    def told(now=MAY):
        with scope_of(cast.aldermoor):
            alert_due(now=now)
            rows = Notification.objects.filter(event__kind__in=["hearing", "message"]).order_by("pk")
            new = [
                (one.member_id, one.event.title, one.event.path.split("/")[0]) for one in rows.select_related("event")
            ]
        found, told.seen = new[told.seen :], len(new)
        return found

    told.seen = 0
    marco, vera = cast.marco.name, cast.vera.name
    slot = {"service_level": world.level, "period": world.april}
    relief = by(cast.vera, ask_for_relief, **slot, amount=Decimal(6), **WHY)
    disputed = by(cast.vera, dispute, result=world.result(), **BECAUSE)
    found = told()
    assert (cast.marco.pk, f"{vera} asks for relief", "relief") in found
    assert (cast.marco.pk, f"{vera} disputes a result", "disputes") in found
    assert not {member for member, *_ in found} & {cast.vera.pk, cast.hana.pk, cast.petra.pk}
    by(cast.marco, say_in_hearing, hearing=disputed, text="Which numbers?")
    by(cast.marco, decide_on_relief, relief_request=relief, granted=Decimal(0), reason="No.")
    found = told()
    assert (cast.vera.pk, f"{marco} wrote about a dispute", "disputes") in found
    assert (cast.vera.pk, f"{marco} decided on a request for relief", "relief") in found
    assert cast.marco.pk not in {member for member, *_ in found}
    late = MAY.replace(month=6, day=10)
    with scope_of(cast.aldermoor):
        escalate_due(now=late)
    found = told(late)
    assert {cast.vera.pk, cast.marco.pk} <= {member for member, *_ in found}
    assert {title for _, title, _ in found} == {"No answer in time to a dispute"}
    by(cast.marco, rule, dispute=disputed, ruling="rejected", reason="The log says otherwise.")
    assert (cast.vera.pk, f"{marco} decided on a dispute", "disputes") in told()
    assert told() == []
