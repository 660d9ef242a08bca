from __future__ import annotations

from pathlib import Path

import pytest

from watcher.errors import ConfigError
from watcher.settings.bundled import bundled, ships


def test_an_editable_installation_finds_the_bundles_beside_the_package() -> None:
    assert (bundled("config") / "rules").is_dir()
    assert bundled("seeds").is_dir()


def test_a_wheel_finds_the_bundles_inside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "watcher"
    (package / "_bundled" / "config").mkdir(parents=True)
    (tmp_path / "site-packages" / "config").mkdir()  # another distribution's folder of that name is not ours
    assert bundled("config", package) == package / "_bundled" / "config"


def test_a_missing_bundle_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="bundled seeds"):
        bundled("seeds", tmp_path / "watcher")


def test_only_what_lies_in_the_package_ships_with_it(tmp_path: Path) -> None:
    package = tmp_path / "watcher"
    assert ships(package / "_bundled" / "config", package)
    assert ships(package / "x" / ".." / "_bundled" / "config", package)
    assert not ships(tmp_path / "config", package)
    assert not ships(tmp_path / "_bundled" / "config", package)
