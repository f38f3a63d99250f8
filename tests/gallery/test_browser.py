"""The page in headless Chromium, from the disk."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from avgen.gallery.page import build_page
from avgen.takes.folder import read_failures, read_finished
from tests.gallery.browser import Browser, chromium
from tests.gallery.conftest import TEXTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium is installed"),
]
SHOWN = "[...document.querySelectorAll('.take:not([hidden])')].map(e => e.dataset.file)"
PICKED = "[...document.querySelectorAll('.take.picked')].map(e => e.dataset.file)"
CURRENT = "document.activeElement.dataset.file"


@pytest.fixture
def page(takes: Path) -> Path:
    path = takes / "gallery.html"
    path.write_text(
        build_page(read_finished(takes), read_failures(takes), takes.name, takes), encoding="utf-8"
    )
    return path


@pytest.fixture
def browser(page: Path, tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "profile") as browser:
        browser.open(page)
        yield browser
        assert browser.problems() == []
        asked = [e["params"]["request"]["url"] for e in browser.events if "request" in e.get("params", {})]
        assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
        if folder := os.environ.get("AVGEN_SCREENSHOTS"):
            for scheme in ("light", "dark"):
                feature = {"name": "prefers-color-scheme", "value": scheme}
                browser.call("Emulation.setEmulatedMedia", features=[feature])
                browser.screenshot(Path(folder) / f"{tmp_path.name}-{scheme}.png")


def test_texts_stay_texts(browser: Browser) -> None:
    assert browser.run("window.hacked") is None
    said = browser.run("[...document.querySelectorAll('.said')].map(e => e.textContent)")
    assert sorted(said) == sorted(TEXTS.values())
    failed = browser.run("document.querySelector('#failed li').textContent")
    assert failed == "lost: mux failed: <b>no</b>"
    assert (
        browser.run("document.getElementById('failed-title').textContent") == "1 clip of the last run failed"
    )


def test_filters_and_sorts(browser: Browser) -> None:
    assert len(browser.run(SHOWN)) == 6
    browser.choose("find", "HELLO here")
    assert browser.run(SHOWN) == ["intro.s3.mp4", "intro.s12.mp4"]
    browser.choose("find", "")
    browser.choose("camera", "close-up")
    assert browser.run(SHOWN) == ["outro.s12.mp4"]
    browser.choose("camera", "")
    browser.choose("seed", "12")
    browser.choose("sort", "=lip_closure")
    assert browser.run(SHOWN) == ["evil.s12.mp4", "intro.s12.mp4", "outro.s12.mp4"]
    measure = "document.querySelector('.take:not([hidden]) .sorted').textContent"
    assert browser.run(measure) == "lip_closure: 7"
    browser.choose("seed", "")
    browser.click("#direction")
    shown = browser.run(SHOWN)
    assert shown[:2] == ["intro.s12.mp4", "intro.s3.mp4"]  # what has no measure comes last in its clip
    assert shown[2:4] == ["outro.s12.mp4", "outro.s3.mp4"]
    browser.choose("find", "nobody says this")
    assert browser.run("document.getElementById('nothing').hidden") is False


def test_keys_move_play_and_pick(browser: Browser) -> None:
    browser.press("ArrowRight")
    assert browser.run(CURRENT) == "evil.s3.mp4"
    browser.press("ArrowRight")
    assert browser.run(CURRENT) == "evil.s12.mp4"
    browser.press("ArrowDown")
    assert browser.run(CURRENT) == "intro.s12.mp4"
    browser.press("ArrowUp")
    browser.press("ArrowLeft")
    assert browser.run(CURRENT) == "evil.s3.mp4"
    browser.press("p")
    assert browser.run(PICKED) == ["evil.s3.mp4"] and browser.run(CURRENT) == "evil.s3.mp4"
    browser.press(" ")
    browser.wait("document.querySelector('.take.picked video').currentTime > 0")
    browser.press("/")
    assert browser.run("document.activeElement.id") == "find"
    browser.press("p")
    assert browser.run("document.getElementById('find').value") == "p"
    browser.press("Escape")
    assert browser.run("document.activeElement.id") != "find"


def test_missing_video_says_so(browser: Browser, takes: Path) -> None:
    (takes / "evil.s3.mp4").unlink()
    browser.click(".play")
    browser.wait("document.querySelector('.broken') !== null")
    browser.events.clear()  # the browser logs the missing file itself


def test_picks_survive_a_reload_and_become_a_manifest(browser: Browser, page: Path) -> None:
    browser.click(".take[data-file='intro.s3.mp4'] .pick")
    browser.click(".take[data-file='intro.s12.mp4'] .pick")
    assert browser.run(PICKED) == ["intro.s12.mp4"]  # one take for each clip
    browser.choose("show", "open")
    browser.choose("sort", "seed")
    browser.click("#direction")
    browser.click("#top")
    browser.open(page)
    assert sorted(browser.run(PICKED)) == ["evil.s12.mp4", "intro.s12.mp4", "outro.s12.mp4"]
    browser.click("#save")
    saved = browser.downloads / "picks.csv"
    limit = time.monotonic() + 60
    while not saved.is_file() and time.monotonic() < limit:
        time.sleep(0.05)
    rows = list(csv.DictReader(io.StringIO(saved.read_bytes().decode(), newline="")))
    assert [row["id"] for row in rows] == ["evil", "intro", "outro"]
    # No spreadsheet takes a text for a formula, and manifests leave white space around a text out.
    assert {row["id"]: row["text"] for row in rows} == {**TEXTS, "outro": f" {TEXTS['outro']}"}
    expected = {"id": "outro", "actor": "mira", "seed": "12", "camera": "close-up"}
    assert rows[2].items() >= expected.items()
