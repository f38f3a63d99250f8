"""Folders and caches that somebody else wrote, damaged or locked: nothing but time is lost."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avgen.errors import AvgenError
from avgen.jobs.status import folder_status
from avgen.takes.archive import FORMS
from avgen.takes.cache import Cache
from avgen.takes.folder import read_failures, read_finished
from avgen.takes.layout import receipt_path
from avgen.tracks import Codes, Track
from avgen.types import Tokens, Waveform

Avgen = Callable[..., Result]
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ODD = [
    *(b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe\x00", b"\x00" * 100),
    *(b'{"clips": ' + b"9" * 5000 + b"}", b'{"clips": "\\ud800"}', b'{"clips": [1, null, "x", {}]}'),
    *(b'{"clips": {"script.mp4": 3}}', b'{"clips": {"script.mp4": {"a": "b", "c": [1]}}}'),
]
FIELDS = ["files", "frames", "duration", "clip", "settings", "results", "seed", "schema"]
STATE = ["run/evaluation.json", "run/report.json", "journal.jsonl", "script.mp4.json"]
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished file, which is no film."""
    from avgen.takes.receipts import write_receipt
    from tests.takes.test_receipts import receipt_of

    folder = tmp_path_factory.mktemp("made")
    (folder / "script.mp4").write_bytes(b"film")
    write_receipt(folder / "script.mp4", receipt_of(folder / "script.mp4"))
    return folder


def look(folder: Path) -> None:
    """Read all that a folder holds: it may be refused, but never in a traceback."""
    for read in (folder_status, read_finished, read_failures):
        try:
            json.dumps(str(read(folder)))
        except AvgenError as error:
            assert "\n" not in str(error)


@FUZZ
@given(
    st.sampled_from(["files", "frames", "duration", "clip", "settings", "results", "seed", "schema"]), VALUES
)
def test_receipts_of_any_kind_are_read_or_ignored(made: Path, name: str, value: Any) -> None:
    path = receipt_path(made / "script.mp4")
    whole = path.read_bytes()
    try:
        path.write_text(json.dumps({**json.loads(whole), name: value}))
        look(made)
        json.dumps(folder_status(made).to_json())
    finally:
        path.write_bytes(whole)


EVENT: Any = st.fixed_dictionaries(
    {"event": st.sampled_from(["run", "started", "failed", "made", "ended", "x"]) | VALUES},
    optional={
        **{"time": st.floats(0, 2e9) | VALUES, "clip": st.just("script") | VALUES, "error": VALUES},
        **{"file": st.just("script.mp4") | VALUES, "worker": st.just("cpu") | VALUES, "attempt": VALUES},
        **{
            "pid": st.just(1) | VALUES,
            "command": st.just(["render"]) | VALUES,
            "share": st.just("") | VALUES,
        },
        **{"clips": st.just(["script.mp4"]) | VALUES, "done": st.just([]) | VALUES, "seconds": VALUES},
        **{"expected": VALUES, "signal": VALUES, "again": VALUES},
    },
)


@FUZZ
@given(st.lists(EVENT, max_size=5))
def test_journals_of_any_kind_are_read_or_ignored(made: Path, events: list[Any]) -> None:
    journal = made / ".avgen" / "journal.jsonl"
    journal.write_text("".join(json.dumps(event) + "\n" for event in events))
    look(made)
    json.dumps(folder_status(made).to_json())
    journal.unlink()


@pytest.mark.parametrize("data", ODD)
@pytest.mark.parametrize(
    "name", ["run/evaluation.json", "run/report.json", "journal.jsonl", "script.mp4.json"]
)
def test_odd_files_in_the_state_folder_are_no_tracebacks(
    tiny: Path, avgen: Avgen, name: str, data: bytes
) -> None:
    (tiny / "out" / ".avgen" / "run").mkdir(parents=True)
    (tiny / "out" / ".avgen" / name).write_bytes(data)
    for command in (["status", "out"], ["gallery", "out"], ["evaluate", "out"], ["pick", "out"]):
        result = avgen(*command)
        assert result.exit_code in (0, 2) and result.stderr.count("\n") <= 2, result.stderr


@pytest.mark.parametrize(
    "change",
    [
        *(
            {"sha256": "../../mine"},
            {"sha256": "0" * 63},
            {"sha256": 3},
            {"sha256": None},
            {"suffix": "/../x"},
        ),
        *({"suffix": ".a/b"}, {"suffix": 1}, {"size": "big"}, {"size": -1}, {"stage": []}, {"key": "0" * 64}),
        *({"extra": 1}, {"size": 10**18 + 10**5000 % 7}),
    ],
)
def test_unsound_records_are_misses_and_lead_nowhere(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / "mine").write_text("mine")
    cache, key = Cache(tmp_path / "cache"), "1" * 64
    cache.put(key, "sample", ".bin", [b"abc"])
    (record,) = (tmp_path / "cache" / "ac").glob("*/*.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), **change}))
    for use in (cache.verify, lambda: list(cache.entries()), cache.gc):
        use()
    found = cache.get(key)
    assert found is None or found.read_bytes() == b"abc"
    assert (tmp_path / "mine").read_text() == "mine"


@FUZZ
@given(VALUES)
def test_any_record_is_an_entry_or_a_miss(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    cache, key = Cache(tmp_path_factory.getbasetemp() / "fuzzed"), "1" * 64
    cache.put(key, "sample", ".bin", [b"abc"])
    record = cache.root / "ac" / "11" / f"{key}.json"
    record.write_text(json.dumps(value))
    assert cache.get(key) is None and not cache.contains(key)


def entry_of(cache: Path, stage: str) -> tuple[Path, dict[str, Any]]:
    """The record of a stage's result in a cache that holds one of each, and what it says."""
    for record in (cache / "ac").glob("*/*.json"):
        values = json.loads(record.read_text())
        if values["stage"] == stage:
            return record, values
    raise AssertionError(stage)


def replace_content(cache: Path, stage: str, data: bytes) -> None:
    """Let a record name other content, whole and with the right hash."""
    record, values = entry_of(cache, stage)
    digest = hashlib.sha256(data).hexdigest()
    content = cache / "cas" / digest[:2] / (digest + values["suffix"])
    content.parent.mkdir(exist_ok=True)
    content.write_bytes(data)
    record.write_text(json.dumps({**values, "sha256": digest, "size": len(data)}))


WRONG = {
    "tokenize": FORMS["tokens"].dump(Tokens(np.zeros((3, 2), np.float32), "x", (), ())),
    "sample": FORMS["codes"].dump(Codes({"other": Track(np.zeros((9, 2), np.float32))})),
    "vocode": FORMS["waveform"].dump(Waveform(np.zeros(400_000, np.float32))),
    "render": b"no film at all",
}


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("kind", ["damaged", "wrong", "of another kind"])
@pytest.mark.parametrize("stage", WRONG)
def test_whatever_a_cache_holds_it_costs_nothing_but_time(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch, stage: str, kind: str, writable: bool
) -> None:
    assert avgen("render", "script.txt").exit_code == 0
    film = tiny / "out" / "script.mp4"
    good = film.read_bytes()
    film.unlink()
    if kind == "damaged":
        _, values = entry_of(tiny / "cache", stage)
        content = next((tiny / "cache" / "cas").glob(f"*/{values['sha256']}*"))
        content.write_bytes(content.read_bytes()[:-1])
    else:
        other = WRONG["sample" if stage != "sample" else "vocode"]
        replace_content(tiny / "cache", stage, other if kind == "of another kind" else WRONG[stage])
    if not writable:
        keep = {"replace": Path.replace, "unlink": Path.unlink, "mkdir": Path.mkdir}

        def denied(name: str) -> Callable[..., Any]:
            def call(path: Path, *arguments: Any, **named: Any) -> Any:
                if path.is_relative_to(tiny / "cache"):
                    raise PermissionError(13, "Permission denied", str(path))
                return keep[name](path, *arguments, **named)

            return call

        for name in keep:
            monkeypatch.setattr(Path, name, denied(name))
    for late in ("mux", "vocode"):
        result = avgen("render", "script.txt", f"--force={late}", "--json")
        assert result.exit_code == 0, result.stderr
        assert film.read_bytes() == good or (stage, kind) == ("vocode", "wrong")
        assert json.loads(result.stdout)["clips"][0]["attempts"] == 1
    assert avgen("cache", "verify").exit_code in (0, 1)
    assert avgen("cache", "gc").exit_code == 0
    assert avgen("render", "script.txt", "--force").exit_code == 0 and film.read_bytes() == good


def test_a_cache_whose_path_is_too_long_costs_a_warning(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVGEN_CACHE_DIR", str(tiny / ("x" * 300)))
    result = avgen("render", "script.txt")
    assert result.exit_code == 0 and "was not cached in" in result.stderr and "damaged" not in result.stderr
    for command in ("ls", "verify", "gc"):
        assert avgen("cache", command).exit_code in (0, 2)


def test_names_that_are_no_unicode_are_no_tracebacks(tiny: Path, avgen: Avgen) -> None:
    source, out = os.fsdecode(b"caf\xe9.txt"), os.fsdecode(b"\xff out")
    (tiny / source).write_text("Hello.")
    result = avgen("render", source, "script.txt", "-o", out)
    assert result.exit_code == 0, result.stderr
    assert avgen("render", source, "script.txt", "-o", out).stderr.count("was there already") == 2
    for command in ("status", "gallery"):
        result = avgen(command, out)
        assert result.exit_code == 0, result.stderr
    assert "2 done" in avgen("status", out).stderr
    (tiny / os.fsdecode(b"\xe9.txt")).write_text("!!!")
    assert avgen("render", os.fsdecode(b"\xe9.txt"), "-o", out).exit_code == 2


def test_an_unreadable_video_is_changed_and_the_rest_goes_on(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny / "other.txt").write_text("Two.")
    assert avgen("render", "script.txt", "other.txt").exit_code == 0
    real = os.open

    def denied(path: Any, *arguments: Any, **named: Any) -> int:
        if str(path).endswith("script.mp4"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", denied)
    assert [line.split(",")[0] for line in avgen("status", "out").stdout.splitlines()] == [
        *("script: changed", "other: done")
    ]


def test_what_a_folder_tells_names_no_place_and_no_machine(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "a-host-of-mine"
    for module, name in ((socket, "gethostname"), (platform, "node")):
        monkeypatch.setattr(module, name, lambda: host)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(nodename=host))
    (tiny / "other.txt").write_text("Two.")
    assert avgen("render", "script.txt", "other.txt").exit_code == 0
    assert avgen("gallery", "out").exit_code == 0
    for path in (tiny / "out").rglob("*"):
        if path.is_file() and path.suffix != ".mp4":
            text = path.read_text(encoding="utf-8")
            for private in (str(tiny), host, f"{Path.home()}/"):
                assert private not in text, path


def test_receipts_and_gallery_name_no_place_wherever_things_lie(tiny: Path, avgen: Avgen) -> None:
    from tests.pictures import write_image

    write_image(tiny / "wall.png", np.full((8, 8, 3), 40))
    absolute = ["--background", str(tiny / "wall.png"), "-o", str(tiny / "films"), "--actor"]
    actor = str(tiny / "home" / "actors" / "tiny")
    assert avgen("render", str(tiny / "script.txt"), *absolute, actor).exit_code == 0
    assert avgen("gallery", str(tiny / "films")).exit_code == 0
    for path in ((tiny / "films" / ".avgen").glob("*.json"), (tiny / "films").glob("*.html")):
        for file in path:
            assert str(tiny) not in file.read_text(encoding="utf-8"), file
    receipt = json.loads((tiny / "films" / ".avgen" / "script.mp4.json").read_text())
    assert receipt["source"] == "../script.txt" and receipt["settings"]["background"] == "../wall.png"
