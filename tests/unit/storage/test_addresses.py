"""Addresses of several servers: what is sent to each, whatever stands around the hosts."""

from __future__ import annotations

import pytest

from watcher.storage.addresses import connect_arguments, masked, server_url


@pytest.mark.parametrize(
    ("text", "secret", "hosts", "ports"),
    [
        ("postgresql://u:p@db1,db2/w", "p", "db1,db2", ","),
        ("postgresql://u:p@[::1]:5,[::2]/w", "p", "::1,::2", "5,"),
        ("postgresql://u:db1,db2@db1,db2/w", "db1,db2", "db1,db2", ","),
        ("postgresql://db1,db2/db1,db2", None, "db1,db2", ","),
    ],
)
def test_hosts_are_found_and_the_password_stays(text: str, secret: str | None, hosts: str, ports: str) -> None:
    url = server_url(text)
    told = connect_arguments(url, writes=True)
    assert (url.password, told["host"], told["port"]) == (secret, hosts, ports)
    assert told["target_session_attrs"] == "read-write"
    assert "db1,db2@" not in masked(url)
