"""What belongs to the user stays: films beside ours, pages, and picks that come back the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from tests.pictures import write_image

Avgen = Callable[..., Result]


def test_a_film_of_another_suffix_is_nobodys_business(tiny: Path, avgen: Avgen) -> None:
    assert avgen("render", "script.txt", "-o", "out/talk.mp4").exit_code == 0
    mine = tiny / "out" / "talk.mov"
    mine.write_bytes(b"the user's own")
    result = avgen("render", "script.txt", "-o", "out/talk.mov")
    assert result.exit_code == 3 and mine.read_bytes() == b"the user's own"
    assert "out/talk.mov exists and avgen did not write it." in result.stderr
    mine.unlink()
    assert avgen("render", "script.txt", "-o", "out/talk.mov").exit_code == 0
    for name in ("talk.mp4", "talk.mov"):  # neither makes the other stale
        again = json.loads(avgen("render", "script.txt", "-o", f"out/{name}", "--json").stdout)
        assert again["counts"] == {"unchanged": 1}
    assert [line.split(":")[0] for line in avgen("status", "out").stdout.splitlines()] == [
        *("talk.mov", "talk.mp4")
    ]


def test_scripts_of_one_name_from_two_folders_do_not_replace_each_other(tiny: Path, avgen: Avgen) -> None:
    for name in ("p1", "p2"):
        (tiny / name).mkdir()
        (tiny / name / "intro.txt").write_text(f"This is {name}.")
    assert avgen("render", "p1/intro.txt").exit_code == 0
    first = (tiny / "out" / "intro.mp4").read_bytes()
    result = avgen("render", "p2/intro.txt")
    assert result.exit_code == 3 and (tiny / "out" / "intro.mp4").read_bytes() == first
    assert "out/intro.mp4 exists and it was made from ../p1/intro.txt. Move it, or" in result.stderr
    (tiny / "p1" / "intro.txt").write_text("A new wording.")  # of the same file
    assert avgen("render", "p1/intro.txt").exit_code == 0
    assert avgen("render", "p2/intro.txt", "--overwrite").exit_code == 0


def test_a_page_that_avgen_did_not_write_is_kept(tiny: Path, avgen: Avgen) -> None:
    assert avgen("render", "script.txt").exit_code == 0
    page = tiny / "out" / "gallery.html"
    page.write_text("<p>mine</p>")
    result = avgen("gallery", "out")
    assert result.exit_code == 74 and page.read_text() == "<p>mine</p>"
    assert "gallery.html: avgen did not write this page. Move it, or choose another with -o." in result.stderr
    page.unlink()
    assert avgen("gallery", "out").exit_code == 0 and avgen("gallery", "out").exit_code == 0


def test_a_folder_is_never_overwritten(tiny: Path, avgen: Avgen) -> None:
    (tiny / "out" / "script.mp4").mkdir(parents=True)
    (tiny / "out" / "script.mp4" / "mine").write_text("mine")
    for options in ([], ["--overwrite"]):
        result = avgen("render", "script.txt", *options)
        assert result.exit_code == 3
        assert "out/script.mp4 is a folder. Move it, or choose another name." in result.stderr
    assert (tiny / "out" / "script.mp4" / "mine").read_text() == "mine"


def test_picks_come_back_the_same_whatever_made_them(tiny: Path, avgen: Avgen) -> None:
    """A preset of its own and every option that shapes a take; size and quality are the next run's."""
    write_image(tiny / "wall.png", np.full((8, 8, 3), 40))
    (tiny / "own.yaml").write_text("steps: 3\nguidance_scale: 1.5\n")
    options = [
        *("--preset", "own.yaml", "--emotion", "happy:0.5", "--speaking-rate", "1.2", "--temperature", "0.8"),
        *("--sentence-silence", "0.7", "--camera", "close-up", "--background", "wall.png", "--seed", "7"),
    ]
    assert avgen("render", "script.txt", *options).exit_code == 0
    assert avgen("gallery", "out").exit_code == 0
    data = (tiny / "out" / "gallery.html").read_text().split('id="data">')[1].split("</script>")[0]
    row = json.loads(data)["takes"][0]["row"]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row)
    (tiny / "picks.csv").write_text(text.getvalue())
    (tiny / "cache").rename(tiny / "old-cache")
    result = avgen("render", "picks.csv", "-o", "final")
    assert result.exit_code == 0, result.stderr
    assert (tiny / "final" / "script.mp4").read_bytes() == (tiny / "out" / "script.mp4").read_bytes()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_picks_is_a_formula(tiny: Path, avgen: Avgen, text: str) -> None:
    (tiny / "m.jsonl").write_text(json.dumps({"id": "a", "text": f"{text} is what I say."}))
    assert avgen("render", "m.jsonl").exit_code == 0
    assert avgen("gallery", "out").exit_code == 0
    data = (tiny / "out" / "gallery.html").read_text().split('id="data">')[1].split("</script>")[0]
    for cell in json.loads(data)["takes"][0]["row"].values():
        assert not cell.startswith(tuple("=+-@\t\r"))


@pytest.mark.parametrize(
    ("key", "place"),
    [
        *(("background", "/etc/x.png"), ("background", "../wall.png"), ("background", "link.png")),
        *(("lexicon", "/etc/passwd"), ("lexicon", "../words.csv")),
    ],
)
def test_a_preset_of_a_manifest_does_not_lead_out_of_its_folder(
    tiny: Path, avgen: Avgen, key: str, place: str
) -> None:
    folder = tiny / "received"
    folder.mkdir()
    write_image(tiny / "wall.png", np.full((8, 8, 3), 40))
    (folder / "link.png").symlink_to(tiny / "wall.png")
    (folder / "p.yaml").write_text(f"{key}: {place}\n")
    (folder / "m.csv").write_text("id,text,preset\na,Hello.,p.yaml\n")
    result = avgen("render", "received/m.csv")
    assert result.exit_code == 2 and not (tiny / "out").exists()
    assert "received/m.csv: line 2: received/p.yaml: " in result.stderr
    assert f"{place}: this path leads out of the manifest's folder." in result.stderr


def test_a_preset_of_a_manifest_finds_its_background_beside_it(tiny: Path, avgen: Avgen) -> None:
    folder = tiny / "received"
    folder.mkdir()
    write_image(folder / "wall.png", np.full((8, 8, 3), 40))
    (folder / "p.yaml").write_text("background: wall.png\n")
    (folder / "m.csv").write_text("id,text,preset,background\na,Hello.,p.yaml,\nb,Hello.,p.yaml,#102030\n")
    assert avgen("render", "received/m.csv").exit_code == 0
    found = [json.loads((tiny / "out" / ".avgen" / f"{n}.mp4.json").read_text())["settings"] for n in "ab"]
    assert [settings["background"] for settings in found] == ["../received/wall.png", "#102030"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seeds": [1, [2]]}, "line 1: seeds: expected a text, a number or a list, got [1, [2]]."),
        ({"seeds": [1, {"a": 2}]}, "line 1: seeds: expected a text, a number or a list, got"),
        ({"camera": [["portrait"]]}, "line 1: camera: expected a text, a number or a list, got"),
        ({"seeds": [1, True]}, "line 1: seeds: expected a text, a number or a list, got"),
        ({"seed": 2**63}, "line 1: seed: expected a whole number from 0, got '9223372036854775808'."),
    ],
)
def test_nothing_in_a_row_is_dropped(
    tiny: Path, avgen: Avgen, values: dict[str, object], message: str
) -> None:
    (tiny / "m.jsonl").write_text(json.dumps({"id": "a", "text": "Hi.", **values}))
    result = avgen("render", "m.jsonl")
    assert result.exit_code == 2 and message in result.stderr


def test_the_greatest_seed_is_one_seed_everywhere(tiny: Path, avgen: Avgen) -> None:
    seed = str(2**63 - 1)
    (tiny / "m.csv").write_text(f"id,text,seed\nscript,Hello.,{seed}\n")
    for command in (["script.txt", "--seed", seed], ["script.txt", "--seeds", seed], ["m.csv"]):
        assert avgen("render", *command, "--dry-run").exit_code == 0
    for command in (["script.txt", "--seed", seed], ["m.csv"]):
        result = avgen("render", *command, "--variations", "2", "--dry-run")
        assert (
            result.exit_code == 2
            and "seed: expected a whole number from 0 to 9223372036854775807" in result.stderr
        )


def test_after_a_full_disk_status_says_what_the_report_says(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests import faults

    (tiny / "m.csv").write_text("id,text\na,One.\nb,Two.\n")
    with monkeypatch.context() as patch:
        patch.setenv(faults.VARIABLE, "mux:made:full:a")
        faults.install(patch.setattr)
        assert avgen("render", "m.csv").exit_code == 74
    report = json.loads((tiny / "out" / ".avgen" / "run" / "report.json").read_text())["clips"]
    told = json.loads(avgen("status", "out", "--json").stdout)["clips"]
    assert [clip["status"] for clip in report] == [clip["state"] for clip in told] == ["stopped", "stopped"]
    assert avgen("render", "m.csv").exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "wall.png: cannot be read: No such file or directory"),
        (b"no image", "wall.png"),
        ("other", "wall.png was changed during the run. Run it again."),
    ],
)
def test_a_background_replaced_after_planning_is_named(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch, content: object, message: str
) -> None:
    from avgen.jobs import driver

    wall, lock = write_image(tiny / "wall.png", np.full((8, 8, 3), 40)), driver.folder_lock

    def swap(*arguments: object) -> object:
        wall.unlink()
        if content == "other":
            write_image(wall, np.full((8, 8, 3), 200))
        elif content is not None:
            wall.write_bytes(bytes(content))  # type: ignore[call-overload]
        return lock(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(driver, "folder_lock", swap)
    result = avgen("render", "script.txt", "--background", "wall.png")
    assert result.exit_code == 3 and message in result.stderr
    assert "internal error" not in result.stderr and "does not fit" not in result.stderr
    assert not (tiny / "out" / "script.mp4").exists()


def test_weights_replaced_after_planning_poison_nothing(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.numpy import load_file, save_file

    from avgen.jobs import driver

    file = tiny / "home" / "actors" / "tiny" / "flow.safetensors"
    good, lock = file.read_bytes(), driver.folder_lock

    def swap(*arguments: object) -> object:
        save_file({name: value + 1 for name, value in load_file(file).items()}, file)
        return lock(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(driver, "folder_lock", swap)
        result = avgen("render", "script.txt")
    assert result.exit_code == 3 and "flow.safetensors was changed during the run." in result.stderr
    file.write_bytes(good)
    made = json.loads(avgen("render", "script.txt", "--json").stdout)["clips"][0]
    assert "sample" in made["seconds"]
