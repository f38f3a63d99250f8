"""`avgen render` from end to end, with the tiny actor."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result

from avgen.actors.actor import SLOTS

Avgen = Callable[..., Result]


def stages(result: Result) -> tuple[set[str], set[str]]:
    """(stages that ran, stages from the cache) of a --json run of one clip."""
    (clip,) = json.loads(result.stdout)["clips"]
    return set(clip["seconds"]), set(clip["cached"])


def test_script_becomes_a_playable_mp4_of_equal_lengths(
    tiny: Path, avgen: Avgen, probe: Callable[[Path], SimpleNamespace]
) -> None:
    result = avgen("render", "script.txt", "--fps", "30")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "out/script.mp4\n"
    found = probe(tiny / "out" / "script.mp4")
    assert abs(found.samples / 48_000 - found.frames / 30) < 1 / 30
    assert "yuv420p" in found.about and "h264" in found.about and "aac" in found.about
    assert "64x64" in found.about and "30 fps" in found.about
    assert (tiny / "out" / "script.mp4").read_bytes()[4:8] == b"ftyp"
    assert (tiny / "out" / "script.mp4").read_bytes().find(b"moov") < 100  # before the data: faststart


def test_file_says_it_is_synthetic(
    tiny: Path, avgen: Avgen, probe: Callable[[Path], SimpleNamespace]
) -> None:
    avgen("render", "script.txt")
    about = probe(tiny / "out" / "script.mp4").about
    assert "Synthetic video of Tiny, made with avgen" in about
    receipt = json.loads((tiny / "out" / ".avgen" / "script.mp4.json").read_text())
    assert receipt["key"] in about
    assert receipt["consent"] == "Nobody's likeness." and receipt["consent"] in about
    assert set(receipt["weights"]) == set(SLOTS) - {"body", "motion", "gesture_generator"}
    assert receipt["seed"] == 0 and receipt["actor"] == "tiny" and receipt["versions"]["avgen"]
    assert receipt["clip"] == "script" and receipt["text"].startswith("Hello there.")
    assert len(receipt["source_sha256"]) == 64 and receipt["source"] == "../script.txt"


def test_same_command_again_only_verifies(tiny: Path, avgen: Avgen) -> None:
    avgen("render", "script.txt")
    output = tiny / "out" / "script.mp4"
    before = output.stat()
    result = avgen("render", "script.txt", "--json")
    (clip,) = json.loads(result.stdout)["clips"]
    assert clip["status"] == "unchanged" and clip["frames"] > 0
    assert (output.stat().st_mtime_ns, output.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_other_seed_recomputes_from_the_tokens_on(avgen: Avgen) -> None:
    avgen("render", "script.txt")
    ran, cached = stages(avgen("render", "script.txt", "--seed", "1", "--json"))
    assert ran == {"tokenize", "sample", "vocode", "render", "mux"} and not cached


@pytest.mark.parametrize(
    "option", [("--camera", "close-up"), ("--size", "96x64"), ("--background", "#102030"), ("--fps", "25")]
)
def test_other_view_only_renders(avgen: Avgen, option: tuple[str, str]) -> None:
    avgen("render", "script.txt")
    ran, cached = stages(avgen("render", "script.txt", *option, "--json"))
    assert ran == {"render", "mux"} and cached == {"sample", "vocode"}


def test_other_steps_keep_the_tokens(avgen: Avgen) -> None:
    avgen("render", "script.txt")
    ran, cached = stages(avgen("render", "script.txt", "--steps", "6", "--json"))
    assert ran == {"sample", "vocode", "render", "mux"} and cached == {"tokenize"}


def test_lost_output_is_muxed_from_the_cache(tiny: Path, avgen: Avgen) -> None:
    avgen("render", "script.txt")
    output = tiny / "out" / "script.mp4"
    before = output.read_bytes()
    output.unlink()
    ran, cached = stages(avgen("render", "script.txt", "--json"))
    assert ran == {"mux"} and cached == {"render", "vocode"}
    assert output.read_bytes() == before


def test_force_makes_the_same_bytes_anew(tiny: Path, avgen: Avgen) -> None:
    avgen("render", "script.txt")
    before = (tiny / "out" / "script.mp4").read_bytes()
    ran, _ = stages(avgen("render", "--force", "script.txt", "--json"))
    assert ran == {"tokenize", "sample", "vocode", "render", "mux"}
    assert (tiny / "out" / "script.mp4").read_bytes() == before


def test_force_from_a_stage_keeps_what_comes_before(avgen: Avgen) -> None:
    avgen("render", "script.txt")
    ran, cached = stages(avgen("render", "script.txt", "--force=vocode", "--json"))
    assert ran == {"vocode", "mux"} and cached == {"tokenize", "sample", "render"}


def test_variations_have_their_seed_in_the_name(tiny: Path, avgen: Avgen) -> None:
    result = avgen("render", "script.txt", "--variations", "2", "--seed", "5")
    assert result.stdout.split() == ["out/script.s5.mp4", "out/script.s6.mp4"]
    first, second = ((tiny / name).read_bytes() for name in result.stdout.split())
    assert first != second


def test_separators_and_standard_input_make_several_clips(tiny: Path, avgen: Avgen) -> None:
    result = avgen("render", "-", "-o", "here", stdin=b"One.\n---\nTwo and three.\n")
    assert result.stdout.split() == ["here/stdin-01.mp4", "here/stdin-02.mp4"]


def test_output_can_be_a_file(tiny: Path, avgen: Avgen) -> None:
    assert avgen("render", "script.txt", "-o", "films/mine.mp4").stdout == "films/mine.mp4\n"
    assert (tiny / "films" / "mine.mp4").is_file()


def test_underscores_are_hyphens(avgen: Avgen) -> None:
    assert avgen("render", "script.txt", "--speaking_rate", "1.5", "--dry_run").exit_code == 0


def test_dry_run_writes_nothing(tiny: Path, avgen: Avgen) -> None:
    result = avgen("render", "script.txt", "--dry-run")
    assert result.stdout.startswith(
        "out/script.mp4: would run tokenize, sample, vocode, render, mux: about 3 s"
    )
    assert result.stderr.startswith("1 clips, 0 done; to make: about ")
    assert not (tiny / "out").exists() and not (tiny / "cache").exists()
    avgen("render", "script.txt")
    assert avgen("render", "script.txt", "--dry-run").stdout == "out/script.mp4: done\n"
    plan = json.loads(avgen("render", "script.txt", "--camera", "close-up", "--dry-run", "--json").stdout)
    assert plan["plan"][0]["missing"] == ["render", "mux"]


def test_piped_progress_is_plain_lines_on_stderr(avgen: Avgen) -> None:
    lines = avgen("render", "script.txt").stderr.splitlines()
    assert [line.split()[1] for line in lines[:5]] == ["tokenize", "sample", "vocode", "render", "mux"]
    assert lines[-1].startswith("script: ") and "frames, made in" in lines[-1]


def test_foreign_output_fails_its_clip_alone(tiny: Path, avgen: Avgen) -> None:
    (tiny / "other.txt").write_text("Another one.")
    (tiny / "out").mkdir()
    (tiny / "out" / "script.mp4").write_bytes(b"somebody's film")
    result = avgen("render", "script.txt", "other.txt")
    assert result.exit_code == 3
    assert result.stdout == "out/other.mp4\n"
    assert (
        "Error: script: out/script.mp4 exists and avgen did not write it. "
        "Move it, or replace it with --overwrite." in result.stderr
    )
    assert (tiny / "out" / "script.mp4").read_bytes() == b"somebody's film"
    assert avgen("render", "script.txt", "--overwrite").exit_code == 0


def test_edited_output_is_kept_unless_it_is_to_be_replaced(tiny: Path, avgen: Avgen) -> None:
    avgen("render", "script.txt")
    output = tiny / "out" / "script.mp4"
    good = output.read_bytes()
    output.write_bytes(good[:-10])
    result = avgen("render", "script.txt")
    assert result.exit_code == 3 and output.read_bytes() == good[:-10]
    assert "out/script.mp4 exists and it was changed since avgen wrote it. Move it, or" in result.stderr
    assert avgen("render", "script.txt", "--overwrite").exit_code == 0
    assert output.read_bytes() == good


def test_torn_receipt_is_made_again_with_its_output(tiny: Path, avgen: Avgen) -> None:
    avgen("render", "script.txt")
    receipt = tiny / "out" / ".avgen" / "script.mp4.json"
    receipt.write_text(receipt.read_text()[:40])
    assert avgen("render", "script.txt").exit_code == 0
    assert json.loads(receipt.read_text())["frames"] > 0


def test_damaged_cache_entry_goes_to_quarantine_and_is_made_again(tiny: Path, avgen: Avgen) -> None:
    avgen("render", "script.txt")
    good = (tiny / "out" / "script.mp4").read_bytes()
    (tiny / "out" / "script.mp4").unlink()
    (picture,) = (tiny / "cache" / "cas").glob("*/*.mp4")
    flipped = bytearray(picture.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    picture.write_bytes(flipped)
    result = avgen("render", "script.txt", "--json")
    ran, cached = stages(result)
    assert ran == {"render", "mux"} and cached == {"sample", "vocode"}
    assert "damaged" in result.stderr
    assert list((tiny / "cache" / "quarantine").iterdir())
    assert (tiny / "out" / "script.mp4").read_bytes() == good


def test_second_run_in_a_folder_is_refused(tiny: Path, avgen: Avgen) -> None:
    from avgen.jobs.lock import folder_lock

    with folder_lock(tiny / "out"):
        result = avgen("render", "script.txt")
    assert result.exit_code == 75
    assert f"another run (process {os.getpid()}) is writing here" in result.stderr


def test_failing_stage_fails_its_clip_with_the_reason(avgen: Avgen, monkeypatch: pytest.MonkeyPatch) -> None:
    vocoder = "avgen.vocoders.source_filter.SourceFilter.__call__"
    monkeypatch.setattr(vocoder, lambda self, mel, seed, prosody: mel[:, 0] * float("nan"))
    result = avgen("render", "script.txt")
    assert result.exit_code == 3
    assert "Error: script: vocode failed: samples has shape" in result.stderr


def test_interrupted_run_leaves_no_parts_and_goes_on(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tests.fakes.TinyRenderer.render", stop)
        result = avgen("render", "script.txt")
    assert result.exit_code == 130
    assert "Run the same command again" in result.stderr
    assert not list(tiny.rglob("*.part")) and not list(tiny.rglob("*.mp4"))
    ran, cached = stages(avgen("render", "script.txt", "--json"))
    assert ran == {"render", "mux"} and cached == {"sample", "vocode"}
