"""Chart parts of which a page has hundreds: written in Python, from where `lib.charts` places them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

register = template.Library()

DOT = '<circle class="dot-{}" cx="{}" cy="{}" r="{}"/>'
RINGED = (
    '<circle class="halo" cx="{0}%" cy="{1}%" r="9"/>'
    '<text class="lab-strong lab-halo" x="{0}%" y="{1}%" dx="{2}" dy="{3}" text-anchor="{4}">{5}</text>'
)
TIP = (
    '<g class="pt"><rect x="{0}%" width="{1}%" height="100%"/>'
    '<g class="tip"><line x1="{2}%" x2="{2}%" y2="100%"/>'
    '<circle class="dot-{3}" cx="{2}%" cy="{4}%" r="5.5"/>'
    '<text x="{2}%" y="{4}%" dy="{5}">{6}</text></g></g>'
)


@register.simple_tag
def spark(drawn: Mapping[str, Any], label: str = "") -> str:
    """`{% spark row.spark %}`: a sparkline of `lib.charts.spark`. `label` is read out; by default the series' summary."""
    lines = [(limit["css"], limit["points"]) for limit in drawn["limits"]] + [("ln", line) for line in drawn["lines"]]
    dots = [(dot["mark"], dot["x"], dot["y"], "3.25" if dot["last"] else "2.75") for dot in drawn["dots"]]
    drawing = [f'<polyline class="{css}" points="{points}"/>' for css, points in lines] + [
        DOT.format(*dot) for dot in dots
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        drawn["w"],
        drawn["h"],
        label or drawn["label"],
        # Coordinates and classes of lib.charts: to escape thousands of them took a third of a page.
        mark_safe("".join(drawing)),  # noqa: S308
    )


@register.simple_tag
def trend_dots(points: Iterable[Mapping[str, Any]]) -> str:
    """`{% trend_dots c.points %}`: the dots of a trend, rings and labels around some, and the labels of the axis."""
    there = [p for p in points if "y" in p]
    dots = [(p["mark"], f"{p['x']}%", f"{p['y']}%", "5.5" if p["ringed"] or p["last"] else "4") for p in there]
    rings = [(p["x"], p["y"], p["lx"], p["ly"], p["anchor"], p["text"]) for p in there if p["ringed"]]
    axis = [(" lab-strong" * p["last"] + " xl-odd" * p["odd"], p["x"], p["label"]) for p in points]
    return (
        format_html_join("", DOT, dots)
        + format_html_join("", RINGED, rings)
        + format_html_join("", '<text class="xl{}" x="{}%" y="100%" dy="20">{}</text>', axis)
    )


@register.simple_tag
def trend_tips(points: Iterable[Mapping[str, Any]]) -> str:
    """`{% trend_tips c.points %}`: what a trend says of the period that the pointer is at."""
    shown = [p for p in points if "y" in p and not p["ringed"]]
    names = ("left", "width", "x", "mark", "y", "tip", "text")
    return format_html_join("", TIP, [[p[name] for name in names] for p in shown])
