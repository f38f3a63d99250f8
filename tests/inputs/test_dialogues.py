"""Dialogues: who says what, in which order, and what cannot be one."""

from __future__ import annotations

import pytest

from avgen.errors import InputError
from avgen.inputs.clips import Clip, Part, Scene, Text, script, texts_of
from avgen.inputs.dialogues import (
    LAUGH,
    LAUGHS,
    NODS,
    Dialogue,
    Role,
    Turn,
    is_dialogue,
    read_dialogue,
)
from avgen.inputs.manifest import read_inputs, read_manifest
from avgen.text import read_script

TALK = """cast: MIRA = mira
cast: Dr. Ken = ken-2, voice leo:0.6,ben:0.4

MIRA: Did you see it?
Dr. Ken:  [Interrupts] No! I was
away.

Twice.
MIRA: [nods] Oh.
dr. ken: [nods]
"""


def test_a_script_is_read_in_turns() -> None:
    found = read_dialogue("talk", TALK, "talk.txt", 3)
    assert found.roles == (Role("MIRA", "mira", "", 3), Role("Dr. Ken", "ken-2", "leo:0.6,ben:0.4", 4))
    assert [(turn.speaker, turn.line, turn.interrupts) for turn in found.turns] == [
        ("MIRA", 6, False),
        ("Dr. Ken", 7, True),
        ("MIRA", 11, False),
        ("Dr. Ken", 12, False),
    ]
    assert found.turns[1].text == "No! I was\naway.\n\nTwice."
    assert found.turns[2].script == '<mark name="avgen:nods"/> Oh.'
    assert [turn.is_silent for turn in found.turns] == [False, False, False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIRA: Hello.\nKEN: Hello.", True),
        ("MIRA: Hello.\n\n  KEN B: Hello.", True),
        ("Cast: A B = c\n", True),
        ("MIRA: Hello.\nAnd more.\nKEN: Hello.", False),
        ("NOTE: Read this.", False),
        ("NOTE: Read this.\nNOTE: And this.", False),
        ("Note: Read this.\nThen: go.", False),
        ("Q: Why?\nA: Because.", False),
        ("At 10:30 we met.\nAT: 5", False),
        ("MIRA:Hello.\nKEN:Hello.", True),
        ("HTTP://a.com\nFTP://b.com", False),
        ("NOON 12:00\nNIGHT 24:00", False),
        ("", False),
    ],
)
def test_only_lines_with_names_make_a_dialogue(text: str, expected: bool) -> None:
    assert is_dialogue(text) is expected
    if not expected:
        assert isinstance(script("a", text, "a.txt").source, Text)


def test_names_without_a_cast_are_actors_in_small_letters() -> None:
    found = read_dialogue("talk", "KEN: Hello.\nMARY ANN: Hello.\nKEN: Bye.", "talk.txt")
    assert [(role.name, role.actor, role.line) for role in found.roles] == [
        ("KEN", "ken", 1),
        ("MARY ANN", "mary-ann", 2),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cast: MIRA\nMIRA: Hi.", "a.txt: line 1: expected a name, its actor and perhaps a voice, such as "),
        ("cast: AB = a\ncast: ab = b\nAB: Hi.", "a.txt: line 2: ab is somebody else in line 1."),
        ("cast: AB = a\nHi.", "a.txt: line 2: expected a name and a colon, got 'Hi.'."),
        ("AB: Hi.\nCD: Ho.\nCD:", "a.txt: line 3: CD says nothing. Write something after the colon."),
        ("AB: Hi.\nCD: So\n\n[interrupts] no.", "a.txt: line 4: [interrupts] stands right after the colon."),
        ("cast: AB = a\nAB: Hi.\ncast: CD = c", "a.txt: line 3: the cast stands before the first line that"),
        ("cast: AB = a\nAB: Hi.", "a.txt: line 1: a dialogue has 2 to 4 people, and this one has 1."),
        ("cast: AB = a\ncast: CD = c\nAB: Hi.", "a.txt: line 2: CD is in the cast and says nothing."),
        ("AB: Hi.\nCD: [nods]", "a.txt: line 2: CD is in the cast and says nothing."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_dialogue("a", text, "a.txt")
    assert message in str(caught.value)


def test_a_laugh_is_a_word_with_a_mark_and_no_silent_turn() -> None:
    found = read_dialogue("talk", "AB: So. [Laughs]\nCD: [nods] [laughs]", "talk.txt")
    assert [turn.is_silent for turn in found.turns] == [False, False]
    words = [read_script(turn.script).words for turn in found.turns]
    assert [[word.text for word in said] for said in words] == [["So.", LAUGH], [LAUGH]]
    assert [word.marks for word in (*words[0], *words[1])] == [(), (LAUGHS,), (NODS, LAUGHS)]


def test_rows_of_a_manifest_are_turns(tmp_path) -> None:  # type: ignore[no-untyped-def]
    rows = (
        b"dialogue,speaker,text,actor,voice\n"
        b"one,MIRA,Hello.,,\ntwo,KEN,Hello.,kenneth,leo\none,KEN,[interrupts] Hello!,,\n"
        b"two,MIRA,Bye.,,\ntwo,Ken,Bye.,,\n"
    )
    one, two = (row.clip.source for row in read_manifest(rows, "a.csv", "csv", tmp_path))
    assert isinstance(one, Scene) and isinstance(two, Scene)
    assert one.dialogue == Dialogue(
        "one",
        (Role("MIRA", "mira", "", 2), Role("KEN", "ken", "", 4)),
        (Turn("MIRA", "Hello.", 2), Turn("KEN", "Hello!", 4, True)),
        "a.csv",
    )
    assert two.dialogue.roles == (Role("KEN", "kenneth", "leo", 3), Role("MIRA", "mira", "", 5))
    assert [turn.speaker for turn in two.dialogue.turns] == ["KEN", "MIRA", "KEN"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",MIRA,Hello.,", "a.csv: line 2: expected a dialogue in each row of a dialogue."),
        ("one,,Hello.,", "a.csv: line 2: expected a speaker in each row of a dialogue."),
        ("one,MIRA,Hello.,7", "a.csv: line 2: seed: rows of dialogues have only dialogue, speaker, text,"),
        ("one,MI:RA,Hello.,", "a.csv: line 2: speaker: expected a name, got 'MI:RA'."),
        ("a/b,MIRA,Hello.,", "a.csv: line 2: dialogue: expected a name such as talk-1, got 'a/b'."),
    ],
)
def test_a_wrong_row_is_said_with_its_line(row: str, message: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = f"dialogue,speaker,text,seed\n{row}\none,KEN,Ho.,\n"
    with pytest.raises(InputError) as caught:
        read_manifest(text.encode(), "a.csv", "csv", tmp_path)
    assert message in str(caught.value)


def test_parts_of_a_file_and_files_of_a_manifest_can_be_dialogues(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "talk.txt"
    file.write_text("One of us.\n---\nMIRA: Hi.\nKEN: Ho.\n", encoding="utf-8")
    plain, scene = (row.clip for row in read_inputs([str(file)]))
    assert isinstance(plain.source, Text) and isinstance(scene.source, Scene)
    assert (scene.id, scene.source.dialogue.turns[1].line) == ("talk-02", 4)
    file.write_text("MIRA: Hi.\nKEN: Ho.\n", encoding="utf-8")
    (row,) = read_manifest(b"id,text_file,seed\nx,talk.txt,3\n", "a.csv", "csv", tmp_path)
    assert isinstance(row.clip.source, Scene) and row.clip.source.dialogue.id == "x" and row.seeds == (3,)


def test_clips_survive_json() -> None:
    dialogue = read_dialogue("talk", TALK, "talk.txt")
    for source in (Part(dialogue, "Dr. Ken"), Scene(dialogue, "cut")):
        assert Clip.from_json(Clip("talk", source).to_json()) == Clip("talk", source)
    assert [text.first_line for text in texts_of(Part(dialogue, "MIRA"))] == [4, 9]
