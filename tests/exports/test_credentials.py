from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from avgen.errors import InputError
from avgen.exports import Material, write_export
from avgen.exports.credentials import manifest
from avgen.types import Tokens
from tests.exports.conftest import spoken
from tests.exports.test_subtitles import grey

Make = Callable[..., Material]


def source_type(material: Material) -> str:
    (actions,) = manifest(material)["assertions"]
    return actions["data"]["actions"][0]["digitalSourceType"].rsplit("/", 1)[1]


def test_credentials_say_what_is_synthetic(material: Make) -> None:
    assert source_type(material()) == "trainedAlgorithmicMedia"
    recorded = Tokens(spoken("x").logits, "phonemes", (), ())
    assert source_type(material(recorded)) == "compositeWithTrainedAlgorithmicMedia"


def test_a_missing_extra_is_named(material: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(InputError, match=r"pip install 'avgen\[credentials\]'"):
        write_export("c2pa", material(), tmp_path / "out.mp4")


def test_a_copy_is_signed_and_breaks_when_it_is_changed(
    material: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    c2pa = pytest.importorskip("c2pa")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made, path = material(), tmp_path / "out.mp4"
    grey(made.video, made.frames)
    write_export("c2pa", made, path)
    found = json.loads(c2pa.Reader(str(path)).json())
    assert found["validation_state"] == "Valid"
    assert (tmp_path / "cache/avgen/signer.pem").stat().st_mode & 0o077 == 0
    data = bytearray(path.read_bytes())
    data[data.find(b"mdat") + 100] ^= 1
    path.write_bytes(data)
    assert json.loads(c2pa.Reader(str(path)).json())["validation_state"] == "Invalid"


def test_a_file_that_is_no_signer_is_refused(
    material: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("c2pa")
    (tmp_path / "signer.pem").write_text("hello")
    monkeypatch.setenv("AVGEN_C2PA_SIGNER", str(tmp_path / "signer.pem"))
    with pytest.raises(InputError, match=r"signer\.pem: expected a PEM file of a private key"):
        write_export("c2pa", material(), tmp_path / "out.mp4")
