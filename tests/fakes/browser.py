"""Chromium, driven by its own protocol over two pipes: real clicks, with scripts of pages switched off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """One tab; every command waits for its answer."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM is not None
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # The protocol speaks on descriptors 3 and 4, NUL after each message. The pipes may lie there already, the wrong
        # way round, so they step aside first.
        begin = (
            "import os, sys; i, o = (os.dup2(int(n), 90 + k) for k, n in enumerate(sys.argv[1:3])); "
            "os.dup2(i, 3); os.dup2(o, 4); os.execv(sys.argv[3], sys.argv[3:])"
        )
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                begin,
                str(to_browser),
                str(from_browser),
                CHROMIUM,
                *FLAGS,
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._session, self._pending = 0, "", b""
        [target] = [one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        self._session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Emulation.setScriptExecutionDisabled", value=True)

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        """Return the answer to one command."""
        self._number += 1
        said = {"id": self._number, "method": method, "params": given}
        if self._session:
            said["sessionId"] = self._session
        os.write(self._write, json.dumps(said).encode() + b"\0")
        answer = self._until(lambda one: one.get("id") == self._number)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def open(self, url: str) -> str:
        """Go to an address and return the HTML of the page."""
        self.ask("Page.navigate", url=url)
        return self._loaded()

    def click(self, selector: str) -> str:
        """Click in the middle of an element, and return the HTML of the page that this leads to."""
        node = self._node(selector)
        self.ask("DOM.scrollIntoViewIfNeeded", nodeId=node)
        x1, y1, _, _, x2, y2, *_ = self.ask("DOM.getBoxModel", nodeId=node)["model"]["content"]
        for kind in ("mousePressed", "mouseReleased"):
            self.ask(
                "Input.dispatchMouseEvent", type=kind, x=(x1 + x2) / 2, y=(y1 + y2) / 2, button="left", clickCount=1
            )
        return self._loaded()

    def html(self) -> str:
        """Return the page as it stands."""
        node = self.ask("DOM.getDocument")["root"]["nodeId"]
        return str(self.ask("DOM.getOuterHTML", nodeId=node)["outerHTML"])

    def close(self) -> None:
        """End the browser."""
        os.close(self._write)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)

    def _node(self, selector: str) -> int:
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = int(self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"])
        assert node, f"no {selector} on the page"
        return node

    def _loaded(self) -> str:
        self._until(lambda one: one.get("method") == "Page.loadEventFired")
        return self.html()

    def _until(self, fits: Any) -> dict[str, Any]:
        while True:
            while b"\0" not in self._pending:
                more = os.read(self._read, 65536)
                assert more, "the browser ended"
                self._pending += more
            raw, _, self._pending = self._pending.partition(b"\0")
            said: dict[str, Any] = json.loads(raw)
            if fits(said):
                return said
