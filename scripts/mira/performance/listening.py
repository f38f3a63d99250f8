"""What a conversation adds to a performance: how somebody who listens looks, nods, smiles and breathes.

Sources of the numbers stand beside their statistics in scripts/mira/LISTENING.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.types import CODE_RATE
from scripts.mira.performance.curves import bump, drift, low_pass, minimum_jerk
from scripts.mira.performance.gaze import Gaze, Shift, micro_saccades, saccade_seconds
from scripts.mira.performance.head import NOD_FORWARD
from scripts.mira.performance.speech import Speech
from scripts.mira.performance.styles import STYLES, smoothed
from scripts.mira.phones import is_pause

Array = NDArray[np.float64]
LOW_PITCH: Final = (-0.6, 0.110)
"""Standard deviations of F0 below which it is low, and seconds of it that ask for an answer."""
CLAUSE_PAUSE: Final = 0.10
"""Seconds of silence that end a clause."""
CUE_GAP: Final = 0.8
"""Least seconds between two cues, and from the start of a turn to the first."""
MIRROR_DELAY: Final = (0.3, 1.0)
MIRROR_SHARE: Final = (0.75, 0.95)
"""Range of the delay of a mirrored expression in seconds, and of its size as a share of the partner's."""
BLINK_AT_END: Final = 0.45
"""Probability of a blink after a phrase of the partner ends."""
INHALE_SECONDS: Final = 0.45
"""From the start of a breath to the start of the turn that it is for."""
LOOKS: Final = {"listening": (2.9, 0.75), "speaking": (0.95, 1.45)}
"""Median seconds of a look at the partner and of one away."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody listens.

    Attributes:
        nod: probability of a nod after a cue.
        agree: probability of a short "mm-hm" after a cue.
        size: gain of nods.
        mirror: gain of mirrored expressions.
        smile: probability of a smile at the end of an own phrase.
        tilt: standard deviation of the head's roll while listening, degrees.
    """

    nod: float
    agree: float
    size: float
    mirror: float
    smile: float
    tilt: float


MANNERS: Final = {
    "attentive": Manner(nod=0.75, agree=0.28, size=1.0, mirror=1.0, smile=0.16, tilt=3.0),
    "reserved": Manner(nod=0.45, agree=0.12, size=0.75, mirror=0.85, smile=0.08, tilt=2.0),
    "lively": Manner(nod=0.9, agree=0.40, size=1.25, mirror=1.1, smile=0.24, tilt=3.8),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a performance a partner mirrors, each [N] of weight: smile, raised brows, and inner brows."""

    smile: Array
    surprise: Array
    sorrow: Array


def show(emotion: Array, smile: Array) -> Shown:
    """What is shown by an emotion [N, 5] and by smiles [N] besides."""
    happy, sad, _, surprised, _ = smoothed(emotion).T
    strong = STYLES["happy"].offsets["mouthSmile"], STYLES["surprised"].offsets["browInnerUp"]
    return Shown(strong[0] * happy + smile, strong[1] * surprised, STYLES["sad"].offsets["browInnerUp"] * sad)


@dataclass(frozen=True, slots=True)
class Reactions:
    """What is added to a performance.

    Attributes:
        gaze: where the eyes look, in place of glances of somebody who talks to a camera.
        blinks: seconds at which a blink is due, and its probability.
        angles: [3, N] degrees of pitch, yaw and roll.
        forward: [N] metres towards the partner.
        offsets: [N] face-unit weights by name (paired units without their side).
        inhale: [N] from 0 to 1, breath taken through parted lips.
        nods: start of every nod, seconds.
    """

    gaze: Gaze
    blinks: tuple[tuple[float, float], ...]
    angles: Array
    forward: Array
    offsets: dict[str, Array]
    inhale: Array
    nods: tuple[float, ...]


def cues(speech: Speech) -> tuple[float, ...]:
    """Seconds at which a speaker invites an answer: clauses end, or pitch has been low for 110 ms."""
    ends = [p.start for p in speech.phones if is_pause(p.name) and p.duration >= CLAUSE_PAUSE and p.start > 0]
    below, enough = LOW_PITCH
    low = (speech.pitch < below) & speech.voiced
    edges = np.flatnonzero(np.diff(np.r_[False, low, False].astype(int)))
    ends += [last / CODE_RATE for first, last in edges.reshape(-1, 2) if last - first >= enough * CODE_RATE]
    starts = [phrase.start for phrase in speech.phrases]
    found: list[float] = []
    for time in sorted(ends):
        fresh = not found or time - found[-1] >= CUE_GAP
        if fresh and any(start + CUE_GAP <= time for start in starts if start <= time):
            found.append(time)
    return tuple(found)


def react(
    own: Speech,
    partner: Speech,
    shown: Shown,
    smile: Array,
    manner: Manner,
    answered: Iterable[float],
    rng: np.random.Generator,
) -> Reactions:
    """What a person of a conversation does besides speaking.

    Args:
        own: the person's speech; it covers the whole conversation, as the partner's does.
        partner: the partner's speech.
        shown: what the partner shows.
        smile: [N] smiles of the person's own.
        manner: how the person listens.
        answered: cues of the partner after which the person says "mm-hm" and so nods too.
        rng: source of chance.
    """
    time = own.time
    speaking = talking(own)
    listening = talking(partner) * (1 - speaking)
    angles, forward = np.zeros((3, own.frames)), np.zeros(own.frames)
    nods = _nod(time, speaking, cues(partner), frozenset(answered), manner, angles, forward, rng)
    _lean(own, partner, manner, angles, forward, rng)
    inhale = np.zeros(own.frames)
    for start in turn_starts(own):
        inhale += bump(time, start - INHALE_SECONDS / 2, INHALE_SECONDS / 2, 0.05, 0.16)
    angles[0] += 0.8 * inhale
    return Reactions(
        gaze=_look(own, partner, speaking, rng),
        blinks=tuple((p.end + rng.uniform(0.05, 0.45), BLINK_AT_END) for p in partner.phrases),
        angles=angles,
        forward=forward,
        offsets=_answer(own, partner, shown, smile, listening, manner, rng),
        inhale=np.clip(inhale, 0, 1),
        nods=nods,
    )


def talking(speech: Speech) -> Array:
    """How far [N] somebody has the floor, from 0 to 1; short answers do not take it."""
    active = np.zeros(speech.frames)
    for start, end in _turns(speech):
        active[(speech.time >= start) & (speech.time < end)] = 1
    return low_pass(low_pass(active, 0.1)[::-1], 0.1)[::-1]


def turn_starts(speech: Speech) -> tuple[float, ...]:
    """When somebody takes the floor, in seconds."""
    return tuple(start for start, _ in _turns(speech))


def _turns(speech: Speech, silence: float = 1.2, shortest: float = 0.9) -> list[tuple[float, float]]:
    """Phrases joined over short silences; those that are shorter than an answer are left out."""
    turns: list[tuple[float, float]] = []
    for phrase in speech.phrases:
        if turns and phrase.start - turns[-1][1] < silence:
            turns[-1] = turns[-1][0], phrase.end
        else:
            turns.append((phrase.start, phrase.end))
    return [turn for turn in turns if turn[1] - turn[0] > shortest]


def _nod(
    time: Array,
    speaking: Array,
    asked: Sequence[float],
    answered: frozenset[float],
    manner: Manner,
    angles: Array,
    forward: Array,
    rng: np.random.Generator,
) -> tuple[float, ...]:
    """Nods after cues: one to three dips, each smaller than the one before."""
    starts: list[float] = []
    for cue in asked:
        begun = cue + float(np.clip(rng.normal(0.25, 0.09), 0.08, 0.5))
        frame = min(int(begun * CODE_RATE), len(time) - 1)
        if speaking[frame] > 0.5 or (starts and begun - starts[-1] < 1.0):
            continue
        if cue not in answered and rng.random() > manner.nod:
            continue
        starts.append(begun)
        size = manner.size * min(4.6 * rng.lognormal(0, 0.25), 8.0)
        for number in range(int(rng.choice([1, 2, 3], p=[0.4, 0.42, 0.18]))):
            length = rng.uniform(0.38, 0.50)
            phase = np.clip((time - begun) / length, 0, 1)
            dip = size * 0.65**number * np.sin(np.pi * phase) ** 2
            angles[0] -= dip
            forward += NOD_FORWARD * dip
            begun += length
    return tuple(starts)


def _lean(
    own: Speech,
    partner: Speech,
    manner: Manner,
    angles: Array,
    forward: Array,
    rng: np.random.Generator,
) -> None:
    """A posture for every turn of the partner, left again for the own one: tilted, and nearer."""
    taken = [*turn_starts(own), own.time[-1] + 9]
    for start in turn_starts(partner):
        end = min(time for time in taken if time > start) if start < taken[-1] else taken[-1]
        held = minimum_jerk((own.time - start) / rng.uniform(0.8, 1.4))
        held = held * (1 - minimum_jerk((own.time - end + 0.5) / 0.9))
        angles += np.array([1.2, 1.8, manner.tilt])[:, None] * rng.standard_normal((3, 1)) * held


def _look(own: Speech, partner: Speech, speaking: Array, rng: np.random.Generator) -> Gaze:
    """Looks at the partner and away, longer at them while listening; back to them when an own turn ends."""
    direction, shifts = np.zeros((2, own.frames)), list[Shift]()
    current, now, away = np.zeros(2), rng.uniform(0.2, 2.0), False
    ends = [end for _, end in _turns(own)]
    starts = turn_starts(own)
    while now < own.time[-1]:
        at, aside = LOOKS["speaking" if speaking[own.frame(now)] > 0.5 else "listening"]
        to_end = min((end - now for end in ends if end > now - 0.3), default=np.inf)
        away = not away and not to_end < 0.6
        stay = rng.lognormal(np.log(aside if away else at), 0.5)
        target = _aside(rng) if away else rng.normal(0, 0.6, 2)
        if speaking[own.frame(now)] > 0.5:
            stay = min(stay, max(to_end - 0.3, 0.3)) if away else stay
        elif not away and (begin := min((s - now for s in starts if s > now), default=np.inf)) < stay:
            stay = begin + rng.uniform(-0.2, 0.3)  # turns begin with a look aside
        amplitude = float(np.hypot(*(target - current)))
        step = minimum_jerk((own.time - now) / saccade_seconds(amplitude))
        direction += (target - current)[:, None] * step
        shifts.append(Shift(now, amplitude))
        current = target
        now += max(stay, 0.25)
    return Gaze(direction, micro_saccades(own.time, rng), tuple(shifts))


def _aside(rng: np.random.Generator) -> Array:
    distance = 4.0 + rng.gamma(4, 1.4)
    angle = rng.choice([0, np.pi]) + rng.normal(0, 0.5)
    up = 0.75 * abs(distance * np.sin(angle)) * rng.choice([1, -1], p=[0.45, 0.55])
    return np.array([distance * np.cos(angle), up])


def _answer(
    own: Speech,
    partner: Speech,
    shown: Shown,
    smile: Array,
    listening: Array,
    manner: Manner,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Expressions that answer the partner's, later and smaller, and some of one's own."""

    def mirrored(curve: Array, share: float) -> Array:
        frames = round(rng.uniform(*MIRROR_DELAY) * CODE_RATE)
        late = np.concatenate([np.zeros(frames), curve[: len(curve) - frames]])
        size = manner.mirror * share * rng.uniform(*MIRROR_SHARE)
        return size * low_pass(low_pass(late, 0.1), 0.1) * (0.35 + 0.65 * listening)

    smile = mirrored(shown.smile, 1.0) + smile
    raised = mirrored(shown.surprise, 0.7)
    for phone in partner.phones:
        if phone.name == "!" and rng.random() < 0.7:
            lift = bump(own.time, phone.start + rng.uniform(0.25, 0.5), 0.22, rng.uniform(0.1, 0.5), 0.5)
            raised = raised + 0.4 * rng.lognormal(0, 0.25) * lift * listening
    swell = 1 + 0.1 * drift(rng, own.frames, 2.0)
    return {
        "mouthSmile": smile * swell,
        "mouthDimple": 0.2 * smile,
        "cheekSquint": 0.6 * smile * swell,
        "eyeSquint": 0.15 * smile,
        "browInnerUp": raised + mirrored(shown.sorrow, 0.6),
        "browOuterUp": 0.9 * raised,
        "eyeWide": 0.5 * raised,
    }


def smiles(speech: Speech, manner: Manner, rng: np.random.Generator) -> Array:
    """Smiles [N] at the ends of some phrases of somebody who speaks."""
    curve = np.zeros(speech.frames)
    for phrase in speech.phrases:
        if phrase.end - phrase.start > 0.8 and rng.random() < manner.smile:
            size, held = rng.uniform(0.4, 0.7), rng.uniform(0.6, 1.8)
            curve = np.maximum(curve, size * bump(speech.time, phrase.end - 0.2, 0.35, held, 0.7))
    return curve
