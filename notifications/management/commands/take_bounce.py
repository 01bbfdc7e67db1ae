"""A letter that came back, from the mail server's pipe."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from lib import clock
from notifications.actions import take_reports
from notifications.bounces import MOST, read_report


class Command(BaseCommand):
    help = (
        "Read a report of a letter that came back (RFC 3464) from standard input, and mark the address: let the mail server pipe "
        "what it gets for the sender's address in here. What reports no letter of ours is left alone. Exit 0 in any case, or the mail "
        "server would send a report of the report."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        report = read_report(sys.stdin.buffer.read(MOST))
        if report and take_reports(reports=[report], now=clock.database_now()):
            self.stdout.write(f"{report.address} is marked: {report.status} {report.reason}".rstrip())
        else:
            self.stdout.write("No letter of ours came back for good.")
