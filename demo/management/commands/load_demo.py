"""Load the demo's organisations, contracts and figures; at once when they are there already."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from demo import log_ins
from demo.load import load


class Command(BaseCommand):
    help = "Load the demo: two clients, nine vendors, ten contracts and two years of figures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--log-ins", type=Path, help="write there who can sign in, for the demo's supervisor")

    def handle(self, *args: Any, **options: Any) -> None:
        if not load(say=self.stdout.write):
            self.stdout.write("The demo is loaded already.")
        if path := options["log_ins"]:
            log_ins.write(path, timezone.localdate())
