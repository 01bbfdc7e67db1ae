"""Icons from static/img/icons.svg, shapes from the sprite in templates/components/sprite.html, and the letters that stand for a name.

Shapes say a state and come with the page; icons only accompany words, and 6 KB of them were a tenth of each page.
"""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
@lru_cache(1024)
def icon(name: str) -> str:
    """`{% icon "inbox" %}`: a stroked 16 × 16 icon; it decorates, the words beside it speak."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#i-{}"/></svg>', static("img/icons.svg"), name
    )


@register.simple_tag
@lru_cache(1024)
def glyph(name: str, look: str = "") -> str:
    """`{% glyph "breach" %}`: a filled 12 × 12 shape in its own colour; `look` "plain" takes the text's colour."""
    tone = "" if look == "plain" else f" is-{look or name}"
    return format_html('<svg class="glyph{}" aria-hidden="true"><use href="#g-{}"/></svg>', tone, name)


@register.filter
@lru_cache(1024)
def initials(name: object) -> str:
    """Two letters for a mark or an avatar: "Aldermoor Energy" → AE, "Maya" → MA; "" → "?"."""
    words = [word for word in str(name or "").replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    letters = words[0][:2] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()


@register.filter
def person(user: object) -> str:
    """What a user is called: the name, else the e-mail address."""
    full_name = getattr(user, "get_full_name", None)
    return str(getattr(user, "name", "") or (full_name() if callable(full_name) else "") or getattr(user, "email", ""))
