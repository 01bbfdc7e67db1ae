"""A contract with a service level of each measure, and what is wrong with a figures file for it."""

import pytest

from contracts.contract_file import read as read_contract
from measurements.figures_file import BadFigures, expectations, read
from tests.contracts.contract_documents import as_json, rich


def contract():
    """SL-01 monthly ratio in percent from 2025-01-15; SL-02 quarterly availability in working hours; SL-03 value in
    custom periods; SL-04 weekly count; SL-05 monthly mean; SL-06 monthly uptime."""
    document = rich()
    document["service_levels"][2]["measure"]["unit"] = "points"
    document["service_levels"][2]["terms"][0]["from"] = "2025-02-01"
    terms = document["service_levels"][3]["terms"]
    document["service_levels"] += [
        {"code": "SL-05", "name": "Wait", "every": "month", "terms": terms,
         "measure": {"kind": "ratio", "unit": "seconds", "scale": 1}},
        {"code": "SL-06", "name": "Uptime", "every": "month", "terms": terms,
         "measure": {"kind": "availability", "maintenance": "uptime"}},
    ]  # fmt: skip
    return expectations(read_contract(as_json(document)))


CONTRACT = contract()


def problems_of(source, filename="figures.csv"):
    with pytest.raises(BadFigures) as refusal:
        read(source, filename, CONTRACT)
    return refusal.value.problems
