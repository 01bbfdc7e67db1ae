"""What no form of the settings sends is refused by the actions all the same, and changes nothing."""

from decimal import Decimal
from typing import Any

import pytest

from lib.errors import RuleBroken
from organisations.actions import settings as actions
from organisations.models import Organisation, OrganisationSettings

DEFAULTS = {"accept_after": None, "verify_after": None, "two_people_from": None}
KEPT = {"keep_evidence_years": None, "keep_mail_days": None, "keep_trail_years": None}
NEEDED = {"terms": 1, "money": 1, "dates": 1}
HOURS = {"quiet_from": None, "quiet_until": None}
REFUSED = [
    (actions.change_organisation, {"name": "Aldermoor", "timezone": "Europe/Atlantis"}, "timezone"),
    (actions.change_organisation, {"name": " ", "timezone": "Europe/London"}, "name"),
    (actions.change_formats, {"number_style": "roman", "day_style": "month_first"}, "number_style"),
    (actions.change_formats, {"number_style": "point_comma", "day_style": "by_moon"}, "day_style"),
    (actions.change_defaults, DEFAULTS | {"accept_after": 0}, "accept_after"),
    (actions.change_defaults, DEFAULTS | {"verify_after": 121}, "verify_after"),
    (actions.change_defaults, DEFAULTS | {"two_people_from": Decimal("0.001")}, "two_people_from"),
    (actions.change_approvals, NEEDED | {"two_from": Decimal(-1)}, "two_from"),
    (actions.change_approvals, NEEDED | {"two_from": None, "money": 0}, "money"),
    (actions.change_letter_hours, HOURS | {"working_days": "8"}, "working_days"),
    (actions.change_second_factor, {"second_factor": "cats", "second_factor_from": None}, "second_factor"),
    (actions.change_second_factor, {"second_factor": "staff", "second_factor_from": None}, "second_factor_from"),
    (actions.change_retention, KEPT | {"keep_evidence_years": 1}, "keep_evidence_years"),
    (actions.change_retention, KEPT | {"keep_mail_days": 1}, "keep_mail_days"),
    (actions.change_retention, KEPT | {"keep_trail_years": 1}, "keep_trail_years"),
]


@pytest.mark.parametrize(("change", "given", "code"), REFUSED)
def test_it_is_refused_by_its_name(cast: Any, scope_of: Any, change: Any, given: dict[str, Any], code: str) -> None:
    with scope_of(cast.ada):
        with pytest.raises(RuleBroken) as refused:
            change(by=cast.ada, version=1, **given)
        assert refused.value.code == code
        assert not OrganisationSettings.objects.exists()
        assert Organisation.objects.get(pk=cast.aldermoor.pk).name == "Aldermoor Energy"
