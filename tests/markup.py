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


class _Posted(_Form):
    """What a browser would send: of selects what is chosen, of boxes those that are ticked, nothing that is disabled."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.select: tuple[str, bool] | None = None
        self.text: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = given.get("action") == self.action
        elif not self.inside or "disabled" in given:
            return
        elif tag == "select":
            self.select = (given.get("name", ""), True)
        elif tag == "option" and self.select:
            name, is_first = self.select
            if "selected" in given or is_first:
                self.fields = self.fields if is_first else [field for field in self.fields if field[0] != name]
                self.fields.append((name, given.get("value", "")))
                self.select = (name, False)
        elif tag == "textarea":
            self.text = given.get("name", "")
            self.fields.append((self.text, ""))
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.append((given.get("name", ""), given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            name, before = self.fields[-1]
            self.fields[-1] = (name, before + (data.removeprefix("\n") if not before else data))

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if tag == "textarea":
            self.text = None
        elif tag == "select":
            self.select = None


def posted_fields(html: str, action: str) -> dict[str, str]:
    """Names and values that the forms to `action` would send as they stand; of several values of one name the last."""
    form = _Posted(action)
    form.feed(html)
    return {name: value for name, value in form.fields if name and name != "csrfmiddlewaretoken"}
