"""The data behind a review pack as tables, for whoever goes on with them: exact numbers, not what pages round."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lib.status_styles import style_for
from scorecards.review.facts import ContractFacts
from scorecards.snapshot import exact

Table = dict[str, Any]  # name, columns as [label, kind], rows of texts or None; kind: text, number or date


def tables_of(contracts: Sequence[ContractFacts]) -> list[Table]:
    """Results, months and breaches of the pack's months. Numbers are texts with all their decimals, so that they can be kept as JSON."""
    return [_months(contracts), _results(contracts), _breaches(contracts)]


def _months(contracts: Sequence[ContractFacts]) -> Table:
    rows = []
    for facts in contracts:
        for month in facts.months:
            card, money, editions = facts.cards.get(month), facts.money.get(month), facts.editions.get(month, [])
            values = [
                exact(card.score) if card else None,
                (card.grade or "") if card else "",
                *(exact(value) for value in ((money.points, money.charges, money.at_risk) if money else (None,) * 3)),
                *(
                    exact(value)
                    for value in ((money.credit, money.capped_amount, money.earned_back) if money else (None,) * 3)
                ),
            ]
            edition = str(editions[0].edition) if editions else None
            rows.append([facts.contract.reference, month.isoformat(), *values, facts.contract.currency, edition])
    return {
        "name": "Months",
        "columns": [
            ["Contract", "text"],
            ["Month", "date"],
            ["Score", "number"],
            ["Grade", "text"],
            ["Penalty points", "number"],
            ["Charges", "number"],
            ["At risk", "number"],
            ["Credit", "number"],
            ["Not charged (cap)", "number"],
            ["Earned back", "number"],
            ["Currency", "text"],
            ["Published edition", "number"],
        ],
        "rows": rows,
    }


def _results(contracts: Sequence[ContractFacts]) -> Table:
    rows = []
    for facts in contracts:
        for level in facts.levels:
            for slot in level.results:
                if not facts.first <= slot.month <= facts.last:
                    continue
                terms = level.versions.get(slot.terms_id)
                rows.append(
                    [
                        facts.contract.reference,
                        level.level.code,
                        level.level.name,
                        slot.starts_on.isoformat(),
                        slot.ends_on.isoformat(),
                        exact(slot.value),
                        level.unit,
                        style_for(slot.outcome).word,
                        *(
                            exact(side) if isinstance(side, Decimal) else None
                            for side in (slot.numerator, slot.denominator)
                        ),
                        str(terms.version) if terms else None,
                        str(slot.revision),
                    ]
                )
    return {
        "name": "Results",
        "columns": [
            ["Contract", "text"],
            ["Service level", "text"],
            ["Name", "text"],
            ["From", "date"],
            ["To", "date"],
            ["Value", "number"],
            ["Unit", "text"],
            ["Outcome", "text"],
            ["Numerator", "number"],
            ["Denominator", "number"],
            ["Terms", "number"],
            ["Revision", "number"],
        ],
        "rows": rows,
    }


def _breaches(contracts: Sequence[ContractFacts]) -> Table:
    rows = [
        [
            facts.contract.reference,
            breach.service_level.code,
            breach.starts_on.isoformat(),
            breach.get_status_display(),
            facts.contract.day(breach.opened_at).isoformat(),
            breach.acknowledged_by_name,
        ]
        for facts in contracts
        for breach in facts.breaches
    ]
    columns = [
        ["Contract", "text"],
        ["Service level", "text"],
        ["Period from", "date"],
        ["State", "text"],
        ["Opened", "date"],
        ["Acknowledged by", "text"],
    ]
    return {"name": "Breaches", "columns": columns, "rows": rows}
