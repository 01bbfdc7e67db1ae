"""HTML for comparing: what is on the page, whatever the lines and the indentation of its template."""

import re
from html.parser import HTMLParser

TAG = re.compile(r"\s*(<[^<>]*>)\s*")


def tight(html: str) -> str:
    """Without white space beside and with single spaces within tags and texts: `<td>5</td><td>6</td>`."""
    return TAG.sub(lambda found: " ".join(found[1].split()).replace(" >", ">"), " ".join(html.split()))


class _Form(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside = action, False
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = given.get("action") == self.action
        elif tag == "input" and self.inside:
            self.fields.append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


def form_fields(html: str, action: str) -> list[tuple[str, str]]:
    """Names and values of the inputs in the forms that are sent to `action`."""
    form = _Form(action)
    form.feed(html)
    return form.fields
