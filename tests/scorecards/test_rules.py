"""When a month can be published, and what two of its editions differ in."""

from scorecards.rules import checks, checksum_of, differences

COUNTS = {"late": 0, "returned": 0, "submitted": 0, "due": 0, "not_due": 0, "accepted": 8}


def level(code="SD-01", **fields):
    given = {"code": code, "name": "Calls answered", "starts_on": "2024-04-01", "period": "2024-04", "shown": "92.0%"}
    return {**given, "outcome": "met", "points": "0", "share": "0", **fields}


def lacking(**fields):
    built = fields.pop("built", True)
    unjudged = fields.pop("unjudged", 0)
    return [check.text for check in checks({**COUNTS, **fields}, unjudged, built=built) if not check.done]


def test_a_month_is_published_when_every_expected_figure_is_accepted_and_judged():
    assert lacking() == []
    assert lacking(accepted=6, late=2) == ["6 of 8 figures accepted", "2 figures late"]
    assert lacking(accepted=7, submitted=1) == [
        "7 of 8 figures accepted",
        "1 figure submitted, to be accepted or returned",
    ]
    assert lacking(accepted=0, not_due=8)[1] == "8 figures cannot be reported yet: the period is still running"
    assert lacking(unjudged=3) == ["3 of the results not judged yet"]
    assert lacking(built=False) == ["The month is being calculated; this takes a minute at most"]
    assert lacking(accepted=0) == ["No figures are expected for this month, so there is nothing to publish"]


def test_a_checksum_is_of_what_is_said_and_not_of_its_order():
    one, same = {"score": "66.25", "points": "21"}, {"points": "21", "score": "66.25"}
    assert checksum_of(one) == checksum_of(same)
    assert checksum_of(one) != checksum_of({**one, "points": "20"})


def test_editions_differ_in_what_is_judged_otherwise():
    before = {"levels": [level(), level("SD-02"), level("SD-03")]}
    after = {"levels": [level(), level("SD-02", points="1", outcome="default"), level("SD-04")]}
    found = differences(before, after)
    assert [(one.code, one.before is None, one.after is None) for one in found] == [
        ("SD-02", False, False),
        ("SD-04", True, False),
        ("SD-03", False, True),
    ]
    assert differences(before, before) == []
