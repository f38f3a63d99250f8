"""Synthesised conversations: who speaks when, and what a listener does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("scipy")
from avgen.pose import head_angles
from avgen.types import CODE_RATE
from scripts.mira.contact import Contact
from scripts.mira.conversations import Voice, perform_sides, talk, unnamed
from scripts.mira.dataset import Passage, Recording
from scripts.mira.performance.listening import MANNERS, cues, react, show, talking
from scripts.mira.performance.listening_measures import answers, looks, nods, roles
from scripts.mira.performance.measures import pause_gaps
from scripts.mira.performance.speech import Speech, hear
from scripts.mira.phones import Phone, is_pause

SENTENCE = "$ 0.1|h 0.1|ə 0.2|l 0.1|O2 0.3|, 0.2|m 0.1|A2 0.3|p 0.1|u1 0.2|f 0.1|æ2 0.4|. 0.14"
ANSWER = "$ 0.05|m 0.15|h 0.1|m 0.2|. 0.1"
RNG = np.random.default_rng


def spoken(words: str, seed: int = 0) -> Recording:
    phones, time = [], 0.0
    for word in words.split("|"):
        name, seconds = word.split(" ")
        phones.append(Phone(name[0], int(name[1:] or 0), time, time + float(seconds)))
        time += float(seconds)
    frames = round(time * CODE_RATE)
    silent = np.array(
        [
            any(p.start <= (n + 0.5) / CODE_RATE < p.end and is_pause(p.name) for p in phones)
            for n in range(frames)
        ]
    )
    mel = RNG(seed).normal(0, 0.1, (frames, 80)) + np.where(silent, -11.0, -3.0)[:, None]
    return Recording(
        words, tuple(phones), mel.astype(np.float16), np.where(silent, 0, 200).astype(np.float32)
    )


@pytest.fixture(scope="module")
def voices() -> tuple[Voice, Voice]:
    return tuple(  # type: ignore[return-value]
        Voice(name, [spoken(SENTENCE, seed)], [spoken(ANSWER, seed)]) for seed, name in enumerate("ab")
    )


@pytest.fixture
def pair(voices: tuple[Voice, Voice], contact: Contact) -> tuple[Passage, Passage]:
    return perform_sides(talk(voices, RNG(2)), contact, seed=2)


def heard(passage: Passage) -> Speech:
    return hear(passage.phones, passage.mel, passage.f0)


def test_both_sides_are_equally_long_and_take_turns(voices: tuple[Voice, Voice]) -> None:
    own, other = talk(voices, RNG(0))
    assert len(own.recording.mel) == len(other.recording.mel) == len(own.emotion)
    mine, theirs = talking(own.speech) > 0.5, talking(other.speech) > 0.5
    assert mine.any() and theirs.any()
    assert (mine & theirs).mean() < 0.1
    first, second = (side.recording.phones[-1].end for side in (own, other))
    assert first == pytest.approx(second, abs=1e-6)


def test_a_short_answer_takes_no_turn(speak: Callable[[str], Speech]) -> None:
    assert talking(speak(f"$ 1.0|{ANSWER}|$ 1.0".replace("|$ 0.05", ""))).max() == 0
    assert talking(speak(f"$ 1.0|{SENTENCE}|$ 1.0".replace("|$ 0.1|", "|"))).max() > 0.9


def test_cues_are_where_clauses_end(speak: Callable[[str], Speech]) -> None:
    speech = speak("$ 0.3|h 0.2|O2 0.9|, 0.3|m 0.1|A2 0.9|. 0.6")
    found = cues(speech)
    assert any(time == pytest.approx(1.4, abs=0.02) for time in found)
    assert all(later - earlier >= 0.8 for earlier, later in pairwise(found))


def test_a_listener_looks_nods_after_cues_and_keeps_the_lips_closed(
    pair: tuple[Passage, Passage], contact: Contact
) -> None:
    me, partner = pair
    where = roles(heard(me), heard(partner))
    angles = head_angles(me.head).astype(float)
    channels = me.channels.astype(float)
    found = answers([nods(angles, where.listening)], [np.array(cues(heard(partner)))], [where.listening])
    assert found.events > 0 and found.precision > found.chance_precision
    seen = looks(channels, angles)
    assert seen[where.listening].mean() > seen[where.speaking].mean()
    assert (pause_gaps(me.phones, channels, contact) < 5e-4).mean() > 0.9


def test_smiles_are_mirrored_later_and_smaller(speak: Callable[[str], Speech]) -> None:
    quiet, loud = speak("$ 8.0"), speak("$ 0.2|m 0.1|A2 3.0|m 0.1|. 4.6")
    smile = np.zeros(loud.frames)
    smile[86:260] = 0.6
    shown = show(np.zeros((loud.frames, 5)), smile)
    still = np.zeros(loud.frames)
    reactions = react(quiet, loud, shown, still, MANNERS["attentive"], (), RNG(1))
    answer = reactions.offsets["mouthSmile"]
    assert 0.3 < answer.max() < 0.6
    begun = np.flatnonzero(answer > 0.1)[0] / CODE_RATE
    assert 1.25 < begun < 2.4
    assert (
        not react(quiet, loud, show(np.zeros((loud.frames, 5)), still), still, MANNERS["lively"], (), RNG(1))
        .offsets["mouthSmile"]
        .any()
    )


def test_long_pauses_become_plain_silence() -> None:
    phones = [Phone("m", 0, 0.0, 0.1), Phone(".", 0, 0.1, 5.0), Phone("m", 0, 5.0, 5.1)]
    lengths = set()
    for seed in range(8):
        cut = list(unnamed(phones, RNG(seed)))
        assert [p.name for p in cut] == ["m", ".", "$", "m"]
        assert cut[1].end == cut[2].start <= 0.5
        lengths.add(cut[1].duration)
    assert 0.0 in lengths and len(lengths) > 2
