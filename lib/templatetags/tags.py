"""Status tags, heat cells and small chart parts that stand in rows: written in Python because a page has hundreds.

What a page says again and again is made once and kept.
"""

from functools import lru_cache

from django import template
from django.utils.html import format_html

from lib.charts import Heat
from lib.status_styles import marker_for, style_for
from lib.templatetags.icons import glyph
from lib.templatetags.numbers import NO_VALUE

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
        '<span class="tag tag--{}"><svg viewBox="0 0 12 12" aria-hidden="true"><use href="#g-{}"/></svg>{}</span>',
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
def heat(cell: Heat, url: str = "", css: str = "") -> str:
    """`{% heat cell url "wide" %}`: one <td> of a heat map. `cell` comes from `lib.charts.heat_cell`."""
    classes = f"h {cell.css} {css}".strip()
    said = f"{cell.label}: {cell.words}" if cell.label else cell.words
    text = NO_VALUE if cell.text == "" else cell.text
    if url:
        return format_html(
            '<td class="{}"><a href="{}" tabindex="-1" aria-label="{}">{}</a></td>', classes, url, said, text
        )
    return format_html(
        '<td class="{}"><span><span aria-hidden="true">{}</span><span class="vh">{}</span></span></td>',
        classes,
        text,
        said,
    )
