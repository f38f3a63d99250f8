"""Released files of a person become an actor that the rest of avgen takes as any other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from avgen.actors.actor import damaged_files, find_actor
from avgen.actors.components import Models, check_kinds
from avgen.avatars.ca_body.sizes import Sizes
from avgen.background import Background
from avgen.cli import main
from avgen.errors import ActorError, InputError
from avgen.released import audio2photoreal
from avgen.released.audio2photoreal import Line, import_actor
from tests.codec_bodies import SIZES, WIDTHS, body_tensors, write_generators, write_release

WHO = "PXB184"
BODY = f"checkpoints/ca_body/data/{WHO}"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_release(folder, WHO, body_tensors())
    write_generators(folder)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AVGEN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(audio2photoreal, "SIZES", SIZES)
    monkeypatch.setattr(audio2photoreal, "WIDTHS", WIDTHS)
    return tmp_path / "home"


def run(release: Path) -> tuple[Path, dict[str, str]]:
    lines: list[Line] = []
    folder = import_actor(release, WHO, "pxb184", lines.append)
    return folder, {Path(line.file).name: line.state for line in lines}


def test_an_imported_actor_is_one(release: Path, home: Path) -> None:
    folder, states = run(release)
    assert folder == home / "actors/pxb184"
    assert states["body_dec.ckpt"] == states["static_assets.pt"] == states["data_stats.pth"] == "converted"
    for name in ("model000155000.pt", "model000340000.pt", "iter-0100000.pt", "net_iter300000.pth"):
        assert states[name] == "converted"
    motion = load_file(folder / "motion.safetensors")
    embed = motion["codebooks.quantizer.layers.3._codebook.embed"]
    assert embed.shape == (WIDTHS.codes, WIDTHS.code) and motion["stats.audio_mean"].shape == (2,)
    assert states["config.yml"] == "found" and states["sample_batch.pt"] == "missing"
    actor = find_actor("pxb184")
    check_kinds(actor)
    assert not list(damaged_files(actor))
    assert actor.licence == "CC-BY-NC-4.0" and list(actor.cameras) == ["body", "portrait"]
    assert not any("MakeHuman" in line for line in actor.credits)
    assert not list(folder.glob(".*"))


def test_its_cameras_see_it(release: Path) -> None:
    run(release)
    actor = find_actor("pxb184")
    avatar = Models(actor)["avatar"]
    tracks = {"face": np.zeros((1, 256), np.float32), "pose": np.zeros((1, 104), np.float32)}
    picture = avatar.renderer("cpu", actor.view(), (48, 64), Background("transparent")).render(tracks)[0]
    rows = np.flatnonzero((picture[..., 3] > 0).any(1))
    assert rows[0] > 0 and rows[-1] < 63 and len(rows) > 40


def test_again_it_only_looks(release: Path) -> None:
    folder, _ = run(release)
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    _, states = run(release)
    assert states["body_dec.ckpt"] == "kept"
    after = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    assert after["avatar.safetensors"] == before["avatar.safetensors"]
    assert after["actor.yaml"][1] == before["actor.yaml"][1]


def test_without_its_generators_it_is_an_actor_whom_sound_does_not_move(
    release: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    (copy / "checkpoints/vq/c1_pose/net_iter300000.pth").unlink()
    lines: list[Line] = []
    import_actor(copy, WHO, "pxb184", lines.append)
    assert Line("missing", "vq/c1_pose/net_iter300000.pth", "needed to move to sound") in lines
    assert "motion" not in find_actor("pxb184").components
    done = CliRunner().invoke(main, ["actors", "check", "pxb184"])
    assert done.exit_code == 0 and "nothing makes its body's pose" in done.output
    (tmp_path / "script.txt").write_text("Hi.")
    done = CliRunner().invoke(
        main, ["render", str(tmp_path / "script.txt"), "--actor", "pxb184", "--dry-run"]
    )
    assert done.exit_code == 2
    assert "actor pxb184 cannot be rendered: nothing makes its body's pose" in done.output


def test_stopped_it_goes_on(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(audio2photoreal, "_stats", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        run(release)
    with pytest.raises(ActorError, match="pxb184"):
        find_actor("pxb184")
    folder, states = run(release)
    assert states["body_dec.ckpt"] == "kept" and states["data_stats.pth"] == "converted"
    assert not list(folder.glob(".*"))
    find_actor("pxb184")


def test_a_changed_file_is_made_anew(release: Path) -> None:
    folder, _ = run(release)
    (folder / "avatar.safetensors").write_bytes(b"changed")
    assert run(release)[1]["body_dec.ckpt"] == "converted"
    assert not list(damaged_files(find_actor("pxb184")))


def test_a_changed_record_is_no_danger(release: Path) -> None:
    folder, _ = run(release)
    for text in ("", "[]", '{"avatar.safetensors": 1}', json.dumps({"avatar.safetensors": {"inputs": []}})):
        (folder / "import.json").write_text(text)
        assert run(release)[1]["body_dec.ckpt"] == "converted"


def test_what_is_missing_is_said_by_name(release: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    (copy / BODY / "static_assets.pt").unlink()
    lines: list[Line] = []
    with pytest.raises(ActorError, match=r"static_assets\.pt of PXB184: missing.*checkpoints/ca_body/data"):
        import_actor(copy, WHO, "pxb184", lines.append)
    assert Line("missing", f"{WHO}/static_assets.pt", "needed") in lines


def test_two_of_a_name_are_not_guessed_between(release: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release, copy / "one")
    shutil.copytree(release, copy / "two")
    with pytest.raises(ActorError, match="there are several PXB184/body_dec"):
        import_actor(copy, WHO, "pxb184", lambda _: None)


def test_unknown_checkpoints_are_left_alone(release: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    (copy / "other.pt").write_bytes(b"anything")
    assert run(copy)[1]["other.pt"] == "unknown"


def test_a_shape_that_does_not_fit_leaves_no_actor(release: Path, tmp_path: Path, home: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    file = copy / BODY / "body_dec.ckpt"
    state = torch.load(file, weights_only=True)["model"]
    state["decoder.tex_conv.bias"] = state["decoder.tex_conv.bias"][:2]
    torch.save({"model": state}, file)
    with pytest.raises(
        ActorError, match=r"decoder\.tex_conv\.bias: expected the shape \[3, 128, 128\], got \[2"
    ):
        run(copy)
    assert not (home / "actors/pxb184/actor.yaml").exists()
    assert not (home / "actors/pxb184/avatar.safetensors").exists()


@pytest.mark.parametrize("damage", ["cut", "not finite"])
def test_a_damaged_file_is_an_error_of_one_line(release: Path, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    file = copy / BODY / "body_dec.ckpt"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    else:
        state = torch.load(file, weights_only=True)["model"]
        state["decoder.tex_conv.bias"][0, 0, 0] = torch.nan
        torch.save({"model": state}, file)
    done = CliRunner().invoke(main, ["actors", "import", "audio2photoreal", str(copy), "--id", WHO])
    last = done.output.splitlines()[-1]
    assert done.exit_code == 2 and last.startswith("Error: ") and "body_dec.ckpt" in last


def test_names_and_folders_of_others_are_refused(release: Path, home: Path) -> None:
    with pytest.raises(InputError, match="--id: expected three letters"):
        import_actor(release, "../x", "pxb184", lambda _: None)
    with pytest.raises(InputError, match="expected a name of small letters"):
        import_actor(release, WHO, "../x", lambda _: None)
    (home / "actors/taken").mkdir(parents=True)
    (home / "actors/taken/mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is there already, and was not imported"):
        import_actor(release, WHO, "taken", lambda _: None)


def test_the_command_says_what_became_of_every_file(release: Path, home: Path) -> None:
    done = CliRunner().invoke(main, ["actors", "import", "audio2photoreal", str(release), "--id", WHO])
    assert done.exit_code == 0, done.output
    assert f"converted {BODY}/body_dec.ckpt: avatar.safetensors" in done.output
    assert f"{home / 'actors/pxb184'}: made." in done.output
    done = CliRunner().invoke(main, ["actors", "check", "pxb184"])
    assert done.exit_code == 0 and "all files are whole" in done.output
    assert "for non-commercial use (CC-BY-NC-4.0)" in done.output and "in 100 steps each" in done.output
    done = CliRunner().invoke(main, ["actors", "import", "audio2photoreal", "nowhere", "--id", WHO])
    assert done.exit_code == 2 and "expected the folder with the released files" in done.output


@pytest.mark.slow
def test_an_actor_of_the_published_size(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio2photoreal, "SIZES", Sizes())
    write_release(tmp_path, WHO, body_tensors(sizes=Sizes()))
    run(tmp_path)
    actor = find_actor("pxb184")
    tracks = {"face": np.zeros((1, 256), np.float32), "pose": np.zeros((1, 104), np.float32)}
    renderer = Models(actor)["avatar"].renderer("cpu", actor.view(), (128, 128), Background("transparent"))
    assert (renderer.render(tracks)[0, ..., 3] > 0).mean() > 0.2
