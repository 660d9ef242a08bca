"""Which IP addresses are public: an own list, since the standard library lets a third of the special ones through.

Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and what updates it), RFC 4291 section 2.5.5
and RFC 6145 (IPv4 inside IPv6), RFC 3056 (6to4), RFC 4380 (Teredo), RFC 6052 and RFC 8215 (NAT64), RFC 5214 (ISATAP);
168.63.129.16 is the host agent of Azure.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_CLOSED_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

_GLOBAL_V6 = IPv6Network("2000::/3")
"""Everything else in IPv6 is special or not given out: refused as a whole, so that a new special block is refused
too.
"""

_CLOSED_V6 = tuple(
    IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20")
)

_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)
_LOW_32_BITS = 0xFFFF_FFFF


def parse_networks(blocks: Iterable[str]) -> tuple[Network, ...]:
    """Return the CIDR blocks as networks; host bits may be set, a lone address is a block of one.

    Raises:
        ValueError: a text is not a block.
    """
    return tuple(ip_network(block, strict=False) for block in blocks)


def may_dial(address: Address, allowed: tuple[Network, ...]) -> bool:
    """Return whether an address is public, or allowed although it is not; what it carries inside is looked at too."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    if address.scope_id or not all(may_dial(inner, allowed) for inner in _carried(address)):
        return False
    return _only_carries(address) or (address in _GLOBAL_V6 and not any(address in network for network in _CLOSED_V6))


def _only_carries(address: IPv6Address) -> bool:
    """Return whether an address leads nowhere but to the IPv4 addresses that it carries."""
    return address in _NAT64 or address.sixtofour is not None or address.teredo is not None


def _carried(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to, by any of the known ways of carrying them."""
    found: list[IPv4Address] = []
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found.extend(address.teredo)
    bits = int(address)
    if address in _NAT64 or (bits >> 32) & _LOW_32_BITS in _ISATAP_MARKS:
        found.append(IPv4Address(bits & _LOW_32_BITS))
    return tuple(found)


def literal(host: str) -> Address | None:
    """Return the address that a host text spells out, or None when it is a name.

    Raises:
        ValueError: it is a number in a form that systems read differently (octal, hex, short, decimal), or has a scope.
    """
    text = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in text:
        if "%" in text:
            raise ValueError("an address with a scope")
        return ip_address(text)
    last = text.rstrip(".").rpartition(".")[2].lower()
    if last.isdigit() or (last.startswith("0x") and all(digit in "0123456789abcdef" for digit in last[2:])):
        # Whatever ends in a number is an address, to resolvers and browsers alike (WHATWG URL, "ends in a number").
        return IPv4Address(text)
    return None
