"""The page's content: everything in one file, nothing that a text could turn into markup."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from avgen.cli import main
from avgen.takes.layout import report_path
from avgen.takes.receipts import read_receipt, write_receipt
from tests.gallery.conftest import EVIL, add_take


class Page(HTMLParser):
    """Elements of a page, and the text of its style and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.inside:
            self.inside[tag].append("")
            self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = None

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside[self._open][-1] += data


@pytest.fixture
def gallery() -> Callable[..., Result]:
    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["gallery", *map(str, arguments)])

    return run


def data_of(page: Path) -> dict[str, Any]:
    return dict(json.loads(Page(page.read_text(encoding="utf-8")).inside["script"][0]))


def test_page_holds_every_take_with_its_text_settings_and_measures(
    takes: Path, gallery: Callable[..., Result]
) -> None:
    result = gallery(takes)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{takes}/gallery.html\n" and "6 takes of 3 clips" in result.stderr
    data = data_of(takes / "gallery.html")
    assert [take["file"] for take in data["takes"]] == [
        *("evil.s3.mp4", "evil.s12.mp4", "intro.s3.mp4", "intro.s12.mp4", "outro.s3.mp4", "outro.s12.mp4")
    ]
    first = data["takes"][0]
    assert (first["text"], first["seed"], first["camera"], first["duration"]) == (EVIL, 3, "portrait", 0.5)
    assert first["settings"]["width"] == "512" and first["src"] == "evil.s3.mp4"
    assert data["metrics"] == ["lip_closure"] and first["metrics"] == {"lip_closure": 4.75}
    assert data["takes"][2]["metrics"] == {}
    assert data["failed"] == [{"id": "lost", "error": "mux failed: <b>no</b>"}]
    poster = base64.b64decode(first["poster"].removeprefix("data:image/jpeg;base64,"))
    assert poster.startswith(b"\xff\xd8") and len(poster) < 30_000


def test_page_is_one_file_that_texts_cannot_break_out_of(takes: Path, gallery: Callable[..., Result]) -> None:
    gallery(takes)
    text = (takes / "gallery.html").read_text(encoding="utf-8")
    page = Page(text)
    assert [tag for tag, _ in page.elements].count("script") == 2 and "window.hacked" not in "".join(
        page.inside["script"][1:]
    )
    assert text.count("</script>") == 2 and "<img" not in text and "<b>" not in text
    assert page.inside["title"][0] == "it's <out>: takes"
    outside = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in ("src", "href")
    ]
    assert outside == ["data:,"] and "://" not in text
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv"))
    for inline in (page.inside["style"][0], page.inside["script"][1]):
        assert base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode() in str(policy)


def test_page_elsewhere_refers_back_to_the_folder(takes: Path, gallery: Callable[..., Result]) -> None:
    page = takes.parent / "pages" / "page.html"
    assert gallery(takes, "-o", page).exit_code == 0
    assert data_of(page)["takes"][0]["src"] == "../it%27s%20%3Cout%3E/evil.s3.mp4"


def test_file_that_cannot_be_read_is_listed_without_a_picture(
    takes: Path, gallery: Callable[..., Result]
) -> None:
    (takes / "evil.s3.mp4").write_bytes(b"torn")
    assert gallery(takes).exit_code == 0
    assert data_of(takes / "gallery.html")["takes"][0]["poster"] == ""


def test_foreign_files_are_not_takes(takes: Path, film: Path, gallery: Callable[..., Result]) -> None:
    (takes / "foreign.mp4").write_bytes(film.read_bytes())
    add_take(takes, film, "torn.mp4", "torn", "Torn.", 0)
    receipt = takes / ".avgen" / "torn.mp4.json"
    receipt.write_text(receipt.read_text()[:50])
    gallery(takes)
    assert len(data_of(takes / "gallery.html")["takes"]) == 6


def test_bad_input_says_what_to_do(tmp_path: Path, takes: Path, gallery: Callable[..., Result]) -> None:
    none = gallery(tmp_path / "none")
    assert none.exit_code == 2 and "none: there is no such folder." in none.stderr
    empty = gallery(tmp_path)
    assert empty.exit_code == 2 and "Give a folder that avgen render wrote to." in empty.stderr
    (takes / ".avgen" / "run" / "evaluation.json").write_text('{"clips": [1]}')
    torn = gallery(takes)
    assert torn.exit_code == 2 and re.search(r"evaluation.json: .*avgen evaluate ", torn.stderr)
    (takes / ".avgen" / "run" / "evaluation.json").unlink()
    (takes / "taken").mkdir()
    taken = gallery(takes, "-o", takes / "taken")
    assert taken.exit_code == 74 and "taken: avgen did not write this page. Move it, " in taken.stderr
    unwritable = gallery(takes, "-o", takes / "intro.s3.mp4" / "page.html")
    assert unwritable.exit_code == 74 and "page.html: cannot be written: File exists." in unwritable.stderr


def test_failures_of_shares_are_listed_until_the_clip_is_made(
    takes: Path, gallery: Callable[..., Result]
) -> None:
    report = report_path(takes, "2-of-8")
    rows = [
        {"id": name, "output": f"out/{name}.mp4", "status": "failed", "error": "why"}
        for name in ("other", "intro.s3")
    ]
    report.write_text(json.dumps({"clips": rows}))
    later = report.stat().st_mtime + 10
    os.utime(takes / ".avgen" / "intro.s3.mp4.json", (later, later))
    report_path(takes, "3-of-8").write_text("torn")
    gallery(takes)
    assert [row["id"] for row in data_of(takes / "gallery.html")["failed"]] == ["other", "lost"]


def test_picks_are_a_manifest_that_makes_the_same_takes(tiny: Path, avgen: Callable[..., Result]) -> None:
    (tiny / "talk.txt").write_text('She said, "Hello."\nOn two lines.\n---\n=1 is no formula, is it?\n')
    camera = ("--camera", "20,5,1.2,18")
    made = avgen("render", "talk.txt", "--variations", "2", "--devices", "cpu", "--workers", "1", *camera)
    assert made.exit_code == 0, made.stderr
    assert avgen("gallery", "out").exit_code == 0
    data = data_of(tiny / "out" / "gallery.html")
    picked = [take for take in data["takes"] if take["file"] in ("talk-01.s1.mp4", "talk-02.s0.mp4")]
    with (tiny / "picks.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, data["columns"])
        writer.writeheader()
        writer.writerows(take["row"] for take in picked)
    again = avgen("render", "picks.csv", "-o", "final", "--devices", "cpu", "--workers", "1")
    assert again.stdout.split() == ["final/talk-01.mp4", "final/talk-02.mp4"], again.stderr
    for take, name in zip(picked, again.stdout.split(), strict=True):
        assert (tiny / name).read_bytes() == (tiny / "out" / take["file"]).read_bytes()


def test_pick_of_a_recording_names_its_file_from_beside_the_folder(
    tmp_path: Path, film: Path, gallery: Callable[..., Result]
) -> None:
    folder = tmp_path / "out"
    output = add_take(folder, film, "heard.mp4", "heard", "", 0)
    receipt = read_receipt(output)
    assert receipt is not None
    write_receipt(output, replace(receipt, road="recording", source="../sounds/heard.wav"))
    gallery(folder)
    row = data_of(folder / "gallery.html")["takes"][0]["row"]
    assert (row["audio"], row["text"]) == ("sounds/heard.wav", "")
