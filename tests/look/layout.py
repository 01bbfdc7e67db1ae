"""How a template is laid out: short lines, one element each, indented so that an end is found below its beginning."""

import re

WIDTH = 140
# Elements that begin a line of their own on the page; what stands within a sentence may share its line.
BLOCKS = set(
    "html head body title section header footer main nav aside div p h1 h2 h3 h4 ul ol li dl dt dd table caption thead tbody "
    "tfoot tr th td form fieldset legend details summary dialog select option hx-partial".split()
)
VOID = set("area base br col embed hr img input link meta source track wbr".split())
PAIRS = set("if for with block partialdef timezone comment".split())
TOKEN = re.compile(
    r"\{#.*?#\}|<!--.*?-->|(?P<django>\{%-?\s*(?P<django_end>end)?(?P<django_name>\w+).*?%\})|\{\{.*?\}\}"
    r"|(?P<html><(?P<html_end>/)?(?P<html_name>[a-zA-Z][\w-]*)(?:\{[%{].*?[%}]\}|\"(?:\{[%{].*?[%}]\}|[^\"])*\"|'[^']*'|[^>\"'])*>)",
    re.S,
)


def problems(text: str) -> list[str]:
    """Each line of a template that is too long, opens a second block, or closes what it is not below, with its number."""
    found = [f"line {n}: {len(line)} columns" for n, line in enumerate(text.splitlines(), 1) if len(line) > WIDTH]
    blocks: dict[int, list[str]] = {}
    open_tags: list[tuple[str, int, int]] = []  # name, line, indentation of that line
    for token in TOKEN.finditer(text):
        number = text.count("\n", 0, token.start()) + 1
        begin = text.rfind("\n", 0, token.start()) + 1
        before = text[begin : token.start()]
        indentation = len(text[begin:]) - len(text[begin:].lstrip(" "))
        if token["html"]:
            name, ends = token["html_name"].lower(), bool(token["html_end"])
            if name in BLOCKS and not ends:
                blocks.setdefault(number, []).append(name)
            if name in VOID or token["html"].endswith("/>"):
                continue
        elif token["django"] and token["django_name"] in PAIRS:
            name, ends = "% " + token["django_name"], bool(token["django_end"])
        else:
            continue
        if not ends:
            open_tags.append((name, number, indentation))
            continue
        if not open_tags or open_tags[-1][0] != name:
            found.append(f"line {number}: {name} ends here, but did not begin in the same part")
            return found
        _, began, outer = open_tags.pop()
        if began != number and not before.strip() and indentation != outer:
            found.append(f"line {number}: the end of {name} does not stand below its beginning in line {began}")
    found += [f"line {n}: {' and '.join(names)} in one line" for n, names in blocks.items() if len(names) > 1]
    return found
