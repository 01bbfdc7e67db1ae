"""How many approve a revision: decided in the settings, never fewer than one."""

from agreements.rules import Chain, Kind
from organisations.models import OrganisationSettings

GIVEN = {"version": "1", "terms": "1", "money": "2", "dates": "1", "two_from": "5000.00"}


def test_approvals_are_decided_in_the_settings(cast, scope_of, client_for):
    ada = client_for(cast.ada)
    assert ada.post("settings/approvals/", {**GIVEN, "terms": "0"}).status_code == 422
    assert ada.post("settings/approvals/", GIVEN).status_code == 302
    assert ada.post("settings/approvals/", GIVEN).status_code == 409
    assert client_for(cast.petra).post("settings/approvals/", GIVEN).status_code == 403
    with scope_of(cast.ada):
        chain = Chain.of(OrganisationSettings.objects.get().approvals)
    assert chain.needed([Kind.TERMS], chain.two_from / 2) == 1
    assert chain.needed([Kind.TERMS, Kind.MONEY], chain.two_from / 2) == 2
    assert chain.needed([Kind.TERMS], -chain.two_from) == 2
