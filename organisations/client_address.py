"""From which address a request comes, where proxies that we trust stand in front."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
LOCAL = "127.0.0.1"


def networks(words: Sequence[str]) -> tuple[Network, ...]:
    """TRUSTED_PROXIES as networks: addresses or ranges ("10.0.0.0/8"). Raises ValueError, which names the word."""
    return tuple(ip_network(word) for word in words)


def client_address(remote: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The address of whoever sent the request.

    `remote` is the peer of the connection, empty for a socket; `forwarded` is X-Forwarded-For, to which each proxy appends whom it
    heard from. Read from the right: the first address that is no proxy of ours. What stands further left anybody can write.
    """
    peer = _address(remote)
    if not trusted or (peer is not None and not _within(peer, trusted)):
        return str(peer) if peer is not None else LOCAL
    last = peer
    for word in reversed(forwarded.split(",")):
        found = _address(word)
        if found is None:
            break
        last = found
        if not _within(found, trusted):
            break
    return str(last) if last is not None else LOCAL


def shortened(address: str) -> str:
    """As much of an address as tells one network from another: "198.51.100.…", "2001:db8:0:…"."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return f"{address.rpartition('.')[0]}.…"
    return f"{':'.join(f'{int(part, 16):x}' for part in found.exploded.split(':')[:3])}:…"


def _address(word: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it, with or without a port; an IPv4 address in IPv6's clothes is the same address."""
    word = word.strip().strip('"')
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        found = ip_address(word)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _within(address: IPv4Address | IPv6Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted if network.version == address.version)
