"""Somebody at a browser without scripts: asks for pages, sends the forms that stand on them, and remembers what was answered."""

import html
import http.client
import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client

from organisations.models import Membership


@dataclass(frozen=True)
class Answer:
    """What came back, and how many seconds it took."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float


@dataclass(frozen=True)
class Write:
    """An acceptance that was sent: of which submission, and the status of the answer."""

    submission: int
    status: int


class Visitor:
    """A signed-in member at the web server of this address. `writes` is what the member sent."""

    def __init__(self, address: str, member: Membership):
        self.server = urlsplit(address).netloc
        self.member = member
        self.base = f"/o/{member.organisation.slug}/"
        self.writes: list[Write] = []
        signing_in = Client()
        signing_in.force_login(member.user)
        self.cookies = {settings.SESSION_COOKIE_NAME: signing_in.cookies[settings.SESSION_COOKIE_NAME].value}

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """GET, or POST of a form. Redirects are not followed. A path without a leading slash lies below the organisation's."""
        path = path if path.startswith("/") else self.base + path
        body = None if form is None else urlencode(form)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection(self.server, timeout=30)
        began = time.monotonic()
        try:
            connection.request("GET" if body is None else "POST", path, body, sent)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, dict(response.headers.items()), text, time.monotonic() - began)

    def open(self, submission: int) -> tuple[str, dict[str, str]]:
        """Open a submission's page. Returns address and fields of the form that accepts it."""
        page = self.ask(f"submissions/{submission}/")
        assert page.status == 200, (page.status, page.text[:500])
        form = re.search(r'<form[^>]*action="([^"]+/accept/)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        assert form, f"Nothing to accept on {page.text}"
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[2])
        return html.unescape(form[1]), {name: html.unescape(value) for name, value in fields}

    def accept(self, submission: int, form: tuple[str, dict[str, str]] | None = None) -> Answer:
        """Accept a submission, from a page opened now or before."""
        address, fields = form or self.open(submission)
        answer = self.ask(address, fields)
        self.writes.append(Write(submission, answer.status))
        return answer
