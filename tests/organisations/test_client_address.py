"""From which address a request comes: only what our own proxies add to X-Forwarded-For is believed."""

import pytest

from organisations.client_address import client_address, networks

OURS = networks(["10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # not through a proxy of ours: anybody can write that
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the client wrote the first itself
        ("10.0.0.5", "1.1.1.1, 198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "nonsense, 10.0.0.9", "10.0.0.9"),
        ("10.0.0.5", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.5", '"[2001:db8::7]:4711"', "2001:db8::7"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", "198.51.100.1"),  # a socket: only a proxy on this machine can reach it
        ("", "", "127.0.0.1"),
    ],
)
def test_with_proxies_in_front(remote: str, forwarded: str, expected: str) -> None:
    assert client_address(remote, forwarded, OURS) == expected


def test_without_any_the_header_says_nothing() -> None:
    assert client_address("203.0.113.5", "198.51.100.1", ()) == "203.0.113.5"
    assert client_address("", "198.51.100.1", ()) == "127.0.0.1"


def test_a_word_that_is_no_network_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        networks(["10.0.0.0/99"])
