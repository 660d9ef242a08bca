"""The wheel: everything that the program needs is inside, and nothing beside it is read."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.fakes.program import ROOT, clean_environment

BUILD = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]


def test_the_demo_runs_from_the_wheel_alone(tmp_path: Path) -> None:
    subprocess.run([*BUILD, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, cwd=tmp_path, timeout=100)
    (wheel,) = tmp_path.glob("news_watcher-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "_bundled/config/watcher.yaml",
        "_bundled/seeds/manifest.yaml",
        "py.typed",
        "settings/library/places/russia.yaml",
    ):
        assert f"watcher/{needed}" in names
    assert not [name for name in names if name.startswith("tests/")]

    unpacked = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(unpacked)
    command = [sys.executable, "-m", "watcher", "demo", "--once", "--json"]
    env = clean_environment(PYTHONPATH=str(unpacked), PYTHONSAFEPATH="1")
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["articles"] > 200
