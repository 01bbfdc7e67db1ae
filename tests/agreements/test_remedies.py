"""One click that puts a finding right: what it says, that it is gone then, and that nothing in force changes."""

import re
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest

from agreements.findings.found import findings_of
from agreements.findings.history import said_of
from agreements.findings.remedies import Bench, to_hundred
from agreements.models import Revision
from agreements.querysets import History, LevelHistory, histories
from contracts import contract_file
from contracts.models import Contract, Period
from slas.actions import export_contract, import_contract
from tests.factories import contracts, evaluation
from tests.slas import contract_texts as texts

TODAY = date(2024, 6, 10)
DUE = {"report_due": 10}
OTHER = {"kind": "ratio", "of": "Answered", "among": "Offered", "unit": "percent"}
BAND = texts.BANDS[0]


def sound(**more):
    """A contract in which nothing is found."""
    given = texts.document(
        kras=[{"code": "REL", "name": "Reliable", "weight": 60}, {"code": "CX", "name": "Satisfied", "weight": 40}],
        service_levels=[texts.level(), texts.level("SL-02", kras={"CX": 100}, measure=OTHER)],
        **more,
    )
    given["contract"] |= DUE
    return given


def changed(path, value, **more):
    given = sound(**more)
    *steps, last = path
    here = given
    for step in steps:
        here = here[step]
    if value is None:
        del here[last]
    else:
        here[last] = value
    return given


def bench(document, first=False):
    file = contract_file.read(texts.text(document))
    return Bench(file, file.document(), TODAY, first)


TERMS = ("service_levels", 0, "terms", 0)
RULE = {"name": "Often", "over": "service_level", "count": "defaults", "window": 3, "at_least": 3, "then": "notify"}
MENDED = [
    (changed(("kras", 0, "weight"), 30), "Set 43 and 57"),
    (changed(("service_levels", 0, "kras"), {"REL": 80}), "Set Incidents on time SL-01 to 100"),
    (changed(("service_levels", 1, "kras"), {"REL": 100}), "Set 50 and 50"),
    (changed((*TERMS, "bands", 0, "outcome"), "miss"), "Make the best band met"),
    (changed((*TERMS, "bands", 0, "points"), 1), "Take its points away"),
    (changed((*TERMS, "bands", 0, "score"), 90), "Give the best band 100"),
    (changed((*TERMS, "bands", 1, "name"), "Target"), "Give each band a name of its own"),
    (changed((*TERMS, "bands", 0, "at"), "100.5"), "Set the best value that there is"),
    (changed((*TERMS, "repeat"), ["1", "0.5"]), "Write 1"),
    (changed((*TERMS, "tolerated"), {"count": 5, "window": 4}), "Look back over as many periods"),
    (changed((*TERMS, "credits_from"), "2026-04-01"), "Let credits begin with the terms"),
    (changed(("rules",), [RULE | {"at_least": 4}], rules=[]), "Set 3"),
    (changed(("rules",), [RULE | {"count": "capped_months", "at_least": 1}], rules=[],
             credits={"point": {"amount": 5}, "caps": [{"amount": 5, "over": "month"}]}), "Count over the contract"),
    (changed(("credits",), {"point": {"percent_of": "at_risk", "value": 40}, "at_risk_percent": 10}),
     "Make a point worth 25%"),
]  # fmt: skip


def test_in_a_sound_contract_nothing_is_found():
    assert findings_of(bench(sound())) == []


@pytest.mark.parametrize(("document", "label"), MENDED, ids=[label for _, label in MENDED])
@pytest.mark.parametrize("first", [False, True], ids=["in force", "first version"])
def test_the_remedy_leaves_what_is_in_force_and_is_found_no_more(document, label, first):
    """What is in force keeps its words; of what the draft says from then on the same is not found again."""
    given = bench(document, first)
    if first:
        nothing = {**given.base, "service_levels": [], "kras": [], "rules": []}
        given = Bench(given.file, nothing, TODAY, first=True)
    [one, *_] = [one for one in findings_of(given) if one.remedy and one.remedy.label == label]
    becomes = one.remedy.make()
    after = contract_file.read(contract_file.write(becomes))
    assert after.document() != given.document
    if not first:
        assert export_is_kept(given.base, becomes)
    newest = Bench(after, given.base, TODAY, first)
    assert label not in [left.remedy.label for left in findings_of(newest) if left.remedy]


def export_is_kept(base, becomes):
    """Versions are added behind those in force, and rules end; nothing else differs."""
    for level, now in zip(base["service_levels"], becomes["service_levels"], strict=True):
        assert now["terms"][: len(level["terms"])] == level["terms"] and now.get("kras") == level.get("kras")
    for rule, now in zip(base.get("rules", []), becomes.get("rules", []), strict=False):
        assert {key: value for key, value in now.items() if key != "until"} == rule
    return True


def test_an_unwritten_due_day_is_written_while_the_contract_is():
    document = changed(("contract", "report_due"), None)
    [one] = findings_of(bench(document, first=True))
    assert contract_file.read(contract_file.write(one.remedy.make())).document()["contract"]["report_due"] == "10"
    assert [left.remedy for left in findings_of(bench(document))] == [None]


def test_weights_move_to_where_nothing_is_measured_and_off_what_carries_too_much():
    document = changed(("service_levels", 1, "kras"), {})
    assert [one.remedy.label for one in findings_of(bench(document))] == ["Let SL-02 measure Satisfied"] * 2
    after = contract_file.read(contract_file.write(findings_of(bench(document))[0].remedy.make()))
    assert findings_of(Bench(after, bench(document).base, TODAY)) == []
    levels = [texts.level(f"L-{n}", kras={"REL" if n < 3 else "CX": weight}, measure={**OTHER, "among": f"Of {n}"})
              for n, weight in enumerate((70, 15, 15, 25, 25, 25, 25))]  # fmt: skip
    heavy = changed(("service_levels",), levels)
    [one] = findings_of(bench(heavy))
    assert one.remedy.label == "Set 41, 30 and 29"
    after = contract_file.read(contract_file.write(one.remedy.make()))
    assert findings_of(Bench(after, bench(heavy).base, TODAY)) == []


def test_whole_numbers_in_proportion_add_up():
    assert to_hundred([Decimal(1)] * 3) == [34, 33, 33]
    assert to_hundred([Decimal(2), Decimal(3)]) == [40, 60]


# What the months behind say ----------------------------------------------------------------------------------------


def past(values=(), volume=None, **terms):
    full = contract_file.read(texts.text(sound())).service_levels[0].terms[0].full()
    at = terms.pop("at", "95")
    full = {**full, **terms, "bands": [{**full["bands"][0], "at": at}, *full["bands"][1:]]}
    measure = {"kind": "ratio", "unit": "percent"}
    level = LevelHistory("SL-01", "On time", measure, full, [Decimal(one) for one in values], volume)
    return {one.kind: one for one in said_of(History([level]))}


def test_a_target_that_one_case_decides():
    said = past(volume=Decimal(20), at="97")["volume"].message
    assert said.startswith("Usually 20 cases: one failure is 95%, and 97% is missed.")
    assert past(volume=Decimal(20), at="95") == {}
    assert past(volume=Decimal(20), at="97", allowance=True) == {}
    assert past(volume=Decimal(20), at="97", minimum_volume="25") == {}
    assert past(volume=Decimal(20), at="97", rolling="3") == {}
    assert "volume" in past(volume=Decimal(20), at="4", better="lower")
    assert past(volume=Decimal(25), at="4", better="lower") == {}


def test_a_target_below_the_worst_or_above_the_best():
    easy = past(["97.4", "98.2", "99", "98", "97.9", "98.5"], at="95")["easy"]
    assert (
        easy.number == 97
        and "The worst of the last 6 values is 97.4%" in easy.message
        and "reaches the target" in easy.message
    )
    hard = past(["91", "92", "93.6", "90", "92", "93"], at="99")["hard"]
    assert hard.number == 93 and "99% was never reached" in hard.message
    assert past(["95.6", "95.4", "95.9", "95.2", "96", "95.5"], at="95") == {}  # less than a unit away
    assert past(["94", "96", "97", "95", "94", "97"], at="95") == {}
    assert past(["97", "98", "99", "98", "97"], at="95") == {}  # five values are too few
    assert past(["2", "2.5", "1", "2", "2", "1"], at="4", better="lower")["easy"].number == 3


def test_a_cap_that_always_cuts_and_a_rule_that_always_holds():
    def kinds(**given):
        return [one.kind for one in said_of(History(**given))]

    assert kinds(judged=12, due=3, cut=3, held={"Often": 12}) == ["cap", "held"]
    assert kinds(judged=12, due=4, cut=3, held={"Often": 11}) == []
    assert kinds(judged=5, due=2, cut=2, held={"Often": 5}) == []


@pytest.fixture
def seven(cast, scope_of, clock):
    """A contract with seven months in which a case in twenty was missed: 96 was asked for."""
    clock(datetime(2024, 12, 10, 9, tzinfo=UTC))
    document = changed((*TERMS, "bands"), [{**BAND, "at": 97}, *texts.BANDS[1:]])
    document["contract"]["vendor"] = {"code": cast.corvid.code, "name": cast.corvid.name}
    with scope_of(cast.aldermoor):
        contract = import_contract(by=None, source=texts.text(document))
        terms = contract.service_levels.get(code="SL-01").terms.get()
        for period in Period.objects.filter(contract=contract, cycle="month", starts_on__lt="2024-11-01"):
            evaluation.result(terms, period, value=95, numerator=19, denominator=20)
            evaluation.month(period, capped=True, credit=300, capped_amount=200)
    return contract


def test_the_facts_are_read_in_two_statements(seven, cast, scope_of, django_assert_num_queries):
    with scope_of(cast.aldermoor):
        now = datetime(2024, 12, 10, 9, tzinfo=UTC)
        with django_assert_num_queries(2):
            found = histories([seven.pk], now)[seven.pk]
    assert [level.code for level in found.levels] == ["SL-01", "SL-02"]
    assert (found.levels[0].values, found.levels[0].volume) == ([Decimal(95)] * 7, Decimal(20))
    assert (found.judged, found.due, found.cut, found.held) == (7, 7, 7, {})
    assert [one.kind for one in said_of(found)] == ["volume", "hard", "cap"]


# By one click ------------------------------------------------------------------------------------------------------


def key_of(page, label):
    """The key of the finding of which a button brings the remedy."""
    pattern = rf'name="finding"\s+value="([^"]+)">\s*{label}<'
    return unescape(re.search(pattern, page.content.decode())[1])


def address(contract):
    return f"contracts/{contract.pk}/findings/"


def test_a_click_begins_a_draft_and_the_next_one_goes_into_it(seven, cast, client_for, scope_of):
    petra = client_for(cast.petra)
    page = petra.get(address(seven))
    assert (
        "one failure is 95%" in page.text and "A cap cut the credit" in page.text and "Nobody is in charge" in page.text
    )
    with scope_of(cast.aldermoor):
        before = export_contract(by=None, contract=seven)
    answer = petra.post(address(seven), {"finding": key_of(page, "Allow one failure")})
    with scope_of(cast.aldermoor):
        revision = Revision.objects.select_related("draft").get()
        [_, drafted] = contract_file.read(revision.draft.document).service_levels[0].terms
        assert answer.url.endswith(f"/revisions/{revision.pk}/terms/SL-01/")
        assert (drafted.from_, drafted.allowance) == (date(2025, 1, 1), True)
        assert export_contract(by=None, contract=Contract.objects.get(pk=seven.pk)) == before
    page = petra.get(address(seven))
    assert "Put right in the draft." in page.text
    data = {"finding": key_of(page, "Set 95%"), "revision": revision.pk, "version": revision.draft.version}
    assert petra.post(address(seven), data).status_code == 302
    with scope_of(cast.aldermoor):
        revision.draft.refresh_from_db()
        assert Revision.objects.count() == 1
        newest = contract_file.read(revision.draft.document).service_levels[0].terms[-1]
    assert (newest.allowance, newest.bands[0].at) == (True, 95)


def test_what_was_put_right_or_saved_meanwhile_is_a_conflict_and_changes_nothing(seven, cast, client_for, scope_of):
    petra = client_for(cast.petra)
    key = key_of(petra.get(address(seven)), "Allow one failure")
    assert client_for(cast.marco).post(address(seven), {"finding": key}).status_code == 403
    assert petra.post(address(seven), {"finding": "volume SL-09"}).status_code == 409
    with scope_of(cast.aldermoor):
        assert not Revision.objects.exists()
    petra.post(address(seven), {"finding": key})
    again = petra.post(address(seven), {"finding": key})  # from a page without the draft
    assert again.status_code == 409 and "has a draft of this contract already" in again.text
    with scope_of(cast.aldermoor):
        revision = Revision.objects.select_related("draft").get()
    data = {"finding": key, "revision": revision.pk, "version": revision.draft.version}
    assert petra.post(address(seven), data).status_code == 409
    other = key_of(petra.get(address(seven)), "Set 95%")
    assert petra.post(address(seven), data | {"finding": other, "version": 0}).status_code == 409
    with scope_of(cast.aldermoor):
        kept = Revision.objects.select_related("draft").get().draft
    assert (kept.document, kept.version) == (revision.draft.document, revision.draft.version)


def test_a_contract_that_fits_no_file_any_more_is_said_and_not_changed(seven, cast, client_for, scope_of):
    petra = client_for(cast.petra)
    with scope_of(cast.aldermoor):
        Contract.objects.update(document={"plumbline": "1"})
    assert "cannot be read as a file" in petra.get(address(seven)).text
    assert petra.post(address(seven), {"finding": "volume SL-01"}).status_code == 422
    with scope_of(cast.aldermoor):
        assert not Revision.objects.exists()


def test_the_editor_has_the_same_buttons(seven, cast, client_for, scope_of):
    petra = client_for(cast.petra)
    petra.post(address(seven), {"finding": key_of(petra.get(address(seven)), "Allow one failure")})
    with scope_of(cast.aldermoor):
        revision = Revision.objects.select_related("draft").get()
    level = petra.get(f"revisions/{revision.pk}/terms/SL-01/")
    assert "one failure is" not in level.text and "was never reached" in level.text
    data = {"finding": key_of(level, "Set 95%"), "version": revision.draft.version}
    answer = petra.post(f"revisions/{revision.pk}/alignment/", data)
    assert answer.url.endswith("/terms/SL-01/")
    stale = petra.post(f"revisions/{revision.pk}/alignment/", data)
    assert stale.status_code == 409 and "Nothing was changed." in stale.text


def test_the_page_is_for_the_clients_people_and_says_who_is_missing(seven, cast, client_for, scope_of):
    assert client_for(cast.vera).get(address(seven)).status_code == 403
    assert "Findings and remedies" not in client_for(cast.vera).get(f"contracts/{seven.pk}/").text
    marco = client_for(cast.marco)
    assert 'name="finding"' not in marco.get(address(seven)).text
    with scope_of(cast.aldermoor):
        contracts.owner(seven, cast.marco)
    assert "as procurement officer or vendor’s contact." in marco.get(address(seven)).text


def test_the_board_counts_them(seven, cast, client_for, scope_of):
    board = client_for(cast.petra)
    assert [row["found"] for row in board.get("alignment/?show=all").context["rows"]] == [4]
    page = board.get("alignment/?show=findings")
    assert [row["found"] for row in page.context["rows"]] == [
        4
    ] and "1 contract with something worth a look" in page.text
    with scope_of(cast.aldermoor):
        Contract.objects.update(findings=[{"path": "kras", "message": "as it was found"}])
    assert [row["found"] for row in board.get("alignment/?show=findings").context["rows"]] == [5]


def test_deep_copies():
    """A remedy that is not asked for changes nothing of the draft."""
    given = bench(MENDED[0][0])
    before = deepcopy(given.document)
    for one in findings_of(given):
        if one.remedy:
            one.remedy.make()
    assert given.document == before
