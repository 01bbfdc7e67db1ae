"""Load the demo's organisations, contracts and figures; at once when they are there already."""

from typing import Any

from django.core.management.base import BaseCommand

from demo.load import load


class Command(BaseCommand):
    help = "Load the demo: two clients, nine vendors, ten contracts and two years of figures."

    def handle(self, *args: Any, **options: Any) -> None:
        if not load(say=self.stdout.write):
            self.stdout.write("The demo is loaded already.")
