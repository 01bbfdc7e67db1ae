"""Several contracts that are live, of two vendors, for changes of many at once. It is the 10th of June 2024."""

from datetime import date
from decimal import Decimal

from agreements.actions import begin_bulk, work_out_due
from contracts.models import Contract
from evaluation.actions import judge_due
from measurements.actions import import_figures
from measurements.figures_file import FigureRow
from scorecards.actions import build_due
from slas.actions import import_contract
from tests.agreements.revised import JUNE
from tests.slas import contract_texts as texts

APRIL, JULY_1 = date(2024, 4, 1), date(2024, 7, 1)
CREDITS = {"point": {"percent_of": "charges", "value": "1"}}
GIVEN = {"title": "Charges up 3.4%", "reason": "As clause 12 says.", "day": JULY_1}
RAISE = GIVEN | {"kind": "charges", "change": {"percent": "3.4"}}
STRICTER = GIVEN | {"kind": "target", "change": {"metric": "ITSM-04", "target": "97", "bands": "keep"}}


def write(reference: str, vendor, on_time: int = 92, metric: str = "ITSM-04", **contract) -> Contract:
    """A contract with April judged: `on_time` of 100 cases of SL-01, which measures `metric`."""
    document = texts.document(credits=CREDITS)
    document["contract"] |= {"reference": reference, "vendor": {"code": vendor.code, "name": vendor.name}, **contract}
    document["service_levels"][0]["metric"] = metric
    made = import_contract(by=None, source=texts.text(document))
    report(made, on_time)
    return made


def report(contract: Contract, on_time: int, reason: str = "", month: date = APRIL) -> None:
    row = FigureRow(2, "SL-01", month, numerator=Decimal(on_time), denominator=Decimal(100))
    import_figures(by=None, contract=contract, rows=[row], reason=reason, accept=True, now=JUNE)
    judge_due(now=JUNE)
    build_due(now=JUNE)


def worked_out(acting, cast, contracts, **given):
    """A bulk revision of Petra's over contracts, worked out to its end."""
    bulk = acting(cast.petra, begin_bulk, contracts=[one.pk for one in contracts], **given)
    with acting.scope_of(cast.aldermoor):
        while work_out_due(now=JUNE):
            pass
    return bulk
