"""No template contains what the Content-Security-Policy forbids or the list of htmx attributes does not have."""

import json
import re

import pytest

from lib.status_styles import OUTCOMES
from tests.look.lint import ROOT, TEMPLATES, problems

SPRITE = "".join((ROOT / name).read_text() for name in ("templates/components/sprite.html", "static/img/icons.svg"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template(template):
    assert problems(template.read_text()) == []


def test_rows_are_marked_where_the_keys_look_for_them():
    """j and k walk the items of a list and the rows of a table's body."""
    marked = [
        (path.name, tag) for path in TEMPLATES for tag in re.findall(r"<(\w+)[^<>]*\sdata-rows\b", path.read_text())
    ]
    assert len(marked) > 20
    assert {(name, tag) for name, tag in marked if tag not in ("table", "ul")} == set()


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="color:red">',
        "<p class=\"a\"style='x'>",
        "<style>p{}</style>",
        '<a onclick="x()">',
        '<a href="javascript:x()">',
        '<button hx-on:click="x()">',
        '<button hx-on="click: x()">',
        "<script>x()</script>",
        '<script type="application/json">{}</script>',
        '<script src="a.js">x()</script>',
        '<input hx-get="/x" hx-trigger="keyup[ctrlKey]">',
        "<input hx-vals='js:{a: b}'>",
        '<div hx-ext="sse">',
        '<div hx-boost="true">',
        '<div data-hx-get="/x">',
        '<div hx-headers="{}">',
        '<button hx-disabled-elt="this">',
        '<button hx-delete="/x">',
        "{{ x|safe }}",
        "{% autoescape off %}{{ x }}{% endautoescape %}",
        '<img src="https://elsewhere.example/x.png">',
        '<script src="//elsewhere.example/x.js"></script>',
        '<a href="/x" target="_blank">',
        '<form method="post" action="/x"><input name="a"></form>',
    ],
)
def test_the_lint_can_fail(bad):
    assert problems(bad)


@pytest.mark.parametrize(
    "good",
    [
        '<form action="/p/" hx-get="/p/" hx-target="#p" hx-swap="outerMorph" hx-trigger="change, input changed delay:300ms from:#q">',
        '<form method="post" action="/x" class="fields">{% csrf_token %}</form>',
        '<tr hx-status:409="target:#x"><td></td></tr><hx-partial hx-target="#progress"></hx-partial>',
        "<body hx-headers:inherited='{}'>",
        '{# <p style="x"> #}<p class="only">content="on"</p>',
        '<script src="{% static "js/app.js" %}" defer></script>',
    ],
)
def test_the_lint_lets_pass(good):
    assert problems(good) == []


def test_every_icon_and_shape_exists():
    drawn = set(re.findall(r'<symbol id="([ig]-[a-z-]+)"', SPRITE))
    used = set()
    for template in TEMPLATES:
        text = template.read_text()
        used |= {f"i-{name}" for name in re.findall(r'\{% icon "([a-z-]+)"', text)}
        used |= {f"g-{name}" for name in re.findall(r'\{% glyph "([a-z-]+)"', text)}
        used |= set(re.findall(r'href="#([ig]-[a-z-]+)"', text))
    assert used - drawn == set()


def test_the_shapes_of_all_outcomes_exist():
    assert {shown.glyph for shown in OUTCOMES.values()} <= set(re.findall(r'id="g-([a-z-]+)"', SPRITE))


def test_htmx_knows_every_option_we_set():
    options = json.loads(
        re.search(r"name=\"htmx-config\"\s+content='(.*?)'", (ROOT / "templates/base.html").read_text(), re.S)[1]
    )
    source = (ROOT / "static/vendor/htmx-4.0.1.min.js").read_text()
    assert [name for name in options if f"{name}:" not in source and f".{name}" not in source] == []
    assert options["includeIndicatorCSS"] is False
    assert options["mode"] == "same-origin"
    assert options["implicitInheritance"] is False
    assert options["noSwap"] == [204, 304, "5xx"]


def test_our_script_builds_no_markup_and_evaluates_nothing():
    script = (ROOT / "static/js/app.js").read_text()
    assert (
        re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*[\"']", script
        )
        == []
    )
    assert re.findall(r"(local|session)Storage|https?://", script) == []
