"""`manage.py try` as a command: what it prints where, how it ends, how numbers are written, and that nothing is kept."""

import copy
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from organisations.models import Organisation
from scorecards.trial import fixed, format_number

BANDS = [
    {"name": "Met", "at": "95", "outcome": "met", "points": 0, "score": 100},
    {"name": "Missed", "outcome": "default", "points": 1, "score": 0},
]
DOCUMENT = {
    "plumbline": 1,
    "contract": {
        "reference": "C-1",
        "title": "Straßenreinigung – 清掃",
        "vendor": {"code": "V", "name": "Vendor"},
        "starts_on": "2025-01-01",
        "ends_on": "2026-12-31",
        "currency": "GBP",
        "timezone": "UTC",
        "calendar": {"holidays": "GB-ENG"},
        "charges": {"monthly": "100.00"},
    },
    "kras": [{"code": "K", "name": "Clean", "weight": 100}],
    "service_levels": [
        {
            "code": "Ä",
            "name": "Streets",
            "kras": {"K": 100},
            "every": "month",
            "measure": {"kind": "value"},
            "terms": [{"from": "2025-01-01", "better": "higher", "bands": BANDS}],
        }
    ],
}
FIGURES = "service_level,period,value\nÄ,2025-01-01,90\n"


def document(**terms):
    changed = copy.deepcopy(DOCUMENT)
    changed["service_levels"][0]["terms"][0] |= terms
    return changed


@pytest.fixture
def run(tmp_path, db):
    """run(contract, figures, *words): exit code, standard output, standard error."""

    def running(contract, figures, *words):
        contract_path, figures_path = tmp_path / "contract.yaml", tmp_path / "figures.csv"
        contract_path.write_text(json.dumps(contract), encoding="utf-8")
        figures_path.write_text(figures, encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        code = 0
        try:
            call_command("try", str(contract_path), str(figures_path), *words, stdout=out, stderr=err)
        except SystemExit as end:
            code = end.code
        return code, out.getvalue(), err.getvalue()

    return running


def test_json_has_the_four_lists_and_keeps_nothing(run):
    code, out, err = run(DOCUMENT, FIGURES, "--format", "json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert list(answer) == ["results", "months", "rules", "scorecards"]
    judged, pending = answer["results"]
    assert judged == {
        "service_level": "Ä", "period": "2025-01-01", "value": "90.000000", "band": "Missed", "outcome": "default",
        "streak": 1, "factor": "1", "points": "1", "score": "0.00", "terms_from": "2025-01-01",
    }  # fmt: skip
    assert (pending["outcome"], pending["value"], pending["band"], pending["score"]) == ("pending", None, None, None)
    assert answer["rules"] == []
    assert not Organisation.objects.filter(name="Trial").exists()


@pytest.mark.parametrize(
    ("contract", "figures", "said"),
    [
        (
            DOCUMENT | {"colour": "red"},
            FIGURES,
            "contract.yaml cannot be used:\ncolour: unknown key `colour`; remove it.",
        ),
        (document(better="up"), FIGURES, "service_levels[0].terms[0].better: `up` is not one of higher, lower, inside"),
        (
            DOCUMENT,
            FIGURES.replace("90", '"1,000"'),
            "figures.csv cannot be used:\nline 2, value: `1,000` is not a plain",
        ),
        (DOCUMENT, FIGURES.replace("Ä", "ZZ"), "line 2, service_level: `ZZ` is not a service level of this contract"),
    ],
)
def test_bad_input_ends_with_2_and_a_message_alone(run, contract, figures, said):
    code, out, err = run(contract, figures, "--format", "json")
    assert (code, out) == (2, "")
    assert said in err


def test_what_is_hardly_meant_is_said_beside_the_output(run):
    abroad = copy.deepcopy(DOCUMENT)
    abroad["contract"]["calendar"] = {"holidays": "GB"}
    code, out, err = run(abroad, FIGURES, "--format", "json")
    assert (code, list(json.loads(out))) == (0, ["results", "months", "rules", "scorecards"])
    assert err.startswith("warning: contract.calendar.holidays: the holidays of GB depend on the subdivision")
    assert "write GB-ENG, GB-NIR, GB-SCT or GB-WLS" in err


BIG = "999999999999.999999"


@pytest.mark.parametrize(
    "contract",
    [
        document(bands=[BANDS[0], BANDS[1] | {"points": BIG}]) | {"credits": {"point": {"amount": BIG}}},
    ],
    ids=["money"],
)
def test_numbers_that_multiply_beyond_what_is_kept_are_refused(run, contract):
    code, out, err = run(contract, FIGURES, "--format", "json")
    assert (code, out) == (2, "")
    assert "The numbers become too large" in err
    assert "Use larger units" in err


def test_points_of_24_digits_are_printed_in_full(run):
    contract = document(weight="999999999999", bands=[BANDS[0], BANDS[1] | {"points": "999999999999"}])
    code, out, _ = run(contract, FIGURES, "--format", "json")
    assert code == 0
    assert json.loads(out)["results"][0]["points"] == "999999999998000000000001"


def test_a_weight_of_0_takes_the_points_and_leaves_the_default(run):
    code, out, _ = run(document(weight=0), FIGURES, "--format", "json", "--explain")
    assert code == 0
    judged = json.loads(out)["results"][0]
    assert (judged["outcome"], judged["streak"], judged["points"], judged["score"]) == ("default", 1, "0", "0.00")


@pytest.mark.parametrize("day", ["2025-13-01", "tomorrow", "31/01/2025", "20250131", "2025-W05-5", "2025-1-31"])
def test_a_day_that_is_none_is_refused_with_the_way_to_write_it(run, day):
    with pytest.raises(CommandError, match="write it as 2025-01-31"):
        run(DOCUMENT, FIGURES, "--as-of", day)


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (Decimal("0.0000005"), 6, "0.000001"),
        (Decimal("-0.0000004"), 6, "0.000000"),
        (Decimal("2.5E+3"), 2, "2500.00"),
        (Decimal("9" * 28 + ".999999999999"), 6, "1" + "0" * 28 + ".000000"),
        (None, 2, None),
    ],
)
def test_numbers_have_fixed_places_and_no_exponent(number, places, text):
    assert fixed(number, places) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("100", "100"),
        ("1E+2", "100"),
        ("2.50", "2.5"),
        ("0.000", "0"),
        ("-0.0000001", "0"),
        ("33.3333335", "33.333334"),
    ],
)
def test_plain_numbers_have_no_zeros_at_their_end(number, text):
    assert format_number(Decimal(number)) == text
