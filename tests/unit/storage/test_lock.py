"""The lock of the data directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from watcher.errors import StorageError
from watcher.storage.lock import hold_lock, holder_pid

HOLD = """
import pathlib, sys
from watcher.storage.lock import hold_lock
with hold_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_process_is_refused_with_the_number_of_the_first(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StorageError, match=f"process {other.pid} already works"), hold_lock(tmp_path):
            pass
        other.kill()
        other.wait()
    # A process that was killed holds nothing.
    with hold_lock(tmp_path):
        assert holder_pid(tmp_path) == os.getpid()


def test_lock_is_free_after_use_and_makes_its_directory(tmp_path: Path) -> None:
    folder = tmp_path / "a/b"
    for _ in range(2):
        with hold_lock(folder), pytest.raises(StorageError, match=f"process {os.getpid()}"), hold_lock(folder):
            pass
    assert (folder / "watcher.lock").stat().st_mode & 0o077 == 0


def test_lock_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "watcher.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(StorageError, match="cannot be used"), hold_lock(tmp_path):
        pass
    assert not (tmp_path / "precious").exists()


def test_unreadable_holder_is_nobody(tmp_path: Path) -> None:
    assert holder_pid(tmp_path) is None
    (tmp_path / "watcher.lock").write_text("junk")
    assert holder_pid(tmp_path) is None
