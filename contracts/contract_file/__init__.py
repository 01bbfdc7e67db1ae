"""The contract file: a contract as one YAML or JSON text that can be kept, compared, imported and tried."""

from contracts.contract_file.file import ContractFile, read
from contracts.contract_file.problems import BadFile, Problem
from contracts.contract_file.writing import json_schema, write

__all__ = ["BadFile", "ContractFile", "Problem", "json_schema", "read", "write"]
