"""The pictures under docs/ show the house and the data as they are."""

from tests.architecture.sources import APPS, LINE, ROOT
from tools.pictures import house
from tools.pictures.__main__ import pictures


def test_the_pictures_are_current() -> None:
    old = [path.name for path, text in pictures().items() if path.read_text() != text]
    assert old == [], "Draw them again: .venv/bin/python -m tools.pictures"


def test_the_house_has_every_app_and_its_words() -> None:
    assert house.line(ROOT) == [list(step) for step in LINE]
    assert set(house.words(ROOT)) == set(APPS)
