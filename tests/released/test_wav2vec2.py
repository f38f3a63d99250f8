"""torchaudio's published file becomes an extractor; nothing else does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from click.testing import Result

from avgen.actors.actor import DOWNLOADS
from avgen.errors import ActorError, InputError
from avgen.files import sha256_file
from avgen.released.wav2vec2 import convert
from avgen.speech.wav2vec2 import Wav2Vec2Extractor
from avgen.text.labels import CHARACTERS
from tests.fakes import component, write_description
from tests.wav2vec2 import OUTPUTS, SIZES, config_of, published_state, write_published

Avgen = Callable[..., Result]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "wav2vec2_fairseq_base_ls960_asr_ls960.pth"
    write_published(path)
    return path


def test_what_is_converted_hears_as_the_published_model_does(published: Path, tmp_path: Path) -> None:
    model = write_published(published)
    config = convert(published, tmp_path / "extractor.safetensors", SIZES)
    assert config.source_sha256 == sha256_file(published)
    extractor = Wav2Vec2Extractor.load(config_of(config.source_sha256), tmp_path / "extractor.safetensors")
    sound = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    used = [row for row in range(OUTPUTS) if row not in (1, 2, 3)]
    with torch.inference_mode():
        np.testing.assert_allclose(extractor.model(sound)[0], model(sound)[0][..., used], atol=1e-5)
    first = (tmp_path / "extractor.safetensors").read_bytes()
    convert(published, tmp_path / "extractor.safetensors", SIZES)
    assert (tmp_path / "extractor.safetensors").read_bytes() == first


def test_a_missing_file_says_where_it_is_to_be_had(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"gone\.pth: there is no such file\. Fetch wav2vec2_fairseq"
    ) as error:
        convert(tmp_path / "gone.pth", tmp_path / "extractor.safetensors")
    assert DOWNLOADS["wav2vec2"] in str(error.value) and "MIT" in str(error.value)


@pytest.mark.parametrize("change", ["missing", "unknown", "shape"])
def test_other_tensors_are_refused_by_name(published: Path, tmp_path: Path, change: str) -> None:
    state = torch.load(published, weights_only=True)
    name = "encoder.transformer.layers.1.attention.q_proj.weight"
    if change == "missing":
        del state[name]
    else:
        name = name if change == "shape" else "more"
        state[name] = torch.zeros(2, 3)
    torch.save(state, published)
    with pytest.raises(ActorError, match=rf"\.pth: {name}: expected .*, got .*\.$"):
        convert(published, tmp_path / "extractor.safetensors", SIZES)
    assert not (tmp_path / "extractor.safetensors").exists()


def test_a_harmful_or_cut_file_is_refused_and_nothing_in_it_is_run(published: Path, tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, (f"touch {tmp_path / 'harmed'}",)

    whole = published.read_bytes()
    torch.save({**published_state(write_published(published)), "more": Harm()}, published)
    with pytest.raises(ActorError, match="refused, and nothing in it was run"):
        convert(published, tmp_path / "extractor.safetensors", SIZES)
    published.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ActorError, match=r"\.pth: cannot be read as a checkpoint"):
        convert(published, tmp_path / "extractor.safetensors", SIZES)
    assert not (tmp_path / "harmed").exists()


def test_an_actor_without_the_file_says_how_to_get_it_and_is_whole_with_it(
    avgen: Avgen, tiny: Path, published: Path
) -> None:
    folder = tiny / "home/actors/tiny"
    convert(published, folder / "extractor.safetensors", SIZES)
    parts = yaml.safe_load((folder / "actor.yaml").read_text())["components"]
    config = config_of(sha256_file(published))
    parts["extractor"] = component(folder / "extractor.safetensors", "wav2vec2", config)
    write_description(folder, components=parts, label_set=CHARACTERS.name)
    assert avgen("actors", "check", "tiny").exit_code == 0
    (folder / "extractor.safetensors").unlink()
    advice = f"Fetch {DOWNLOADS['wav2vec2']}, then: avgen actors import wav2vec2 FILE --name tiny"
    for command in (("actors", "check", "tiny"), ("doctor", "--actor", "tiny"), ("render", "script.txt")):
        done = avgen(*command)
        assert done.exit_code and advice in done.output, command
    other = shutil.copy(published, tiny / "other.pth")
    torch.save({**torch.load(other, weights_only=True), "aux.bias": torch.zeros(OUTPUTS)}, other)
    done = avgen("actors", "import", "wav2vec2", str(other), "--name", "tiny")
    assert done.exit_code == 2 and "expected the file that actor tiny was trained with" in done.output
    assert avgen("actors", "import", "wav2vec2", str(published), "--name", "tiny").exit_code == 0
    assert avgen("actors", "check", "tiny").exit_code == 0


def test_what_the_command_needs_is_said(avgen: Avgen, published: Path) -> None:
    assert "needs the --name" in avgen("actors", "import", "wav2vec2", str(published)).output
    assert "needs the --id" in avgen("actors", "import", "audio2photoreal", ".").output
    done = avgen("actors", "import", "wav2vec2", str(published), "--name", "tiny")
    assert done.exit_code == 2 and "it has an extractor of kind whisper" in done.output
