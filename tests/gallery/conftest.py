from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from avgen.config import RenderConfig
from avgen.files import sha256_file, sha256_text
from avgen.media.ffmpeg import ffmpeg_exe
from avgen.takes.layout import evaluation_path, report_path
from avgen.takes.receipts import Receipt, write_receipt

EVIL = (
    "Less < more & \"quotes\", 'single';\n"
    "</script><script>window.hacked = 1</script><img src=x onerror=hacked=1>"
)
TEXTS = {"intro": "Hello there, I am here.", "evil": EVIL, "outro": "=Good-bye, and thanks. "}


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of a test pattern."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    source = "testsrc=size=64x64:rate=24:duration=0.5"
    command = ["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "libx264", str(path)]
    subprocess.run([ffmpeg_exe(), "-v", "error", *command], check=True)
    return path


def add_take(
    folder: Path, film: Path, name: str, clip: str, text: str, seed: int, camera: str = "portrait"
) -> Path:
    """Put a film with its receipt into a folder."""
    folder.mkdir(exist_ok=True)
    output = folder / name
    shutil.copyfile(film, output)
    receipt = Receipt(
        key="key",
        files={name: sha256_file(output)},
        frames=12,
        duration=0.5,
        clip=clip,
        text=text,
        road="text",
        source="../scripts.csv",
        source_sha256=sha256_text(text),
        actor="mira",
        seed=seed,
        settings=RenderConfig(camera=camera).to_json(),
        weights={},
        versions={},
        results={},
    )
    write_receipt(output, receipt)
    return output


@pytest.fixture
def takes(tmp_path: Path, film: Path) -> Path:
    """A folder of three clips: two seeds of each, one of them from another side, some of them measured."""
    folder = tmp_path / "it's <out>"
    measures = {}
    for clip, text in TEXTS.items():
        for seed in (3, 12):
            camera = "close-up" if (clip, seed) == ("outro", 12) else "portrait"
            output = add_take(folder, film, f"{clip}.s{seed}.mp4", clip, text, seed, camera)
            measures[output.name] = {"lip_closure": len(clip) + seed / 4, "note": None}
    del measures["intro.s3.mp4"]
    report_path(folder).parent.mkdir(exist_ok=True)
    evaluation_path(folder).write_text(json.dumps({"clips": measures}))
    why = "mux failed: <b>no</b>"
    report = [{"id": "lost", "output": "out/lost.mp4", "status": "failed", "error": why}]
    report_path(folder).write_text(json.dumps({"clips": report}))
    return folder
