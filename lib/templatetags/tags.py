"""Status tags, heat cells and small chart parts that stand in rows: written in Python because a page has hundreds.

What a page says again and again is made once and kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from lib.charts import Heat
from lib.status_styles import marker_for, style_for
from lib.templatetags.icons import glyph

register = template.Library()
register.filter("mark", marker_for)


@register.filter
def look(outcome: object) -> str:
    """The colour class of an outcome: met, risk, breach or none."""
    return style_for(outcome).look


@register.filter
def outcome_word(outcome: object) -> str:
    """What an outcome is called: "Missed target" for miss, "Breach" for default."""
    return style_for(outcome).word


@register.simple_tag
@lru_cache(1024)
def tag(look: str, text: str, shape: str = "") -> str:
    """`{% tag "late" "Late" %}`: a tag with a shape and a word. Looks: met risk breach late info none lock."""
    return format_html(
        '<span class="tag tag--{}"><svg aria-hidden="true"><use href="#g-{}"/></svg>{}</span>',
        look,
        shape or look,
        text,
    )


@register.simple_tag
@lru_cache(1024)
def outcome(code: object) -> str:
    """`{% outcome result.outcome %}`: the tag of a judged outcome. No outcome is "No data", never "Met"."""
    shown = style_for(code)
    return tag(shown.look, shown.word, shown.glyph)


@register.simple_tag
@lru_cache(1024)
def outcome_glyph(code: object) -> str:
    """The outcome's shape alone, with its word for those who cannot see it."""
    shown = style_for(code)
    return format_html('{}<span class="vh">{}</span>', glyph(shown.glyph, shown.look), shown.word)


@register.simple_tag
def heat_row(cells: Sequence[Heat], urls: Sequence[str] = (), wide: int = 0) -> str:
    """`{% heat_row cells urls 9 %}`: the <td>s of a row of a heat map, from `lib.charts.heat_cell`, each with the address of its month.

    The first `wide` are left out where there is little room. The column's head says the month.
    """
    there = [_heat(cell, "" if at >= wide else " wide", urls[at] if urls else "") for at, cell in enumerate(cells)]
    return mark_safe("".join(there))  # noqa: S308


def _heat(cell: Heat, css: str, url: str) -> str:
    note = f'<span class="vh">, {escape(cell.note)}</span>' if cell.note else ""
    shown = f"{escape(cell.text)}{note}"
    shown = f'<a href="{escape(url)}">{shown}</a>' if url else f"<span>{shown}</span>"
    return f'<td class="h {cell.css}{css}">{shown}</td>\n'
