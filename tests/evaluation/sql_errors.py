"""Deliberate errors in the judgement's SQL, each of which the tests must catch.

`python -m tests.evaluation.sql_errors` applies them one by one and prints which case or random contract catches each.
"""

import sys
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class SqlError:
    """An error: a text of a file of evaluation/sql and what stands there instead; each text stands there exactly once.

    `caught_by`: the id of an acceptance case, or "random contract", which must notice.
    """

    name: str
    file: str
    replacements: tuple[tuple[str, str], ...]
    caught_by: str = ""


def error(name, file, *texts, caught_by=""):
    """`texts`: what is there and what comes in its place, in turns."""
    return SqlError(name, file, tuple(zip(texts[::2], texts[1::2], strict=True)), caught_by)


ERRORS = [
    # slots and facts
    error(
        "a period's points belong to the month in which it begins",
        "slots.sql",
        "p.id AS period_id, p.starts_on, p.month,",
        "p.id AS period_id, p.starts_on, date_trunc('month', p.starts_on)::date AS month,",
        caught_by="quarterly-level-in-its-month-only",
    ),
    error(
        "relief leaves one side of a ratio only",
        "part.sql",
        "greatest(f.denominator - CASE s.relief WHEN 'exclude' THEN x.relieved ELSE 0 END, 0)",
        "f.denominator",
        caught_by="relief-leaves-or-counts-as-good",
    ),
    error(
        "a slot that was not reported counts as 0",
        "part.sql",
        "WHEN f.submission_id IS NULL THEN NULL",
        "WHEN false THEN NULL",
        caught_by="random contract",
    ),
    error(
        "parts are averaged where they should be summed",
        "slots.sql",
        "m.kind IN ('value', 'count') OR m.roll_up = 'mean' AS averaged",
        "true AS averaged",
        "m.roll_up = 'mean' AS mean_of_parts",
        "m.kind IN ('ratio', 'availability') OR m.roll_up = 'mean' AS mean_of_parts",
        caught_by="sites-summed-or-averaged",
    ),
    # value, guards, band
    error(
        "a rolling value looks back one period too far",
        "results.sql",
        "lag(s.good_so_far, s.rolling, 0)",
        "lag(s.good_so_far, s.rolling + 1, 0)",
        "lag(s.base_so_far, s.rolling, 0)",
        "lag(s.base_so_far, s.rolling + 1, 0)",
        caught_by="rolling-three-of-a-ratio",
    ),
    error(
        "division in floating point",
        "results.sql",
        "round(round(v.good * t.scale, 60) / v.base, 54)",
        "((v.good * t.scale)::float8 / v.base::float8)::numeric",
        caught_by="great-numbers-stay-exact",
    ),
    error(
        "not measured on the due day already",
        "results.sql",
        "m.submission_id IS NULL AND m.as_of <= m.due_on",
        "m.submission_id IS NULL AND m.as_of < m.due_on",
        caught_by="due-scotland-second-of-january",
    ),
    error(
        "half up becomes truncation",
        "results.sql",
        "WHEN 'half_up' THEN round(m.measured, m.places)",
        "WHEN 'half_up' THEN trunc(m.measured, m.places)",
        caught_by="rounding-half-up-and-cut-off",
    ),
    error(
        "rounding where none is stated",
        "results.sql",
        "THEN trunc(m.measured, m.places) ELSE m.measured END",
        "THEN trunc(m.measured, m.places) ELSE round(m.measured, 2) END",
        caught_by="thirds-compare-exactly",
    ),
    error(
        "thresholds are exclusive",
        "results.sql",
        "width_bucket(g.value, g.low_rising)",
        "CASE WHEN g.low_rising IS NOT NULL THEN (SELECT count(*)::int FROM unnest(g.low_rising) AS e (at) WHERE e.at < g.value) END",
        caught_by="uk-edges-of-all-bands",
    ),
    error(
        "the low-volume allowance may be no case at all",
        "results.sql",
        "<= greatest(1, floor(g.whole_base * (100 - g.low[1]) / 100))",
        "<= floor(g.whole_base * (100 - g.low[1]) / 100)",
        caught_by="allowance-for-few-cases",
    ),
    error(
        "no volume is always met",
        "results.sql",
        "WHEN g.state = 'no_volume' AND g.no_volume = 'met' THEN 1",
        "WHEN g.state = 'no_volume' THEN 1",
        caught_by="no-volume-as-the-terms-say",
    ),
    # outcome, streak, points
    error(
        "one miss more is tolerated",
        "results.sql",
        "c.failures >= s.tolerated",
        "c.failures > s.tolerated",
        caught_by="tolerated-second-in-three",
    ),
    error(
        "misses are tolerated over one period more",
        "results.sql",
        "lag(f.misses, f.tolerated_window, 0::bigint)",
        "lag(f.misses, f.tolerated_window + 1, 0::bigint)",
        caught_by="tolerated-second-in-three",
    ),
    error(
        "an exempt slot always resets the streak",
        "results.sql",
        "THEN s.exempt_breaks",
        "THEN true",
        caught_by="exempt-neutral-and-reset",
    ),
    error(
        "a version of the terms breaks the streak",
        "results.sql",
        "PARTITION BY d.service_level_id ORDER BY d.starts_on ROWS",
        "PARTITION BY d.service_level_id, d.terms_no ORDER BY d.starts_on ROWS",
        "PARTITION BY n.service_level_id ORDER BY n.starts_on ROWS",
        "PARTITION BY n.service_level_id, n.terms_no ORDER BY n.starts_on ROWS",
        caught_by="run-goes-on-across-terms",
    ),
    error(
        "repeats compound",
        "results.sql",
        "THEN t.repeat[least(b.consecutive_defaults, cardinality(t.repeat))] ELSE 1 END",
        "THEN t.repeat[least(b.consecutive_defaults, cardinality(t.repeat))] ^ greatest(b.consecutive_defaults - 1, 1) ELSE 1 END",
        caught_by="uk-repeat-of-three-factors",
    ),
    error(
        "steps are rounded up where they go down",
        "results.sql",
        "WHEN 'down' THEN floor(x.n)",
        "WHEN 'down' THEN ceil(x.n)",
        caught_by="steps-down-up-and-not-rounded",
    ),
    error(
        "a linear score runs towards the wrong end of a pair",
        "results.sql",
        "WHEN r.value < t.low[r.band - 1]",
        "WHEN r.value < t.low[r.band]",
        caught_by="linear-on-both-sides-of-a-range",
    ),
    # money
    error(
        "of one incident the smallest counts",
        "credit.sql",
        "ORDER BY r.points DESC, r.code",
        "ORDER BY r.points, r.code",
        caught_by="one-incident-counts-once",
    ),
    error(
        "points before credits_from earn money",
        "credit.sql",
        "WHEN p.starts_on >= p.credits_from THEN p.counted ELSE 0",
        "WHEN true THEN p.counted ELSE 0",
        caught_by="credits-begin-later",
    ),
    error(
        "bedding-in is one month off",
        "credit.sql",
        "'bedding_in', m.nth::text",
        "'bedding_in', (m.nth + 1)::text",
        caught_by="bedding-in-of-three-months",
    ),
    error(
        "a cap cuts the points",
        "credit.sql",
        "SELECT d.contract_id, a.vendor_id, d.month, d.points,",
        "SELECT d.contract_id, a.vendor_id, d.month, least(d.points, i.headroom) AS points,",
        caught_by="two-caps-the-narrower-cuts",
    ),
    error(
        "contract years begin in January",
        "versions.sql",
        "PARTITION BY m.contract_id, m.nth / 12)",
        "PARTITION BY m.contract_id, extract(year FROM m.month))",
        caught_by="cap-of-a-contract-year-in-percent",
    ),
    error(
        "a rolling cap forgets a month too early",
        "credit.sql",
        "[greatest(cardinality(i.recent) - 9, 1):]",
        "[greatest(cardinality(i.recent) - 8, 1):]",
        caught_by="uk-window-of-the-cap-moves-on",
    ),
    error(
        "a cap that is reached exactly is not reached",
        "credit.sql",
        "d.amount >= x.headroom",
        "d.amount > x.headroom",
        caught_by="cap-reached-exactly",
    ),
    error(
        "a credit of just the minimum is issued",
        "credit.sql",
        "x.after_caps <= d.minimum",
        "x.after_caps < d.minimum",
        caught_by="cloud-small-credits",
    ),
    error(
        "what a cap cuts is not forgone",
        "credit.sql",
        "round(i.before_caps, d.minor_unit) - round(i.after_caps, d.minor_unit) AS capped_amount",
        "0::numeric AS capped_amount",
        caught_by="cloud-minimum-after-the-cap",
    ),
    error(
        "a credit returns though one of the periods was not met",
        "credit.sql",
        "AND f.mets = e.back_mets",
        "AND f.mets >= e.back_mets - 1",
        caught_by="earn-back-after-two-good-periods",
    ),
    error(
        "a year's credit returns while a period of it is open",
        "credit.sql",
        "y.year = m.nth / 12 AND NOT y.open",
        "y.year = m.nth / 12",
        caught_by="earn-back-not-while-a-slot-is-pending",
    ),
    # versions
    error(
        "a year's credit returns whatever version issued it",
        "credit.sql",
        "AND m.month = c.month AND m.earn_yearly",
        "AND m.month = c.month",
        caught_by="versions-yearly-average-by-the-version-that-issued",
    ),
    error(
        "what is at risk in twelve months is this month's, twelve times",
        "versions.sql",
        "sum(m.at_risk) OVER recent AS at_risk_12",
        "m.at_risk * 12 AS at_risk_12",
        caught_by="versions-percent-caps-take-each-month-as-it-was",
    ),
    error(
        "a rule sees what ended in its first month before its first day",
        "watched.sql",
        "WHERE x.rule_no IS NULL",
        "WHERE true",
        caught_by="versions-rule-from-the-middle-of-a-month",
    ),
    error(
        "a rule holds in the month in which it ends",
        "triggered_rules.sql",
        "m.month + interval '1 month' <= u.holds_until + interval '1 day'",
        "m.month <= u.holds_until",
        caught_by="versions-rule-until-a-day",
    ),
    error(
        "a KRA that has ended is scored",
        "scores.sql",
        "coalesce(k.ends_on < d.last_day, false) AS ended",
        "false AS ended",
        caught_by="versions-a-kra-ends",
    ),
    error(
        "a service level serves after its end",
        "scores.sql",
        "AND (v.ends_on IS NULL OR v.ends_on >= d.month)",
        "AND true",
        caught_by="versions-a-service-level-ends",
    ),
    # rules
    error(
        "a rule looks back one period too far",
        "triggered_rules.sql",
        "WHEN 'defaults' THEN s.hits - lag(s.hits, s.window, 0::bigint)",
        "WHEN 'defaults' THEN s.hits - lag(s.hits, s.window + 1, 0::bigint)",
        caught_by="rule-at-least-and-more-than",
    ),
    error(
        "a rule over weeks looks at the least of a month",
        "triggered_rules.sql",
        "max(w.measured) AS measured",
        "min(w.measured) AS measured",
        caught_by="rule-over-weeks-holds-in-the-month-in-which-it-once-held",
    ),
    error(
        "a share counts slots and not service levels",
        "triggered_rules.sql",
        "GROUP BY contract_id, rule_no, month, service_level_id\n        ) AS l",
        "GROUP BY contract_id, rule_no, month, service_level_id, starts_on\n        ) AS l",
        caught_by="share-of-service-levels-not-of-slots",
    ),
    error(
        "a rule that says more than holds at just that",
        "triggered_rules.sql",
        "round(m.measured, 42) > u.more_than",
        "round(m.measured, 42) >= u.more_than",
        caught_by="rule-at-least-and-more-than",
    ),
    # scorecard
    error(
        "a quarterly service level is missing in January",
        "scores.sql",
        "count(p.measured) > 0 AS due",
        "true AS due",
        caught_by="quarterly-level-in-its-month-only",
    ),
    error(
        "points near a round number are taken for it",
        "credit.sql",
        "trim_scale(round(sum(earning), 42)) AS earning",
        "round(sum(earning), 9) AS earning",
        caught_by="a-ten-thousand-millionth-of-a-point",
    ),
    error(
        "an exempt value is in the yearly average",
        "credit.sql",
        "/ nullif(count(r.value) FILTER (WHERE r.outcome <> 'exempt'), 0), 42)",
        "/ nullif(count(r.value), 0), 42)",
        caught_by="an-exempt-period-is-in-no-yearly-average",
    ),
    error(
        "a rolling count is a mean",
        "results.sql",
        "WHEN t.totalled THEN round(v.own, 54)",
        "WHEN false THEN round(v.own, 54)",
        caught_by="counts-summed-relieved-rolled",
    ),
    error(
        "missing is a hundred per cent",
        "scores.sql",
        "WHEN 'full' THEN 100 END::numeric",
        "ELSE 100 END::numeric",
        caught_by="missing-excluded",
    ),
    error(
        "coverage does not see what is missing",
        "scores.sql",
        "r.measured::int::numeric AS measured",
        "1.0 AS measured",
        caught_by="missing-excluded",
    ),
    error(
        "grades look at the rounded score",
        "scores.sql",
        "coalesce(n.score >=",
        "coalesce(round(n.score, 0) >=",
        caught_by="grade-of-the-unrounded-score",
    ),
]


class Table:
    """A plugin of pytest that keeps what the tests of the errors record."""

    def __init__(self):
        self.rows = []

    def pytest_runtest_logreport(self, report):
        found = dict(report.user_properties)
        if report.when == "call" and "error" in found:
            self.rows.append((found["error"], found.get("caught by", "NOTHING")))


def main():
    table = Table()
    code = pytest.main(["tests/evaluation/test_sql_errors.py", "-q", "-p", "no:randomly", *sys.argv[1:]], [table])
    width = max((len(name) for name, _ in table.rows), default=0)
    for name, caught_by in table.rows:
        print(f"{name.ljust(width)} → {caught_by}")
    return code


if __name__ == "__main__":
    sys.exit(main())
