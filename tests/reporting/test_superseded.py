"""Figures that were corrected, and what they were judged as."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from evaluation.actions import judge_due
from evaluation.models import Result
from measurements.actions import accept, import_figures
from measurements.models import Submission
from slas.actions import import_contract
from tests.cast import Cast
from tests.measurements.reporting import APRIL, csv
from tests.slas.contract_texts import document, level, text

ON_TIME = datetime(2024, 5, 10, 9, tzinfo=UTC)  # April was due on 15 May
TOO_LATE = datetime(2024, 5, 20, 9, tzinfo=UTC)


def test_superseded_figures_show_what_they_were_judged_as(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable
) -> None:
    """Of two service levels one is corrected, the other stays as it was; each result leads to its sheet."""
    with scope_of(cast.aldermoor):
        of = import_contract(by=None, source=text(document(service_levels=[level("SL-01"), level("SL-02")])))

    def report(when: datetime, *rows: str, **given: str) -> Submission:
        clock(when)
        with scope_of(cast.vera):
            (made,) = import_figures(by=cast.vera, contract=of, source=csv(*rows), submit=True, **given)
        with scope_of(cast.marco):
            accept(by=cast.marco, submission=made)
        with scope_of(cast.aldermoor):
            judge_due(now=when + timedelta(minutes=1))
        return made

    first = report(ON_TIME, "SL-01,2024-04-01,98,100", "SL-02,2024-04-01,99,100")
    second = report(TOO_LATE, "SL-01,2024-04-01,80,100", reason="Counted wrongly")
    third = report(TOO_LATE + timedelta(days=1), "SL-01,2024-04-01,81,100", reason="And again")
    with scope_of(cast.aldermoor):
        one, other = Result.objects.filter(contract=of, month=APRIL).order_by("service_level__code")
    results = f"/o/{cast.aldermoor.slug}/results"
    for figures, value, why in (
        (first, "98.0%", f"{one.pk}/why/1/"),
        (second, "80.0%", f"{one.pk}/why/2/"),
        (third, "81.0%", f"{one.pk}/why/"),
    ):
        for member in (cast.marco, cast.vera):
            page = client_for(member).get(f"submissions/{figures.pk}/").content.decode()
            assert f'href="{results}/{why}">{value}<' in page
            assert f'href="{results}/{other.pk}/why/">99.0%<' in page
            asks = member == cast.vera and figures == third  # of what holds now, relief can be asked for
            assert ("ask for relief" in page) == asks
