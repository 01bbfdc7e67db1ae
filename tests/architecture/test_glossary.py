"""docs/glossary.md has every table and every choice of the business, each word once, and names nothing that is not there."""

import importlib
import re
from collections.abc import Iterator

from django.apps import apps
from django.db.models import Choices

from tests.architecture.sources import APPS, PRODUCT, ROOT

# Tables of the machinery: they are nobody's business.
MACHINERY = {"CacheEntry", "Heartbeat", "Watermark"}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/glossary.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| word |")
]
NAMED = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])}


def choices() -> Iterator[type[Choices]]:
    """Every enumeration of choices in the rules of an app."""
    for source in PRODUCT:
        if source.drawer == "rules" and "Choices" in source.text:
            module = importlib.import_module(
                source.name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            )
            for found in vars(module).values():
                if isinstance(found, type) and issubclass(found, Choices) and found.__module__ == module.__name__:
                    if found.choices and found.__name__ in source.text:
                        yield found


def models() -> set[str]:
    return {model.__name__ for model in apps.get_models() if model._meta.app_label in APPS}


def test_every_word_stands_once_with_meaning_and_source() -> None:
    words = [word for row in ROWS for word in row[0].split(", ")]
    assert sorted(words) == sorted(set(words))
    assert [row[0] for row in ROWS if len(row) != 4 or not all(row)] == []


def test_every_table_is_explained() -> None:
    assert models() - NAMED - MACHINERY == set(), "Say in docs/glossary.md what it means, and where the word is from."


def test_every_choice_is_explained() -> None:
    """A row names the enumeration, by itself or with its module, and then its values."""
    missing = []
    for found in set(choices()):
        names = {found.__name__, f"{found.__module__}.{found.__name__}"}
        rows = [row[2] for row in ROWS if names & set(re.findall(r"`([^`]+)`", row[2]))]
        missing += [
            f"{found.__name__}: {value}" for value in found.values if not any(f"`{value}`" in row for row in rows)
        ]
    assert missing == [], "Say in docs/glossary.md what it means."


def test_nothing_is_named_that_is_not_there() -> None:
    known = {"Status", *models(), *(found.__name__ for found in choices())}
    wrong = set()
    for name in NAMED:
        if "/" in name:
            wrong |= set() if (ROOT / name).exists() else {name}
        elif "." in name and name[0].isupper():
            model, _, column = name.partition(".")
            fields = {one.name for one in next(m for m in apps.get_models() if m.__name__ == model)._meta.get_fields()}
            wrong |= set() if column in fields else {name}
        elif name[0].isupper():
            wrong |= set() if name in known else {name}
    assert wrong == set()
