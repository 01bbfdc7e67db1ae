"""Figures, points, scores and money are texts in every answer, exact and without needless zeros; what is counted is a number."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from drf_spectacular.generators import SchemaGenerator

from api.serializers import ExactNumber
from evaluation.models import Result

# Names and counts of things, and what is whole by definition: a program loses nothing of these.
COUNTED = {"id", "count", "member", "deputy", "contracts", "report_due", "revision", "streak", "version"} | {
    "accept_after",
    "before",
    "begins",
    "edition",
    "keep_evidence_years",
    "keep_mail_days",
    "keep_trail_years",
    "verify_after",
}
# Ids, numbers of editions and of steps, versions that were read, how many people must approve, and bytes.
COUNTED |= {
    "claim",
    "contract",
    "contract_id",
    "replaces",
    "number",
    "position",
    "decided_revision",
    "seen",
    "draft_version",
}
COUNTED |= {"breaches", "drafted", "good", "missing", "needed", "terms", "money", "dates", "size"}
# The breaches of a plan, its steps and the periods met since, the hours of a rung, and a vendor's tier, a choice that has no name.
COUNTED |= {"breach", "also", "steps_open", "met", "after", ""}


def properties(schema: dict, name: str = "") -> Iterator[tuple[str, dict]]:
    """Every leaf of a schema, by the name of the property that it belongs to."""
    if "properties" in schema:
        for key, inner in schema["properties"].items():
            yield from properties(inner, key)
    elif "items" in schema:
        yield from properties(schema["items"], name)
    else:
        yield name, schema


def numbers(answer: object, name: str = "") -> Iterator[tuple[str, int | float]]:
    if isinstance(answer, dict):
        for key, inner in answer.items():
            yield from numbers(inner, key)
    elif isinstance(answer, list):
        for inner in answer:
            yield from numbers(inner, name)
    elif isinstance(answer, int | float) and not isinstance(answer, bool):
        yield name, answer


def test_the_document_has_no_number_that_is_not_counted() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    leaves = [leaf for schema in document["components"]["schemas"].values() for leaf in properties(schema)]
    assert len(leaves) > 50
    assert [leaf for leaf in leaves if leaf[1].get("type") == "number"] == []
    assert {name for name, leaf in leaves if leaf.get("type") == "integer"} <= COUNTED
    assert [name for name, leaf in leaves if not {"type", "$ref", "allOf", "oneOf", "enum"} & leaf.keys()] == []


def test_no_answer_has_one(cast, judged, client_for, scope_of) -> None:
    contract = judged(cast.vera.vendor, score="80.125").contract
    with scope_of(cast.aldermoor):
        Result.objects.filter(contract=contract).update(points=Decimal("0.333333333333333333333"), value="80.1250")
    client, base = client_for(cast.marco), f"api/v1/contracts/{contract.pk}/"
    for path in ("results/", "months/", "scorecards/", "submissions/", ""):
        answer = json.loads(client.get(base + path).content)
        assert {name for name, _ in numbers(answer)} <= COUNTED
    row = json.loads(client.get(base + "results/").content)["results"][0]
    assert (row["points"], row["value"]) == ("0.333333333333333333333", "80.125")
    (kra,) = json.loads(client.get(base + "scorecards/").content)["results"][0]["kras"]
    assert (kra["kra"], kra["score"], kra["levels"][0]["service_level"]) == ("REL", "90", "SL-01")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("92.50", "92.5"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("-0.00", "0"),
        ("-1.250", "-1.25"),
        ("0.000000000001", "0.000000000001"),
    ],
)
def test_a_number_is_written_with_all_its_decimals_and_no_more(number: str, text: str) -> None:
    assert ExactNumber().to_representation(Decimal(number)) == text
