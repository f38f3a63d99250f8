from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from avgen.inputs.manifest import read_manifest
from avgen.takes.folder import Finished, best_takes
from avgen.takes.picks import PICK_COLUMNS, picks_csv
from avgen.takes.receipts import Receipt


def take(
    clip: str, seed: int, score: float | None = None, codes: str | None = None, **changes: str
) -> Finished:
    settings: dict[str, str | float] = {"camera": "portrait", "background": "gradient", "emotion": "neutral"}
    settings |= {
        "voice": "ada:0.6,ben:0.4",
        "speaking_rate": 1.1,
        "sentence_silence": 0.2,
        "steps": 4,
        "temperature": 0.9,
        "guidance_scale": 1.5,
    }
    receipt = Receipt(
        key=f"{clip}{seed}",
        files={f"{clip}.s{seed}.mp4": "0" * 64},
        frames=30,
        duration=1.0,
        clip=clip,
        text="Hello.",
        road="text",
        source="script.txt",
        source_sha256="",
        actor="mira",
        seed=seed,
        settings=settings,
        weights={},
        versions={},
        results={"codes": codes or f"{clip}{seed}"},
    )
    name = Path("out", f"{clip}.s{seed}.mp4")
    return Finished(name, replace(receipt, **changes), {} if score is None else {"score": score})


def test_the_best_takes_of_each_clip_and_each_take_once() -> None:
    takes = [take("b", 0, 50), take("a", 0, 90), take("a", 1, 95), take("a", 2, 95, codes="a1"), take("a", 3)]
    assert [one.receipt.seed for one in best_takes(takes, 1)] == [1, 0]
    assert [(one.receipt.clip, one.receipt.seed) for one in best_takes(takes, 2)] == [
        ("a", 1),
        ("a", 0),
        ("b", 0),
    ]


def test_a_pick_holds_all_that_makes_a_take_and_is_a_manifest(tmp_path: Path) -> None:
    text = picks_csv([take("a", 7)])
    (row,) = read_manifest(text.encode(), "picks.csv", "csv", tmp_path)
    assert (row.clip.id, row.seeds, row.cameras, row.actor) == ("a", (7,), ("portrait",), "mira")
    assert row.settings == {
        **{"emotion": "neutral", "voice": "ada:0.6,ben:0.4", "background": "gradient", "steps": 4},
        **{"speaking_rate": 1.1, "sentence_silence": 0.2, "temperature": 0.9, "guidance_scale": 1.5},
    }


def test_no_cell_is_a_formula_and_the_text_stays(tmp_path: Path) -> None:
    text = picks_csv([take("a", 0, text="=1+1, she said.")])
    (row,) = csv.DictReader(io.StringIO(text))
    assert not any(row[name].startswith(("=", "+", "-", "@")) for name in PICK_COLUMNS)
    (back,) = read_manifest(text.encode(), "picks.csv", "csv", tmp_path)
    assert back.clip.source.text == "=1+1, she said."  # type: ignore[union-attr]
