"""Every permission is in the table that people read, once, in words."""

from organisations.rules import PERMISSIONS, Role
from organisations.wording import LIMITS, PERMISSION_WORDS, ROLE_WORDS, permission_table


def test_every_permission_has_its_words() -> None:
    listed = [action for lines in PERMISSION_WORDS.values() for action, _ in lines]
    missing = sorted(PERMISSIONS.keys() - set(listed))
    assert missing == [], "Say in organisations/wording.py, PERMISSION_WORDS, what people may do with it."
    assert sorted(listed) == sorted(PERMISSIONS)
    assert LIMITS.keys() <= PERMISSIONS.keys()
    assert ROLE_WORDS.keys() == set(Role)


def test_the_table_says_what_is_asked() -> None:
    for _, lines in permission_table():
        assert all(any(line.allowed) for line in lines), "Nobody may do it."
