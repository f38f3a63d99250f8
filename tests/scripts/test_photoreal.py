"""From captures in Audio2Photoreal's layout to an actor that speaks, with tiny networks of random weights."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import Result

torch = pytest.importorskip("torch")
soundfile = pytest.importorskip("soundfile")
pytest.importorskip("scipy")
import yaml  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from avgen.actors.actor import find_actor  # noqa: E402
from avgen.errors import InputError  # noqa: E402
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig  # noqa: E402
from avgen.performer import load_actor  # noqa: E402
from avgen.released import audio2photoreal  # noqa: E402
from avgen.speech.wav2vec2 import Wav2Vec2Extractor  # noqa: E402
from avgen.text.labels import CHARACTERS, LABELS  # noqa: E402
from avgen.types import CODE_RATE  # noqa: E402
from scripts.evaluate import captured  # noqa: E402
from scripts.train import captures, data, photoreal  # noqa: E402
from tests.captures import FRAMES, SECONDS, write_dataset  # noqa: E402
from tests.codec_bodies import SIZES, WIDTHS, body_tensors, write_release  # noqa: E402
from tests.wav2vec2 import SIZES as EAR  # noqa: E402
from tests.wav2vec2 import write_published  # noqa: E402

TINY = """
tiny:
  audio: {num_blocks: 2, width: 16, hidden: 16, num_heads: 2, window: {past: 7, future: 2}}
  visual: {num_blocks: 2, width: 16, hidden: 16, num_heads: 2, window: {past: 7, future: 2}}
"""


@pytest.fixture
def prepared(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with captures, an imported actor, the published ear, and a network from text to letters."""
    monkeypatch.setattr(captures, "SIZES", EAR)
    monkeypatch.setattr(audio2photoreal, "SIZES", SIZES)
    monkeypatch.setattr(audio2photoreal, "WIDTHS", WIDTHS)
    (tiny / "configs.yaml").write_text(TINY)
    monkeypatch.setattr(data, "CONFIGS", tiny / "configs.yaml")
    write_release(tiny / "release", "PXB184", body_tensors())
    audio2photoreal.import_actor(tiny / "release", "PXB184", "pxb184", lambda line: None)
    write_dataset(tiny / "dataset")
    write_published(tiny / "ear.pth")
    torch.manual_seed(0)
    sizes = {"num_labels": len(LABELS), "width": 16, "num_convs": 1, "num_blocks": 1, "decoder": "flow"}
    config = {**sizes, "label_set": CHARACTERS.name, "num_outputs": len(CHARACTERS.labels)}
    network = TextToTokens(TextToTokensConfig(**config))  # type: ignore[arg-type]
    torch.nn.init.zeros_(network.duration.weight)
    network.duration.bias.data.copy_(torch.tensor([1.5, -4.0]))
    save_file(network.state_dict(), tiny / "letters.safetensors")
    (tiny / "letters.yaml").write_text(yaml.safe_dump(config))
    return tiny


def train(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    """Run the script."""
    options = {
        **{"dataset": "dataset", "actor": "pxb184", "wav2vec2": "ear.pth", "work": "work", "out": "speaker"},
        **{"text-to-tokens": "letters.safetensors", "config": "tiny", "minutes": "0.01"},
        **{"head-minutes": "0.01", "steady-steps": "2", "batch": "2", "seconds": "1.5"},
        **changes,
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    monkeypatch.setattr(sys, "argv", ["photoreal", *arguments, "--no-compile", "--listens"])
    photoreal.main()


def test_captures_become_an_actor_that_speaks_text_and_recordings(
    prepared: Path, monkeypatch: pytest.MonkeyPatch, avgen: Callable[..., Result], probe: Any
) -> None:
    train(monkeypatch)
    assert avgen("actors", "check", "./speaker").exit_code == 0
    actor = find_actor("./speaker")
    assert actor.label_set == CHARACTERS.name and actor.licence == "CC-BY-NC-4.0"
    assert actor.voices["own"].mean_pitch == pytest.approx(130, rel=0.02)
    parts = {slot: part.kind for slot, part in actor.components.items()}
    assert parts["extractor"] == "wav2vec2" and parts["avatar"] == "ca_body"

    take = load_actor("./speaker").speak("Hi.", seed=1)
    frames = len(take.codes)
    assert take.tokens.logits.shape == (frames, 29)
    assert take.codes["face"].shape == (frames, 256) and take.codes["pose"].shape == (frames, 104)
    assert abs(take.codes["face"].mean() - 3) < 1  # in the captures' own units
    (prepared / "hi.txt").write_text("Hi.")
    done = avgen("render", "hi.txt", "--actor", "./speaker", "--output", "out", "--fps", "24")
    assert done.exit_code == 0, done.output
    assert probe(prepared / "out/hi.mp4").frames > 12

    conditions = actor.components["flow"].config["conditions"]
    assert {name: part["channels"] for name, part in conditions.items()} == {
        "tokens": 29,
        "partner_tokens": 29,
    }

    soundfile.write("speech.wav", soundfile.read("dataset/scene02_audio.wav")[0][:24_000, 0], 48_000)
    done = avgen("render", "speech.wav", "--actor", "./speaker", "--output", "out", "--fps", "24")
    assert done.exit_code == 0, done.output
    assert probe(prepared / "out/speech.mp4").frames == 12

    talking = ("render", "hi.txt", "--partner", "dataset/scene02_audio.wav", "--actor", "./speaker")
    done = avgen(*talking, "--output", "talk", "--fps", "24")
    assert done.exit_code == 0, done.output

    text = captured.report(prepared / "dataset", "./speaker", prepared / "work")
    rows = {line.split("|")[1].strip(): line.split("|")[2:-1] for line in text.splitlines() if "|" in line}
    yardstick = [float(value) for value in rows["captures"]]
    assert yardstick[0] == pytest.approx(0, abs=1e-3) and yardstick[-1] == 0  # FD_e, MCD
    assert float(rows["./speaker"][0]) > 1 and "4 stretches, 0.2 minutes" in text

    scenes = {path: path.stat().st_mtime_ns for path in (prepared / "work/scenes").iterdir()}
    head = (prepared / "work/head/head_vae.safetensors").stat().st_mtime_ns
    train(monkeypatch)  # again it only puts the actor together
    assert scenes == {path: path.stat().st_mtime_ns for path in scenes}
    assert head == (prepared / "work/head/head_vae.safetensors").stat().st_mtime_ns


def test_an_actor_that_is_no_codec_avatar_is_refused_in_a_line(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"Error: actor tiny: expected an avatar of kind ca_body"):
        train(monkeypatch, actor="tiny")
    with pytest.raises(SystemExit, match=r"Error: gone\.pth: there is no such file\. Fetch wav2vec2_"):
        train(monkeypatch, wav2vec2="gone.pth")


def ear() -> Wav2Vec2Extractor:
    torch.manual_seed(0)
    return Wav2Vec2Extractor(EAR).eval()


def test_the_split_is_the_published_one(tmp_path: Path) -> None:
    found = captures.find_scenes(write_dataset(tmp_path / "dataset", scenes=9))
    names = [[scene.audio.name for scene in part] for part in found]
    assert names[0] == [f"scene0{number}_audio.wav" for number in (1, 2, 3)]  # scene00 has no face
    assert names[1] == [f"scene0{number}_audio.wav" for number in (4, 5)]
    assert names[2] == [f"scene0{number}_audio.wav" for number in (6, 7, 8, 9)]
    with pytest.raises(InputError, match=r"expected at least 7 scenes, .* found 6"):
        captures.find_scenes(write_dataset(tmp_path / "few", scenes=6))


def test_a_scene_is_cut_where_its_face_is_unknown_and_sound_and_motion_stay_together(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "dataset")
    scene = captures.Scene(folder / "scene01_audio.wav")
    file = captures.hear(scene, ear(), tmp_path / "work")
    first, last = captures.captures([file])
    assert len(first.face) == pytest.approx(59.5 / 30 * CODE_RATE, abs=1)
    assert len(last.face) == pytest.approx((FRAMES - 63.5) / 30 * CODE_RATE, abs=1)
    assert len(first.mel) == len(first.tokens) == len(first.pose) == len(first.pitch) == len(first.face)
    np.testing.assert_allclose(first.tokens.sum(1), 1, atol=0.01)
    face = np.load(scene.beside("face_expression"))
    centre = (10.5 / 30) * CODE_RATE - 0.5  # the middle of frame 10
    np.testing.assert_allclose(first.face[round(centre)], face[10], atol=0.6)
    assert np.corrcoef(first.face[round(centre)], face[10])[0, 1] > 0.98
    whole = list(
        captures.captures([captures.hear(captures.Scene(folder / "scene02_audio.wav"), ear(), tmp_path)])
    )
    assert [len(part.mel) for part in whole] == [int(SECONDS * CODE_RATE)]


@pytest.mark.parametrize(
    ("file", "values", "message"),
    [
        (
            "face_expression",
            np.zeros((96, 255), np.float32),
            r"expected numbers \[T, 256\], got float32 \[96, 255\]",
        ),
        ("face_expression", np.full((96, 256), np.nan, np.float32), "expected finite numbers"),
        ("body_pose", np.zeros((30, 104), np.float32), "last 3.20, 1.00, 3.20 s: expected the same"),
        ("missing_face_frames", np.array([4, 200]), "expected numbers of frames below 96"),
        ("body_pose", np.array([{"a": 1}], object), "cannot be read as an array"),
    ],
)
def test_files_of_a_scene_that_hold_something_else_are_named(
    tmp_path: Path, file: str, values: np.ndarray, message: str
) -> None:
    scene = captures.Scene(write_dataset(tmp_path / "dataset") / "scene02_audio.wav")
    np.save(scene.beside(file), values, allow_pickle=True)
    with pytest.raises(InputError, match=rf"scene02_.*: .*{message}"):
        captures.hear(scene, ear(), tmp_path)


def test_sound_of_another_rate_is_refused(tmp_path: Path) -> None:
    scene = captures.Scene(write_dataset(tmp_path / "dataset") / "scene02_audio.wav")
    soundfile.write(scene.audio, np.zeros((1000, 2)), 44_100)
    with pytest.raises(InputError, match="expected finite samples at 48000 Hz, got 1000 at 44100 Hz"):
        captures.hear(scene, ear(), tmp_path)


def test_the_real_sizes_instantiate() -> None:
    head = SimpleNamespace(config=SimpleNamespace(latent=8))
    config = data.shaped("paper", 29, {}, 256, head, scaled=("face",))  # type: ignore[arg-type]
    assert (config.num_conditions, config.num_channels, config.halo) == (29, 344, (56, 16))
