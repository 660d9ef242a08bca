"""What is said of files that the user of the process may not use."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from watcher.telemetry.whose import say_refused

REFUSED = PermissionError(errno.EACCES, "Permission denied")


def test_another_users_file_names_both_users_and_the_mend() -> None:
    said = say_refused(Path("/"), REFUSED) if os.geteuid() else say_refused(Path("/proc/1"), REFUSED)
    assert said.startswith("Permission denied; ")
    assert str(os.geteuid()) in said


def test_a_file_of_ones_own_names_its_mode(tmp_path: Path) -> None:
    mine = tmp_path / "token"
    mine.write_text("x", "utf-8")
    assert f"chmod u+rw {mine}" in say_refused(mine, REFUSED)
    assert f"chmod u+rwx {tmp_path}" in say_refused(tmp_path, REFUSED, writes=True)


def test_a_file_that_cannot_be_looked_at_names_the_folder_above(tmp_path: Path) -> None:
    assert f"u+rwx {tmp_path}" in say_refused(tmp_path / "gone" / "token", REFUSED)


def test_another_reason_is_only_named(tmp_path: Path) -> None:
    assert say_refused(tmp_path, OSError(errno.ENOSPC, "No space left on device")) == "No space left on device"


def test_a_folder_of_another_user_is_given_to_ours_with_all_below(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 4711, 4711)
        said = say_refused(tmp_path, REFUSED, writes=True)
        assert f"watcher runs as user 0 and {tmp_path} belongs to user 4711" in said
        assert f"chown -R 0 {tmp_path}" in said
