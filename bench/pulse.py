"""What it costs that open pages refresh by themselves: fifty pages that ask every four seconds, and one event that reaches them all.

Processor time of the web process and of the database server together, as the system counts it, in percent of one core.
"""

import argparse
import http.client
import os
import time
from pathlib import Path

from django.utils import timezone

from bench import firm
from bench.pages import _served, _session
from notifications.actions import publish_events
from notifications.rules import NewEvent
from organisations.scope import open_scope

PAGES, EVERY, SECONDS = 50, 4, 24
TICKS = os.sysconf("SC_CLK_TCK")
TAG = "HX-PTag"


def main(options: argparse.Namespace) -> None:
    scale = firm.SMALL if options.small else firm.LARGE
    firm.prepare(scale, lambda text: print(text, flush=True))
    with _served() as port:
        cookie, tag = _session(firm.MANAGER), ""
        for _ in range(3):  # templates and statements are made ready
            _, tag = _ask(port, cookie, "")
        before = _used()
        quiet, seen = _poll(port, cookie, [tag] * PAGES, SECONDS)
        polled = _used() - before
        if seen != [304] * len(seen):
            raise RuntimeError(f"Something happened meanwhile: {set(seen)}")
        _happen()
        time.sleep(1)  # longer than what was true a moment ago is kept
        before = _used()
        _, told = _poll(port, cookie, [tag] * PAGES, EVERY)
        pushed = _used() - before
        before = _used()
        for _ in range(PAGES):
            _refresh(port, cookie)
        refreshed = _used() - before
    if told != [204] * len(told) or len(told) < PAGES:
        raise RuntimeError(f"Not every page was told: {set(told)}")
    print(
        f"pulse: {PAGES} open pages of an organisation of {scale.contracts} contracts, each asking every {EVERY} s\n"
        f"| nothing happens        | {quiet} questions in {SECONDS} s, {polled / SECONDS * 100:4.1f} % of a core, "
        f"{polled / quiet * 1000:4.1f} ms each |\n"
        f"| one event reaches all  | {pushed * 1000:5.0f} ms of processor time, {pushed / EVERY * 100:4.1f} % of a core over {EVERY} s |\n"
        f"| all refresh their page | {refreshed * 1000:5.0f} ms of processor time, {refreshed / PAGES * 1000:4.1f} ms a page |"
    )


def _poll(port: int, cookie: str, tags: list[str], seconds: int) -> tuple[int, list[int]]:
    """All pages, spread over the seconds between two questions of one."""
    asked: list[int] = []
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        wait = began + len(asked) * EVERY / len(tags) - time.monotonic()
        time.sleep(max(wait, 0))
        asked.append(_ask(port, cookie, tags[len(asked) % len(tags)])[0])
    return len(asked), asked


def _ask(port: int, cookie: str, tag: str) -> tuple[int, str]:
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie, "HX-Request": "true", **({TAG: tag} if tag else {})}
    browser.request("GET", f"/o/{firm.SLUG}/pulse/", headers=headers)
    answer = browser.getresponse()
    answer.read()
    browser.close()
    return answer.status, answer.headers.get(TAG, "")


def _refresh(port: int, cookie: str) -> None:
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie, "HX-Request": "true", "HX-Target": "section#portfolio"}
    browser.request("GET", f"/o/{firm.SLUG}/portfolio/", headers=headers)
    browser.getresponse().read()
    browser.close()


def _happen() -> None:
    """The manager is notified of something."""
    [(organisation, manager)] = firm.rows(
        "SELECT organisation_id, id FROM organisations_membership WHERE organisation_id = %s AND email = %s",
        firm.MANAGER,
    )
    with open_scope(organisation_id=organisation):
        now = timezone.now()
        event = NewEvent(
            key=f"bench:{now.isoformat()}",
            kind="message",
            title="Something happened",
            path="inbox/",
            members=(manager,),
        )
        publish_events([event], now=now)


def _used() -> float:
    """Seconds of processor time that this process's children, and the database server, have taken so far, with what has ended."""
    everyone = {pid: _stat(pid) for pid in map(int, filter(str.isdigit, os.listdir("/proc")))}
    roots = {os.getpid(), _postmaster()}
    wanted, more = set(roots), True
    while more:
        found = {pid for pid, stat in everyone.items() if stat and stat[0] in wanted} - wanted
        wanted, more = wanted | found, bool(found)
    wanted.discard(os.getpid())
    return sum(sum(stat[1:]) for pid in wanted if (stat := everyone.get(pid))) / TICKS


def _stat(pid: int) -> tuple[int, int, int, int, int] | None:
    """Parent, own time in user and system mode, and that of children who have ended, in ticks."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), *(int(one) for one in fields[11:15])  # type: ignore[return-value]


def _postmaster() -> int:
    found = next(Path(os.environ["BENCH_FOLDER"]).rglob("postmaster.pid"))
    return int(found.read_text().split()[0])
