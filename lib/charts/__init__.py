"""Geometry of the SVG charts. Pure: numbers in, template context out; templates/components only place what is here.

Two kinds of units: *percent* of the drawing box for charts that flow with the page (text never scales, lines sit in a
nested viewBox of 0 0 100 100), and *pixels* of a fixed viewBox for sparklines. Values may be Decimal; they become
floats only as coordinates, and are written from the exact value. Charts judge nothing: each point brings its mark (see
lib/status_styles.py). A missing month breaks the line and is never interpolated.
"""

from lib.charts.bars import bars, build_up, waterfall
from lib.charts.heat import BANDS, Heat, heat_cell, heat_class
from lib.charts.lines import spark, trend
from lib.charts.scale import Limit, Limits, Point, steady, summary

__all__ = [
    "BANDS",
    "Heat",
    "Limit",
    "Limits",
    "Point",
    "bars",
    "build_up",
    "heat_cell",
    "heat_class",
    "spark",
    "steady",
    "summary",
    "trend",
    "waterfall",
]
