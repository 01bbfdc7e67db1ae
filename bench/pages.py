"""Every page of a large organisation, beside a bare view with one query in the same process and the same run.

One web process with one worker serves both in turn, so that what else the machine does slows both; with `--processor` only what the two
processes work counts, which other work hardly changes. A page may take 5 times the bare view in the median and 6 times in the 95th
percentile, 12 statements, and 60 KB of HTML.
"""

import argparse
import gzip
import http.client
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from bench import firm
from organisations.models import User

MEDIAN, TAIL, STATEMENTS, KILOBYTES = 5, 6, 12, 60


@dataclass
class Page:
    """An address, who looks at it, and what was measured: seconds of each request and of the bare one just before it."""

    name: str
    who: str
    path: str
    times: list[float] = field(default_factory=list)
    size: int = 0
    sent: int = 0
    statements: int = 0
    in_statements: float = 0

    def row(self, floor: float) -> str:
        median, tail = statistics.median(self.times) / floor, _tail(self.times) / floor
        kilobytes, sent = self.size / 1000, self.sent / 1000
        over = [
            name
            for name, value, most in (
                ("median", median, MEDIAN),
                ("p95", tail, TAIL),
                ("queries", self.statements, STATEMENTS),
                ("KB", kilobytes, KILOBYTES),
            )
            if value > most
        ]
        return (
            f"| {self.name:<22} | {median:5.1f} × | {tail:5.1f} × | {statistics.median(self.times) * 1000:6.1f} | "
            f"{self.in_statements * 1000:6.1f} | {self.statements:7} | {kilobytes:5.1f} | {sent:5.1f} | {', '.join(over):<12} |"
        )


HEAD = (
    "| page                   |  median |     p95 |     ms | ms SQL | queries |    KB |  sent | over         |\n"
    "|------------------------|--------:|--------:|-------:|-------:|--------:|------:|------:|--------------|"
)


def main(options: argparse.Namespace) -> None:
    scale = firm.SMALL if options.small else firm.LARGE
    firm.prepare(scale, lambda text: print(text, flush=True))
    pages = [
        page for page in _pages() if not options.only or any(word in page.name for word in options.only.split(","))
    ]
    with _served() as port:
        cookies = {page.who: _session(page.who) for page in pages}
        floors = _measure(port, pages, cookies, options)
    floor = statistics.median(floors)
    print(
        f"pages: {scale.contracts} contracts, {scale.contracts * firm.LEVELS:,} service levels, {firm.MONTHS} months, beside "
        f"{scale.others} organisations of {scale.contracts_of_others} contracts; {scale.results:,} results\n"
        f"one worker; {options.requests} requests of each page, each after one of a bare view with one query: "
        f"{'processor time, ' if options.processor else ''}median "
        f"{floor * 1000:.1f} ms, 95th percentile {_tail(floors) * 1000:.1f} ms\n{HEAD}"
    )
    for page in pages:
        print(page.row(floor))


def _pages() -> list[Page]:
    """The addresses, with the last month that is over, whose worst contract has the most to show. Lists that the world has nothing
    for, disputes and revisions, are measured empty."""
    [(contract, month)] = firm.rows(
        """SELECT m.contract_id, m.month FROM evaluation_month AS m
        WHERE m.organisation_id = %s AND m.final ORDER BY m.month DESC, m.points DESC LIMIT 1"""
    )
    [(result, code)] = firm.rows(
        """SELECT r.id, s.code FROM evaluation_result AS r JOIN slas_servicelevel AS s ON s.id = r.service_level_id
        WHERE r.organisation_id = %s AND r.contract_id = %s AND r.month = %s ORDER BY r.points DESC LIMIT 1""",
        contract,
        month,
    )
    [(breach,)] = firm.rows(
        "SELECT id FROM breaches_breach WHERE organisation_id = %s ORDER BY month DESC, id DESC LIMIT 1"
    )
    [(waiting,)] = firm.rows(
        "SELECT id FROM measurements_submission WHERE organisation_id = %s AND status = 'submitted' ORDER BY id LIMIT 1"
    )
    [(mine, my_contract)] = firm.rows(
        """SELECT b.id, b.contract_id FROM measurements_submission AS b
        WHERE b.organisation_id = %s AND b.vendor_id = (SELECT vendor_id FROM organisations_membership WHERE email = %s)
        ORDER BY b.month DESC, b.status = 'submitted' DESC, b.id LIMIT 1""",
        firm.REPORTER,
    )
    [(vendor,)] = firm.rows(
        """SELECT v.code FROM contracts_contract AS c JOIN organisations_vendor AS v ON v.id = c.vendor_id
        WHERE c.organisation_id = %s AND c.id = %s""",
        contract,
    )
    staff = _for_staff(f"{month:%Y-%m}", contract, code, result, breach, waiting, vendor)
    theirs = _for_vendor(f"{month:%Y-%m}", my_contract, mine)
    return [
        Page(name, who, path)
        for who, pages in ((firm.MANAGER, staff), (firm.REPORTER, theirs))
        for name, path in pages.items()
    ]


def _for_staff(
    period: str, contract: int, code: str, result: int, breach: int, waiting: int, vendor: str
) -> dict[str, str]:
    return {
        "portfolio": "portfolio/",
        "vendors": "vendors/",
        "contracts": "contracts/",
        "contract": f"contracts/{contract}/",
        "service level": f"contracts/{contract}/service-levels/{code}/",
        "scorecard": f"contracts/{contract}/scorecard/?period={period}",
        "scorecard, running": f"contracts/{contract}/scorecard/?period={timezone.localdate():%Y-%m}",
        "explanation": f"results/{result}/why/",
        "month explained": f"why/{contract}/{period}/",
        "publication": f"contracts/{contract}/{period}/publication/",
        "review packs": "review-packs/",
        "breaches": "breaches/",
        "breach": f"breaches/{breach}/",
        "ledger": f"contracts/{contract}/credits/",
        "submissions": "submissions/",
        "submission": f"submissions/{waiting}/",
        "inbox": "inbox/",
        "month": "month/",
        "vendor": f"vendors/{vendor}/",
        "search": "search/?q=vendor",
        "disputes": "disputes/",
        "triggered rules": "triggered/",
        "revisions": "revisions/",
        "people": "people/",
    }


def _for_vendor(period: str, my_contract: int, mine: int) -> dict[str, str]:
    return {
        "scorecards, vendor": "scorecards/",
        "scorecard, vendor": f"contracts/{my_contract}/scorecard/?period={period}",
        "figures, vendor": "figures/",
        "submission, vendor": f"submissions/{mine}/",
        "inbox, vendor": "inbox/",
        "breaches, vendor": "breaches/",
        "disputes, vendor": "disputes/",
        "contract, vendor": f"contracts/{my_contract}/",
        "month sheet, vendor": f"contracts/{my_contract}/figures/enter/?period={timezone.localdate():%Y-%m}",
    }


def _measure(port: int, pages: list[Page], cookies: dict[str, str], options: argparse.Namespace) -> list[float]:
    """Fill in what was measured; returns the seconds of the bare view."""
    floors = []
    for page in pages:
        _get(port, page.path, cookies[page.who], {})  # templates and statements are made ready
        _, _, headers = _get(port, page.path, cookies[page.who], {"X-Count": "1"})
        page.statements, page.in_statements = int(headers["X-Statements"]), float(headers["X-Statements-Seconds"])
        _, sent, headers = _get(port, page.path, cookies[page.who], {"Accept-Encoding": "gzip"})
        page.sent = len(sent)
        page.size = len(gzip.decompress(sent) if headers.get("Content-Encoding") == "gzip" else sent)
    for _ in range(options.requests):
        for page in pages:
            floors.append(_taken(port, "bare/", cookies[page.who], options.processor))
            page.times.append(_taken(port, page.path, cookies[page.who], options.processor))
    return floors


def _taken(port: int, path: str, cookie: str, processor: bool) -> float:
    """Seconds of a request: by the clock, or the processor time of the web process and its database session."""
    if not processor:
        return _get(port, path, cookie, {})[0]
    return float(_get(port, path, cookie, {"X-Processor": "1"})[2]["X-Processor-Seconds"])


def _get(port: int, path: str, cookie: str, more: dict[str, str]) -> tuple[float, bytes, http.client.HTTPMessage]:
    start = time.perf_counter()
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    browser.request("GET", f"/o/{firm.SLUG}/{path}", headers={"Cookie": cookie, **more})
    answer = browser.getresponse()
    body = answer.read()
    browser.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: see the web process's messages above.")
    return time.perf_counter() - start, body, answer.headers


def _session(email: str) -> str:
    """The cookie of somebody who has signed in."""
    user = User.objects.get(email=email)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@contextmanager
def _served() -> Iterator[int]:
    """One web process with one worker on a free port."""
    command = [sys.executable, "-m", "gunicorn", "bench.serving:application", "--workers", "1", "--bind", "127.0.0.1:0"]
    log = Path(os.environ["BENCH_FOLDER"]) / "web.log"
    with log.open("w") as file:
        web = subprocess.Popen([*command, "--log-level", "info"], stdout=file, stderr=file)
    try:
        yield _port(log, web)
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(20)


def _port(log: Path, web: subprocess.Popen[bytes]) -> int:
    for _ in range(300):
        for line in log.read_text().splitlines():
            if "Listening at: http://127.0.0.1:" in line:
                return int(line.split("127.0.0.1:")[1].split()[0])
        if web.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The web process did not start: {log.read_text()}")


def _tail(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
