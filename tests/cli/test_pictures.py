"""Cameras, backgrounds and file formats of `avgen render`, with the tiny actor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import Result

from tests.pictures import write_image

Avgen = Callable[..., Result]
Probe = Callable[[Path], SimpleNamespace]


def clips(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, (result.output, result.stderr)
    return list(json.loads(result.stdout)["clips"])


def test_cameras_share_everything_but_the_picture(tiny: Path, avgen: Avgen) -> None:
    cameras = ["--camera", "portrait", "--camera", "-20,5,1.20,18", "--camera", "close-up"]
    first, *others = clips(avgen("render", "script.txt", *cameras, "--json"))
    assert set(first["seconds"]) == {"tokenize", "sample", "vocode", "render", "mux"}
    for clip in others:
        assert set(clip["seconds"]) == {"render", "mux"}
        assert set(clip["cached"]) == {"sample", "vocode"}
    names = {path.name for path in (tiny / "out").glob("*.mp4")}
    assert names == {"script.portrait.mp4", "script.y-20p5d1.2f18.mp4", "script.close-up.mp4"}


def test_seeds_and_cameras_are_both_in_the_name(tiny: Path, avgen: Avgen) -> None:
    options = ["--variations", "2", "--camera", "portrait", "--camera", "close-up", "--json"]
    assert len(clips(avgen("render", "script.txt", *options))) == 4
    assert (tiny / "out" / "script.s1.close-up.mp4").is_file()


@pytest.mark.parametrize("spelling", ["20,5,1.2,18", " 20.0, 5 ,1.20,18"])
def test_one_camera_has_one_key_however_it_is_spelt(avgen: Avgen, spelling: str) -> None:
    clips(avgen("render", "script.txt", "--camera", "20,5,1.2,18", "--json"))
    (clip,) = clips(avgen("render", "script.txt", "--camera", spelling, "--json"))
    assert clip["status"] == "unchanged"


@pytest.mark.parametrize(
    ("options", "codecs"),
    [
        (["-o", "a.webm"], ("vp9", "yuv420p", "opus", "48000 hz")),
        (["-o", "a.mov"], ("prores (4444)", "yuv444p", "pcm_s16le", "48000 hz")),
        (["-o", "a.webm", "--background", "transparent"], ("vp9", "alpha_mode", "opus")),
        (["-o", "a.mov", "--background", "transparent"], ("prores (4444)", "yuva444p", "pcm_s16le")),
        (["-o", "A.MP4"], ("h264", "yuv420p", "aac")),
    ],
)
def test_suffix_of_the_output_decides_the_format(
    tiny: Path, avgen: Avgen, probe: Probe, options: list[str], codecs: tuple[str, ...]
) -> None:
    (clip,) = clips(avgen("render", "script.txt", "--json", *options))
    found = probe(tiny / options[1])
    assert found.frames == clip["frames"]
    assert "Synthetic video of Tiny" in found.about
    for codec in codecs:
        assert codec in found.about.lower()
    if "alpha_mode" in codecs:  # Matroska's AlphaMode, which browsers look at
        assert b"\x53\xc0\x81\x01" in (tiny / options[1]).read_bytes()[:2000]
    assert clips(avgen("render", "script.txt", "--json", *options))[0]["status"] == "unchanged"


def test_format_option_names_the_files_of_a_folder(tiny: Path, avgen: Avgen) -> None:
    options = ["--format", "webm", "--background", "transparent", "--json"]
    (clip,) = clips(avgen("render", "script.txt", *options))
    assert clip["output"] == "out/script.webm"
    (remuxed,) = clips(avgen("render", "script.txt", *options, "--force=mux"))
    assert set(remuxed["seconds"]) == {"mux"}
    assert "render" in remuxed["cached"]


def test_image_background_counts_by_its_content(tiny: Path, avgen: Avgen) -> None:
    write_image(tiny / "a.png", np.full((8, 8, 3), 40))
    assert set(clips(avgen("render", "script.txt", "--background", "a.png", "--json"))[0]["seconds"])
    (tiny / "a.png").rename(tiny / "b.png")
    (moved,) = clips(avgen("render", "script.txt", "--background", "b.png", "--json"))
    assert moved["status"] == "unchanged"
    write_image(tiny / "b.png", np.full((8, 9, 3), 50))
    (changed,) = clips(avgen("render", "script.txt", "--background", "b.png", "--json"))
    assert set(changed["seconds"]) == {"render", "mux"}
