"""What a message says to write: an example of the key, the nearest of the choices, the order of bands, the kind of file that it is."""

import pytest
from pydantic import ValidationError

from contracts.contract_file import BadFile, ContractFile, read
from contracts.contract_file.sentences import _inside
from tests.contracts.contract_documents import ABSENT, as_json, changed, plain, rich

TERMS = "service_levels.0.terms.0"
TERMS_SHOWN = "service_levels[0].terms[0]"
WORST_FIRST = [{"name": "B", "outcome": "default", "score": 0}, {"name": "A", "at": 1, "outcome": "met", "score": 9}]

# (where to change the document, the value, the path that the refusal names, words that it contains)
PLAIN = [
    ("service_levels.0.kras", ["REL"], "service_levels[0].kras", "not a list; write {REL: 100}"),
    ("service_levels.0.kras", ["CX", "REL"], "service_levels[0].kras", "write {CX: 100, REL: 100}"),
    (f"{TERMS}.kras", "REL", f"{TERMS_SHOWN}.kras", "write {REL: 100}"),
    ("contract.charges", "10,000", "contract.charges", "not `10,000`; write {monthly: 10000}"),
    ("contract.charges", "lots", "contract.charges", "write {monthly: 200000.00}"),
    ("contract.calendar", "GB", "contract.calendar", "write {holidays: GB-ENG}"),
    ("contract.vendor", "CORVID", "contract.vendor", "write {code: CORVID, name: Corvid Systems Ltd}"),
    (f"{TERMS}.repeat", 2, f"{TERMS_SHOWN}.repeat", "must be a list, not `2`; write [1, 2]"),
    (f"{TERMS}.repeat", 3, f"{TERMS_SHOWN}.repeat", "write [1, 3]"),
    (f"{TERMS}.tolerated", 5, f"{TERMS_SHOWN}.tolerated", "write {count: 5, window: 12}"),
    (f"{TERMS}.rounding", 2, f"{TERMS_SHOWN}.rounding", "write {places: 2}"),
    (f"{TERMS}.bands", {"Target": 99}, f"{TERMS_SHOWN}.bands", "write [{name: Target, at: 99, outcome: met, score: 100}, {name:"),
    (f"{TERMS}.bands.0", "Target", f"{TERMS_SHOWN}.bands[0]", "write {name: Target, at: 99, outcome: met, score: 100}"),
    ("kras.0", "REL", "kras[0]", "write {code: REL, name: Reliable service, weight: 60}"),
    ("service_levels.0", "SL-01", "service_levels[0]", "write its keys: code, name, every, measure, terms"),
    ("service_levels.0.terms", "x", "service_levels[0].terms", "write a list of entries with from, better, bands"),
    ("service_levels.0.measure", "ratio", "service_levels[0].measure", "write {kind: ratio, of: "),
    ("service_levels.0.measure.kind", ABSENT, "service_levels[0].measure.kind", "add one of ratio, availability, value, count"),
    (f"{TERMS}.bands.1.outcome", ABSENT, f"{TERMS_SHOWN}.bands[1].outcome", "add one of met, miss, default"),
    (f"{TERMS}.bands.1.outcome", "fail", f"{TERMS_SHOWN}.bands[1].outcome", "did you mean `default`?"),
    (f"{TERMS}.bands.0.outcome", "pass", f"{TERMS_SHOWN}.bands[0].outcome", "did you mean `met`?"),
    (f"{TERMS}.better", "up", f"{TERMS_SHOWN}.better", "did you mean `higher`?"),
]  # fmt: skip
RICH = [
    ("credits.caps", {}, "credits.caps", "not a mapping; write [{percent_of: charges, value: 10, over: month}]"),
    ("credits.caps.0.over", "quarter", "credits.caps[0].over", "did you mean `rolling_12`?"),
    ("credits.earn_back", 4, "credits.earn_back", "write {after: 4}"),
    ("credits.point", 5, "credits.point", "write {percent_of: charges, value: 5}"),
    ("credits.tariff", "linear", "credits.tariff", "write {kind: linear}"),
    ("rules.2.bands", "Bad", "rules[2].bands", "write [Serious, Severe]"),
    ("scorecard.grades", {}, "scorecard.grades", "write [{name: Good, at: 95}, {name: Inadequate}]"),
    ("service_levels.3.terms.0.bands", WORST_FIRST, "service_levels[3].terms[0].bands", "turn them round"),
]  # fmt: skip
CASES = [(plain, *case) for case in PLAIN] + [(rich, *case) for case in RICH]


def refused(text):
    with pytest.raises(BadFile) as refusal:
        read(text)
    return refusal.value


@pytest.mark.parametrize(("make", "place", "value", "path", "words"), CASES)
def test_a_refusal_says_what_to_write(make, place, value, path, words):
    error = refused(as_json(changed(make(), place, value)))
    messages = [problem.message for problem in error.problems if problem.path == path]
    assert any(words in message for message in messages), str(error)


def test_bands_that_stand_worst_first_are_one_thing_to_say():
    document = changed(plain(), f"{TERMS}.bands", plain()["service_levels"][0]["terms"][0]["bands"][::-1])
    [problem] = refused(as_json(document)).problems
    assert (problem.path, problem.message) == (
        f"{TERMS_SHOWN}.bands",
        "stand in the wrong order: the best comes first, and the last, which has no `at`, takes all that is left; turn them round",
    )


def test_every_example_of_how_to_write_a_key_is_read():
    """What a message says to write, in its place."""
    tried = 0
    for owner, model in parts(ContractFile):
        for key, name in model.keys().items():
            for example in model.model_fields[name].examples or ():
                try:
                    model.model_validate({key: example})
                except ValidationError as error:
                    wrong = [one for one in error.errors() if one["type"] != "missing" or len(one["loc"]) > 1]
                    assert wrong == [], f"{owner}.{key}"
                tried += 1
    assert tried > 25


def parts(model, seen=None):
    """All models of the format, by the name of their class."""
    seen = {} if seen is None else seen
    if model.__name__ not in seen:
        seen[model.__name__] = model
        for field in model.model_fields.values():
            for inside in _inside(field.annotation):
                parts(inside, seen)
    return seen.items()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 \xe2\xe3", "a PDF"),
        (b"PK\x03\x04....word/document.xml", "a Word document"),
        (b"PK\x03\x04....xl/workbook.xml", "an Excel workbook"),
        (b"PK\x03\x04....", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Word or Excel document, or one with a password"),
        (b"{\\rtf1\\ansi", "a Word document (RTF)"),
        (b"\x89PNG\r\n", "a picture"),
    ],
)
def test_a_document_is_called_one(content, kind):
    for size in (0, 2_000_000):
        [problem] = refused(content + bytes(size)).problems
        assert problem.message == f"this is {kind}; a contract file is YAML or JSON, so write the contract as text"
