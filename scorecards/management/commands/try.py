"""`manage.py try CONTRACT FIGURES`: judge figures under a contract file and keep nothing."""

import json
import sys
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from contracts import contract_file
from contracts.contract_file import BadFile, lint
from lib.errors import Refused
from measurements import figures_file
from measurements.figures_file import BadFigures
from scorecards.trial import try_contract
from scorecards.trial_report import tables


def day(text: str) -> date:
    """A day as the files write it; Python would read other forms of ISO 8601 as well, such as 20250131 and 2025-W05-5."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise ArgumentTypeError(f"{text} is not a day; write it as 2025-01-31")
    return found


class Command(BaseCommand):
    help = "Judge figures under a contract file, without keeping anything. Exit 2 with messages on bad input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("contract", type=Path, help="contract file, YAML or JSON")
        parser.add_argument("figures", type=Path, help="figures file, CSV or XLSX")
        parser.add_argument(
            "--as-of", type=day, help="the day asked; by default the day after the last reported due day"
        )
        parser.add_argument("--format", choices=["table", "json"], default="table")
        parser.add_argument("--explain", action="store_true", help="say of each result why it is so")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = contract_file.read(options["contract"].read_bytes())
            rows = figures_file.read(
                options["figures"].read_bytes(), options["figures"].name, figures_file.expectations(file)
            )
            output = try_contract(file, rows, options["as_of"], explained=options["explain"])
        except OSError as missing:
            self.refuse(f"{missing.filename}: {missing.strerror}")
        except BadFile as bad:
            self.refuse(f"{options['contract']} cannot be used:\n{bad}")
        except BadFigures as bad:
            self.refuse(f"{options['figures']} cannot be used:\n{bad}")
        except Refused as refused:
            self.refuse(refused.sentence)
        for warning in lint.lint(file):
            self.stderr.write(f"warning: {warning}")
        if options["format"] == "json":
            self.stdout.write(json.dumps(output, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(tables(output))

    def refuse(self, message: str) -> None:
        self.stderr.write(message)
        sys.exit(2)
