"""Styles: colours only as tokens, readable in light and dark, light enough to send."""

import gzip
import re

import pytest

from tests.look.lint import ROOT

CSS = ROOT / "static/css"
TOKENS = (CSS / "tokens.css").read_text()
SHEETS = {name: (CSS / name).read_text() for name in ("app.css", "charts.css", "pages.css", "threads.css", "print.css")}
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS)
}
PAIRS |= {name: (value, value) for name, value in re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", TOKENS)}

# Text and the grounds on which it stands; 4.5 to 1 everywhere.
TEXT = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3")
        for ground in ("canvas", "surface", "sunken", "group", "raised", "hover")
    ),
    *(("accent", ground) for ground in ("canvas", "surface", "raised", "accent-soft", "hover")),
    *((word, f"{word}-soft") for word in ("met", "risk", "breach", "late")),
    *((word, "surface") for word in ("met", "risk", "breach", "late")),
    *(("ink", f"{word}-soft") for word in ("met", "risk", "breach", "late", "accent")),
    *(("ink-2", f"{word}-soft") for word in ("risk", "breach", "late", "accent")),
    ("accent-strong", "accent-soft"),
    ("ink-2", "accent-soft"),
    ("on-fill", "accent-fill"),
    ("on-fill", "breach-fill"),
    ("surface", "accent-strong"),
    ("canvas", "ink"),
    ("h-ink", "h-top"),
    ("h-ink", "h-ok"),
    ("h-ink-low", "h-low"),
    ("h-ink-poor", "h-poor"),
    ("h-ink-bad", "h-bad"),
    ("c-target", "surface"),
    ("c-min", "surface"),
    ("c-limit", "surface"),
]
# Borders of inputs, shapes and lines of charts; 3 to 1.
MARKS = [
    *(("control", ground) for ground in ("canvas", "surface")),
    *((f"{word}-mark", "surface") for word in ("met", "risk", "breach")),
    *((line, ground) for line in ("c-line", "c-target", "c-min") for ground in ("surface", "risk-soft", "breach-soft")),
    ("c-prev", "surface"),
    ("c-limit", "risk-soft"),
    ("breach-mark", "breach-soft"),
    ("accent", "surface"),
    ("accent-fill", "surface"),
]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), sorted(set(TEXT)))
def test_text_is_readable(ink, ground, mode):
    assert contrast(PAIRS[ink][mode], PAIRS[ground][mode]) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), sorted(set(MARKS)))
def test_marks_are_visible(mark, ground, mode):
    assert contrast(PAIRS[mark][mode], PAIRS[ground][mode]) >= 3


def test_contrast_is_computed_as_it_should_be():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", SHEETS)
def test_raw_colours_stand_in_the_tokens_only(name):
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[\s;,)])|\b(?:rgb|hsl|oklch|lab)a?\(", SHEETS[name]) == []


def test_every_token_that_is_used_is_defined():
    everything = TOKENS + "".join(SHEETS.values())
    defined = set(re.findall(r"(--[\w-]+):", everything))
    assert set(re.findall(r"var\((--[\w-]+)", everything)) - defined == set()


def test_every_colour_has_a_light_and_a_dark_side_or_is_meant_for_both():
    single = set(re.findall(r"--([\w-]+):\s*(?:#|rgb)", TOKENS))
    assert single == {"on-fill", "h-ink-bad", "backdrop", "paper", "paper-line"}


def test_nothing_comes_from_elsewhere():
    assert re.findall(r"@import|https?:|data:|//[a-z]", TOKENS + "".join(SHEETS.values())) == []


def test_every_class_of_a_template_has_a_rule():
    """A class that no sheet knows is a page that nobody has looked at. Those that a tag completes are left out."""
    known = set(re.findall(r"\.([a-zA-Z_][\w-]*)", "".join(SHEETS.values())))
    unknown = {}
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(r"\{[%#{].*?[%#}]\}", "\0", path.read_text(), flags=re.S)
        used = {name for found in re.findall(r'class="([^"]*)"', text) for name in found.split() if "\0" not in name}
        if used - known:
            unknown[path.name] = sorted(used - known)
    assert unknown == {}


def test_braces_close():
    for name, text in {**SHEETS, "tokens.css": TOKENS}.items():
        bare = re.sub(r'/\*.*?\*/|"[^"]*"', "", text, flags=re.S)
        assert bare.count("{") == bare.count("}"), name


@pytest.mark.parametrize(
    ("files", "kilobytes"),
    [
        ([f"css/{name}" for name in ("tokens.css", *SHEETS)], 17),
        (["js/app.js"], 4),
        (["js/entry.js", "js/session.js"], 3),
        (["vendor/htmx-4.0.1.min.js", "vendor/htmx-ptag-4.0.1.min.js"], 14),
        (["vendor/inter-latin.woff2"], 50),
    ],
    ids=["css", "js", "entry", "htmx", "font"],
)
def test_weight(files, kilobytes):
    sent = b"".join((ROOT / "static" / name).read_bytes() for name in files)
    assert len(gzip.compress(sent, 9)) <= kilobytes * 1000
