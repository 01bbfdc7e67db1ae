"""Numbers and codes from outside are ASCII to their last letter: elsewhere `\\d` and `isdigit` are ten digits of every script and
superscripts besides, and `$` lets a line break follow."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import PRODUCT, Source

LETTER = r"[^\W\d_]"  # of any script, and meant so
PATTERNS = {
    "compile",
    "match",
    "fullmatch",
    "search",
    "sub",
    "split",
    "findall",
    "finditer",
    "RegexField",
    "RegexValidator",
}


def faults(tree: ast.AST) -> Iterator[str]:
    """Patterns and questions that mean ASCII and do not say so."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in PATTERNS:
            continue
        for part in ast.walk(node):
            pattern = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
            if "\\d" in pattern.replace(LETTER, "") and "ASCII" not in ast.unparse(node):
                yield f"{node.lineno}: \\d is every script's: [0-9], or re.ASCII"
            if re.search(r"(?<!\\)\$\Z", pattern):
                yield f"{node.lineno}: $ lets a line break follow: \\Z"
    for line in _questions(tree):
        yield f"{line}: isdigit is every script's: isascii() and isdigit()"


def _questions(tree: ast.AST) -> Iterator[int]:
    """Lines where digits are asked for without asking for ASCII in the same condition."""
    inside = {
        child
        for node in ast.walk(tree)
        if isinstance(node, (ast.BoolOp, ast.UnaryOp)) and "isascii()" in ast.unparse(node)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("isdigit", "isdecimal", "isnumeric")
            and node not in inside
        ):
            yield node.lineno


@pytest.mark.parametrize("source", PRODUCT, ids=str)
def test_digits_are_ascii(source: Source) -> None:
    if source.app not in ("demo", "embedded"):
        assert list(faults(source.tree)) == []


@pytest.mark.parametrize(
    "bad",
    [
        r're.compile(r"\d{4}")',
        r'forms.RegexField(r"^[a-z]+$")',
        r're.match("[0-9]+$", text)',
        "text.isdigit()",
        "number.isdecimal() and int(number)",
    ],
)
def test_what_would_let_more_through_is_found(bad: str) -> None:
    assert list(faults(ast.parse(bad)))


@pytest.mark.parametrize(
    "good",
    [
        r're.compile(r"\d{4}", re.ASCII)',
        r're.compile(r"[0-9]{4}\Z")',
        "text.isascii() and text.isdigit()",
        r're.compile(r"\[\$([^\]-]*)")',
    ],
)
def test_what_says_so_passes(good: str) -> None:
    assert list(faults(ast.parse(good))) == []
