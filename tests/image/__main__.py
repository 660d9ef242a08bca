"""Build the image of the Dockerfile without a container engine, try it, and say its size.

    sudo make image OUT=out/image        # an OCI image layout: `podman pull oci:out/image:latest` takes it

Needs debootstrap, podman and buildah (`apt-get install debootstrap podman buildah`), root, and no daemon:

1. debootstrap makes a small Debian with python3, and podman imports it as the base image
2. buildah builds the Dockerfile on it (chroot isolation, so that no cgroups or namespaces are asked for)
3. the image is written to OUT, and `watcher --help`, `check` and `doctor` run in it as the user that it names

The real image begins with python:3.13-slim; `--base IMAGE` takes that one, or another, where a registry can be reached.
pip inside uses this machine's pip settings and certificates, mounted read-only. Exit 2: a tool is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "localhost/news-watcher:latest"
BASE = "localhost/watcher-base:latest"
TOOLS = ("debootstrap", "podman", "buildah")
SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
STORAGE = ("--storage-driver", "vfs")
TRIES = (("--help",), ("check", "--config", "/config"), ("doctor", "--config", "/config"))
PIP_SETTINGS = ("/etc/pip.conf", "/etc/xdg/pip")
CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, try and measure; return 2 where a tool is missing, and 1 where a step fails."""
    parser = argparse.ArgumentParser(description="Build the image without a container engine")
    parser.add_argument("out", type=Path, help="folder for the OCI image layout; it must not exist")
    parser.add_argument("--base", default="", help="base image; without it a small Debian is made")
    parser.add_argument("--mirror", default="", help="where debootstrap takes its packages from")
    given = parser.parse_args(arguments)
    missing = [tool for tool in TOOLS if shutil.which(tool) is None and not (tool == "debootstrap" and given.base)]
    if missing:
        sys.stderr.write(f"missing: {', '.join(missing)}; apt-get install {' '.join(missing)}\n")
        return 2
    if given.out.exists():
        sys.stderr.write(f"{given.out} exists already; name a new folder\n")
        return 1
    try:
        base = given.base or make_base(given.mirror)
        build(base)
        run("buildah", "push", *STORAGE, NAME, f"oci:{given.out}:latest")
        for words in TRIES:
            try_out(words)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"failed ({error.returncode}): {' '.join(map(str, error.cmd))}\n")
        return 1
    say_size(given.out)
    return 0


def run(*command: str | Path, **more: str) -> None:
    """Run a step and show it."""
    sys.stderr.write(f"+ {' '.join(map(str, command))}\n")
    subprocess.run([*map(str, command)], check=True, env={**os.environ, **more})


def make_base(mirror: str) -> str:
    """Make a small Debian with Python, import it, and return its name."""
    with tempfile.TemporaryDirectory(prefix="watcher-base-") as folder:
        tree, packed = Path(folder) / "tree", Path(folder) / "base.tar"
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, tree, *([mirror] if mirror else []))
        shutil.rmtree(tree / "var/cache/apt", ignore_errors=True)
        shutil.rmtree(tree / "var/lib/apt/lists", ignore_errors=True)
        run("tar", "-C", tree, "-cf", packed, ".")
        run("podman", *STORAGE, "import", packed, BASE)
    return BASE


def build(base: str) -> None:
    """Build the Dockerfile on a base, with this machine's way to the package index."""
    volumes: list[str] = []
    settings: list[str] = []
    for file in (*PIP_SETTINGS, *sorted({os.environ[name] for name in CERTIFICATES if name in os.environ})):
        if Path(file).exists():
            volumes += ["--volume", f"{Path(file).resolve()}:{file}:ro"]
    for name in CERTIFICATES:
        if name in os.environ:
            settings += ["--env", f"{name}={os.environ[name]}"]
    isolated = ("--isolation", "chroot", "--format", "docker", "--network", "host")
    made = ("--build-arg", f"BASE={base}", "--tag", NAME, *volumes, *settings)
    run("buildah", "build", *STORAGE, *isolated, *made, ROOT)


def try_out(words: Sequence[str]) -> None:
    """Run a verb in the image as the user that it names."""
    made = subprocess.run(
        ["buildah", "from", *STORAGE, NAME], check=True, capture_output=True, text=True
    ).stdout.strip()
    try:
        user = ("--user", "10001:10001")
        run("buildah", "run", *STORAGE, "--isolation", "chroot", *user, made, "--", "watcher", *words)
    finally:
        subprocess.run(["buildah", "rm", *STORAGE, made], check=True, stdout=subprocess.DEVNULL)


def say_size(out: Path) -> None:
    """Print how large the layout is, and its layers."""
    index = json.loads((out / "index.json").read_text("utf-8"))
    manifest = json.loads(_blob(out, index["manifests"][0]["digest"]).read_text("utf-8"))
    layers = [layer["size"] for layer in manifest["layers"]]
    whole = sum(layers) / 1e6
    shown = ", ".join(f"{size / 1e6:.1f}" for size in layers)
    sys.stdout.write(f"{out}: {whole:.0f} MB packed in {len(layers)} layers ({shown} MB)\n")


def _blob(out: Path, digest: str) -> Path:
    kind, _, name = digest.partition(":")
    return out / "blobs" / kind / name


if __name__ == "__main__":
    sys.exit(main())
