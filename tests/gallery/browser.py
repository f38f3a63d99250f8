"""Headless Chromium through its debugging pipe: a page as its users meet it, without a driver package."""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_EXECUTE = (
    "import os, sys; _, r, w, *c = sys.argv; os.dup2(int(r), 3); os.dup2(int(w), 4); os.execvp(c[0], c)"
)
"""Chromium reads commands from file descriptor 3 and answers on 4."""
KEYS = {" ": "Space", "/": "Slash", "p": "KeyP"}


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of a new Chromium."""

    def __init__(self, profile: Path, size: tuple[int, int] = (1280, 1000)) -> None:
        self.downloads = profile / "downloads"
        self.downloads.mkdir(parents=True)
        ours, theirs = os.pipe(), os.pipe()
        reads, writes = (fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (ours[0], theirs[1]))
        command = [
            *(str(chromium()), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"),
            *(f"--user-data-dir={profile}", "--autoplay-policy=no-user-gesture-required", "--mute-audio"),
            *("--disable-dev-shm-usage", f"--window-size={size[0]},{size[1]}", "about:blank"),
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _EXECUTE, str(reads), str(writes), *command],
            pass_fds=(reads, writes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for fd in (ours[0], theirs[1], reads, writes):
            os.close(fd)
        self._to, self._from = os.fdopen(ours[1], "wb"), os.fdopen(theirs[0], "rb")
        self._buffer = b""
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._to.close()
        self._from.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            block = os.read(self._from.fileno(), 1 << 16)
            assert block, "the browser ended"
            self._buffer += block
        message, self._buffer = self._buffer.split(b"\0", 1)
        return dict(json.loads(message))

    def open(self, page: Path) -> None:
        self.call("Page.navigate", url=page.as_uri())
        self.wait("document.readyState === 'complete' && document.querySelector('.take') !== null")

    def run(self, code: str) -> Any:
        """Value of an expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = 30.0) -> None:
        limit = time.monotonic() + seconds
        while not self.run(condition):
            assert time.monotonic() < limit, condition
            time.sleep(0.02)

    def press(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {}
        named = {"key": key, "code": KEYS.get(key, key)}
        self.call("Input.dispatchKeyEvent", type="keyDown", **named, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def choose(self, select: str, value: str) -> None:
        element = f"document.getElementById({json.dumps(select)})"
        self.run(f"{element}.value = {json.dumps(value)}")
        self.run(f"{element}.dispatchEvent(new Event('input', {{bubbles: true}}))")

    def click(self, selector: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def problems(self) -> list[Any]:
        """What the page's scripts and its security policy complained about."""
        self.run("0")
        return [
            event["params"]
            for event in self.events
            if event.get("method")
            in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
        ]
