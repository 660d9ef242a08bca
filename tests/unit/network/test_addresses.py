"""Which addresses are public, and which only look like it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.network.addresses import literal, may_dial, parse_networks

SPECIAL = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.0.9",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.7",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.4",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2001:0:7f00:1::",  # Teredo, server 127.0.0.1
    "2001:0:808:808::f5ff:fffe",  # Teredo, client 10.0.0.1
    "2002:7f00:1::1",
    "2002:c0a8:101::1",
    "2606:4700::5efe:10.0.0.1",  # ISATAP
    "2606:4700::200:5efe:169.254.169.254",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "193.0.6.139",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize("text", SPECIAL)
def test_special_address_is_not_dialled(text: str) -> None:
    assert not may_dial(ip_address(text), ())


@pytest.mark.parametrize("text", PUBLIC)
def test_public_address_is_dialled(text: str) -> None:
    assert may_dial(ip_address(text), ())


@given(st.ip_addresses(v=4))
def test_every_address_that_is_not_global_is_refused_in_each_disguise(address: object) -> None:
    inner = ip_address(str(address))
    bits = int(inner)
    disguises = [
        inner,
        ip_address(f"::ffff:{inner}"),
        ip_address(f"64:ff9b::{inner}"),
        ip_address((0x2002 << 112) | (bits << 80) | 1),
    ]
    if not inner.is_global:
        assert not any(may_dial(disguise, ()) for disguise in disguises)
    assert len({may_dial(disguise, ()) for disguise in disguises}) == 1


def test_allowed_block_opens_itself_only() -> None:
    allowed = parse_networks(["10.0.0.0/8", "fd00::/8"])
    assert may_dial(ip_address("10.9.8.7"), allowed)
    assert may_dial(ip_address("::ffff:10.9.8.7"), allowed)
    assert may_dial(ip_address("fd00::1"), allowed)
    assert not may_dial(ip_address("192.168.0.1"), allowed)
    assert not may_dial(ip_address("::1"), allowed)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "127.1", "0", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "1.2.3.4.5", "[::1%lo]", "a.0x"],
)
def test_number_in_an_unusual_form_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        literal(host)


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("::ffff:7f00:1", "::ffff:127.0.0.1")]
)
def test_plain_number_is_an_address(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize("host", ["localhost", "wire.example", "1.example", "4chan", "a-0x1b.example", "xn--p1ai"])
def test_name_is_no_address(host: str) -> None:
    assert literal(host) is None
