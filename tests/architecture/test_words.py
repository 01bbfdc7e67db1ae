"""Words that are not ours: standard terms stand before homely ones, in code, comments, pages and documentation."""

import ast
import re

from tests.architecture.sources import ALL, PRODUCT, ROOT, SQL, TEMPLATES

# The word, and what to write instead.
INSTEAD = {
    r"reckon\w*": "compute, calculate, work out",
    r"anew": "again",
    r"hand(ed|s|ing)?[ -]over of figures|hand-overs?": "submit, submission",
    r"dockets?": "re-evaluation queue",
    r"doorbells?": "wake_workers",
}
HERE = "tests/architecture/test_words.py"


def test_words_that_are_not_ours() -> None:
    texts = {source.name: source.text for source in [*ALL, *SQL, *TEMPLATES] if source.name != HERE}
    texts |= {
        page.relative_to(ROOT).as_posix(): page.read_text() for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    }
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]} → {instead}"
        for word, instead in INSTEAD.items()
        for name, text in texts.items()
        for match in re.finditer(rf"\b({word})\b", text, re.IGNORECASE)
    ]
    assert found == []


def test_what_makes_text_says_whether_it_is_a_value_or_a_sentence() -> None:
    """format_… a value, describe_… a sentence, in the modules that are there for wording."""
    found = [
        f"{source}: {node.name}"
        for source in PRODUCT
        if source.path.name in {"wording.py", "words.py", "writing.py"} and source.drawer != "contract_file"
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name) and node.returns.id == "str"
        if not node.name.startswith(("format_", "describe_", "_"))
    ]
    assert found == []
