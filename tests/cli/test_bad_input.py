"""Bad input: a clear error, exit 2, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from avgen.inputs.clips import MAX_CHARACTERS

Avgen = Callable[..., Result]


def refused(result: Result, folder: Path, before: set[Path]) -> str:
    """The message of a refused command that wrote nothing."""
    assert result.exit_code == 2, (result.output, result.stderr)
    assert result.stdout == ""
    assert set(folder.rglob("*")) == before
    return result.stderr.removeprefix("Error: ").strip()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.txt", None, "none.txt: there is no such file."),
        ("empty.txt", b"", "empty.txt: there is no text to speak: it is empty or only whitespace."),
        ("blank.txt", b" \n\t\n", "blank.txt: there is no text to speak: it is empty or only whitespace."),
        ("part.txt", b"One.\n---\n\n---\nTwo.", "part.txt: part 2 (line 3): there is no text to speak"),
        ("binary.txt", b"\x7fELF\x00\x01\xff", "binary.txt: this is a binary file, not text."),
        (
            "control.txt",
            b"Hello\n\x00there",
            "control.txt: line 2: control character U+0000: this is a binary",
        ),
        (
            "latin.txt",
            "Hello.\nCaf\xe9.".encode("latin-1"),
            "latin.txt: line 2: not UTF-8 text (byte 0xe9). Save it as UTF-8, for example: "
            "iconv -f WINDOWS-1252 -t UTF-8 latin.txt > utf8.txt",
        ),
        ("wide.txt", "Hello.".encode("utf-16"), "wide.txt: the text is UTF-16. Save it as UTF-8"),
        (
            "notes.pdf",
            b"",
            "notes.pdf: expected a script (.txt, .ssml, .md, .html), subtitles (.srt, .vtt), a manifest",
        ),
        (
            "long.txt",
            b"word " * (MAX_CHARACTERS // 5 + 1),
            "long.txt: line 1: the text has 200,005 characters, the limit for one clip is 200,000.",
        ),
        ("huge.txt", b"word " * 200_000, "huge.txt: the input is larger than 800,000 bytes"),
        ("greek.txt", "Hello.\n\nΚαλημέρα κόσμε.".encode(), "greek.txt line 3: cannot speak"),
        ("mute.txt", b"!!! ???", "mute.txt"),
    ],
)
def test_script_that_cannot_be_spoken(
    tiny: Path, avgen: Avgen, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tiny / name).write_bytes(content)
    before = set(tiny.rglob("*"))
    assert refused(avgen("render", "script.txt", name), tiny, before).startswith(message)


def test_line_numbers_count_from_the_top_of_the_file(tiny: Path, avgen: Avgen) -> None:
    (tiny / "two.txt").write_text("Fine.\n---\nAlso fine.\nΚαλημέρα.\n", encoding="utf-8")
    before = set(tiny.rglob("*"))
    assert refused(avgen("render", "two.txt"), tiny, before).startswith("two.txt line 4: cannot speak")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--actor", "tyni"], "unknown actor 'tyni'. Did you mean 'tiny'? List them with: avgen actors list"),
        (["--actor", "./here"], "./here: there is no actor.yaml in this folder."),
        (["--preset", "standart"], "unknown preset 'standart'. Did you mean 'standard'?"),
        (["--preset", "own.yaml"], "own.yaml: there is no such preset file."),
        (["--camera", "portait"], "camera: unknown camera 'portait'. Did you mean 'portrait'?"),
        (["--voice", "tyni"], "unknown voice 'tyni'. Did you mean 'tiny'?"),
        (["--voice", "tiny:0.6,ada:0.4"], "unknown voice 'ada'. Known: tiny."),
        (["--voice", "tiny:-1"], "expected a share greater than 0, got '-1' in 'tiny:-1'. Write a name, or"),
        (["--voice", "tiny,tiny"], "voice 'tiny' stands twice in 'tiny,tiny'."),
        (["--fps", "12"], "fps: expected a whole number from 24 to 60, got 12."),
        (["--fps", "120"], "fps: expected a whole number from 24 to 60, got 120."),
        (["--size", "32"], "width: expected a whole number from 64 to 2160, got 32."),
        (["--size", "512x4000"], "height: expected a whole number from 64 to 2160, got 4000."),
        (["--size", "513"], "width: expected an even number of pixels, got 513."),
        (["--size", "big"], "size: expected pixels like 512 or 1280x720, got 'big'."),
        (["--background", "#12345"], "background: expected a colour like #20304a, got '#12345'."),
        (["--background", "gradiant"], "background: expected gradient, transparent, a colour"),
        (["--background", "none.png"], "background: none.png: cannot be read: No such file or directory."),
        (["--background", "fake.jpg"], "background: fake.jpg: this is neither a PNG nor a JPEG image."),
        (["--background", "transparent"], "background: an MP4 cannot be transparent. Add --format webm"),
        (["--background", "transparent", "-o", "a.mp4"], "background: an MP4 cannot be transparent."),
        (["--format", "webm", "-o", "a.mov"], "format: a.mov cannot hold webm."),
        (["-o", "a.mkv"], "a.mkv: expected a folder, or a file that ends in .mp4, .webm, .mov."),
        (["--camera", "1,2,3"], "camera: expected a name, or yaw,pitch,distance,fov such as 20,5,1.2,18,"),
        (["--camera", "1,2,x,4"], "camera: expected a name, or yaw,pitch,distance,fov such as 20,5,1.2,18,"),
        (["--camera", "90,0,1,20"], "camera: yaw: expected a number from -40 to 40, got 90.0."),
        (["--camera", "0,nan,1,20"], "camera: pitch: expected a number from -25 to 25, got nan."),
        (["--camera", "0,0,1,90"], "camera: field of view: expected a number from 4 to 60, got 90.0."),
        (["--camera", "../x"], "camera: expected a name, or yaw,pitch,distance,fov such as 20,5,1.2,18,"),
        (["--camera", "portrait", "--camera", "close-up", "-o", "a.mp4"], "a.mp4: one file cannot take 2"),
        (["--camera", "portrait", "--camera", "portrait"], "script.txt would become out/script.portrait.mp4"),
        (["--steps", "0"], "steps: expected a whole number from 1 to 200, got 0."),
        (["--speaking-rate", "9"], "speaking_rate: expected a number from 0.5 to 2.0, got 9.0."),
        (["--speaking-rate", "nan"], "speaking_rate: expected a number from 0.5 to 2.0, got nan."),
        (["--sentence-silence", "-1"], "sentence_silence: expected a number from 0.0 to 10.0, got -1.0."),
        (["--seed", "-1"], "seed: expected a whole number from 0 to 9223372036854775807, got -1."),
        (
            ["--seed", str(2**63)],
            "seed: expected a whole number from 0 to 9223372036854775807, got 9223372036",
        ),
        (["--seed", str(2**63 - 1), "--variations", "2"], "seed: expected a whole number from 0 to 92233720"),
        (["--seeds", f"1,{2**63}"], "seeds: expected a whole number from 0"),
        (["--variations", "0"], "variations: expected a whole number from 1 to 1000, got 0."),
        (["--variations", "2", "-o", "one.mp4"], "one.mp4: one file cannot take 2 clips."),
        (["--seeds", "1,1"], "seeds: a seed stands twice in '1,1'."),
        (["--seeds", "1,-5"], "seeds: expected a whole number from 0, got '-5'."),
        (["--seeds", "1,5", "--seed", "3"], "--seeds names every take; leave out --seed and --variations."),
        (["--devices", "gpu"], "devices: expected cpu, auto, or GPUs like cuda:0,1, got 'gpu'."),
        (["--workers", "0"], "workers: expected a whole number from 1 to 256, got 0."),
        (["-o", "script.txt/out"], "script.txt/out: cannot write here: "),
        (["-o", "x" * 300], "x" * 300 + ": cannot write here: File name too long."),
        (["-o", "/proc/avgen/out"], "/proc/avgen/out: cannot write here: "),
    ],
)
def test_option_out_of_range(tiny: Path, avgen: Avgen, options: list[str], message: str) -> None:
    (tiny / "fake.jpg").write_text("#EXTM3U")
    before = set(tiny.rglob("*"))
    assert refused(avgen("render", "script.txt", *options), tiny, before).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step: 4\n", "own.yaml: unknown key 'step'. Did you mean 'steps'?"),
        ("steps: many\n", "own.yaml: steps: expected a whole number from 1 to 200, got 'many'."),
        ("fps: true\n", "own.yaml: fps: expected a whole number from 24 to 60, got True."),
        (
            "encoder_speed: veryfst\n",
            "own.yaml: encoder_speed: unknown encoder_speed 'veryfst'. Did you mean 'veryfast'?",
        ),
        ("steps: [4\n", "own.yaml: line 2: not valid YAML"),
        ("just a text\n", "own.yaml: expected lines of `key: value`, got str."),
    ],
)
def test_preset_with_a_mistake(tiny: Path, avgen: Avgen, text: str, message: str) -> None:
    (tiny / "own.yaml").write_text(text)
    before = set(tiny.rglob("*"))
    result = avgen("render", "script.txt", "--preset", "own.yaml")
    assert refused(result, tiny, before).startswith(message)


def test_damaged_weights(tiny: Path, avgen: Avgen) -> None:
    file = tiny / "home" / "actors" / "tiny" / "flow.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    before = set(tiny.rglob("*"))
    message = refused(avgen("render", "script.txt"), tiny, before)
    assert message.startswith(f"actor tiny: {file}: the flow file is damaged or was changed: its SHA-256")
    assert message.endswith("then check with: avgen actors check tiny")


def test_missing_weights(tiny: Path, avgen: Avgen) -> None:
    file = tiny / "home" / "actors" / "tiny" / "vocoder.safetensors"
    file.unlink()
    before = set(tiny.rglob("*"))
    message = refused(avgen("render", "script.txt"), tiny, before)
    assert message.startswith(f"actor tiny: {file}: the vocoder file is missing.")


def test_two_scripts_of_one_name(tiny: Path, avgen: Avgen) -> None:
    (tiny / "more").mkdir()
    (tiny / "more" / "Script.txt").write_text("Hello.")
    before = set(tiny.rglob("*"))
    message = refused(avgen("render", "script.txt", "more/Script.txt"), tiny, before)
    assert message == "more/Script.txt and script.txt would both become Script.mp4. Rename one of them."


def test_unknown_option_is_a_usage_error(avgen: Avgen) -> None:
    result = avgen("render", "script.txt", "--fsp", "30")
    assert result.exit_code == 2
    assert "--fsp" in result.stderr
