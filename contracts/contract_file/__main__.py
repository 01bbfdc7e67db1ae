"""Prints the JSON Schema of contract files: `python -m contracts.contract_file > docs/contract-file.schema.json`."""

import json
import sys

from contracts.contract_file.writing import json_schema

sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
