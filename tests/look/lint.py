"""What a template may not contain. The browser would refuse most of it; here it is refused with a reason."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

ALLOWED = set(
    "hx-get hx-post hx-target hx-swap hx-trigger hx-push-url hx-replace-url hx-include hx-sync hx-indicator hx-disable "
    "hx-encoding hx-select hx-swap-oob hx-preserve hx-ptag hx-vals hx-headers:inherited hx-target:inherited hx-swap:inherited "
    "hx-push-url:inherited hx-trigger:inherited hx-sync:inherited hx-morph-skip hx-partial".split()
)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.S)
FORBIDDEN = {
    "an inline style": re.compile(r"[\s\"']style\s*=", re.I),
    "an inline style sheet": re.compile(r"<style\b", re.I),
    "an inline handler": re.compile(r"[\s\"']on[a-z]+\s*=\s*[\"']", re.I),
    "a script in an address": re.compile(r"javascript:", re.I),
    "a filter in hx-trigger": re.compile(r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)", re.I),
    "computed hx-vals": re.compile(r"hx-vals\s*=\s*[\"']\s*(js|javascript):", re.I),
    "htmx's other prefix": re.compile(r"data-hx-", re.I),
    "unescaped output": re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+off|\|\s*safeseq\b"),
    "another site's address": re.compile(r"(src|href|action|hx-get|hx-post)\s*=\s*[\"'](https?:)?//", re.I),
    "a new tab that can reach back": re.compile(r"<a\b(?![^>]*\bnoopener\b)[^>]*target\s*=\s*[\"']_blank", re.I),
    "a form that sends what it may not": re.compile(
        r"<form\b(?=[^>]*method=\"post\")(?![^>]*>\s*(?:\{%[^%]*%\}\s*)*\{% csrf_token %\})", re.I
    ),
}
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.S | re.I)
HX = re.compile(r"(?<![\w.#/-])(hx-[a-z-]+(?::[a-z0-9*]+)?)(?=[\s=>])", re.I)


def problems(text: str) -> list[str]:
    """Everything in a template's text that may not be there."""
    text = COMMENT.sub("", text)
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]
    for attributes, body in SCRIPT.findall(text):
        if "src=" not in attributes or body.strip():
            found.append("an inline script")
    for attribute in HX.findall(text):
        if attribute not in ALLOWED and not attribute.startswith("hx-status:"):
            found.append(f"{attribute}, which is not on the list")
    return found
