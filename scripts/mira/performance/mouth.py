"""Mouth: every phone asks, the tracker answers; closures and lip-to-teeth contact are placed exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.mira.performance.curves import drift, minimum_jerk, soft_clip, track
from scripts.mira.performance.speech import Speech
from scripts.mira.performance.visemes import (
    CUTOFF_HZ,
    GESTURES,
    LABIODENTAL_HOLD,
    TWO_PARTS,
    Viseme,
    viseme,
)
from scripts.mira.phones import BILABIALS, VOWELS, Phone, is_pause

Array = NDArray[np.float64]
ANTICIPATION: Final = 0.015
"""Seconds by which the mouth runs ahead of the sound."""
JITTER: Final = 0.006
"""Standard deviation of a target window's place, seconds."""
GREATEST_GAIN: Final = 1.5
TONGUE_ROOM: Final = (0.11, 2.3)
"""tongueOut that passes under the upper incisors, and how much more a unit of jawOpen lets through."""
TONGUE_LIMIT: Final = 0.72
"""Farther out the tongue cuts through the lower lip."""
TIP_ROOM: Final = (0.05, 3.0)
"""tongueTip that stays off the incisors with the tongue as far out as it may, and for each unit less."""
STRESS_GAIN: Final = {0: 0.80, 1: 0.95, 2: 1.08}
SHORTEST_WINDOW: Final = {"w": 0.045}
"""Least half-width of a target window in seconds; an unstressed w would hardly round otherwise."""
SHORT_WINDOW: Final = 0.018
CLOSING_PAUSE: Final = 0.10
"""Pauses longer than this close the lips, seconds."""
REST_JAW: Final = 0.015
INHALE_JAW: Final = 0.07
"""By which the jaw opens for breath."""
OPENING_GESTURES: Final = ("upper_up", "lower_down", "funnel", "stretch")
"""Give way to a closure."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A contact that is complete from start to end, in seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Mouth:
    """Curves of the mouth.

    Attributes:
        gestures: [N] by name, all but ``close``, in [0, 1].
        contact: [N] lip-contact fraction, exactly 1 in every hold.
        rest: [N] lip-contact fraction of pauses alone.
        labiodental: [N] how far f and v ask for the lower lip on the incisors, 0 to 1.
        teeth: [N] how far it is there: less beside p, b and m.
        holds: closures of p, b, m in order.
    """

    gestures: dict[str, Array]
    contact: Array
    rest: Array
    labiodental: Array
    teeth: Array
    holds: tuple[Hold, ...]


class _Targets:
    """Weighted means of everything the phones ask of the gestures."""

    def __init__(self, time: Array) -> None:
        self.time = time
        self.value = {name: np.zeros(len(time)) for name in GESTURES}
        self.priority = {name: np.full(len(time), 1e-3) for name in GESTURES}
        self.value["jaw"][:] = 0.05

    def ask(self, asks: Viseme, start: float, end: float, gain: float, shortest: float) -> None:
        """Ask a viseme over a smooth window from start to end."""
        half = max((end - start) / 2, shortest)
        first, last = np.searchsorted(self.time, (start + end) / 2 + np.array([-1.15, 1.15]) * half)
        span = slice(first, last)
        window = np.clip(1.15 - np.abs(self.time[span] - (start + end) / 2) / half, 0, 1)
        window = window * window * (3 - 2 * window)
        for name, (value, priority) in asks.items():
            weight = priority * window
            held = self.priority[name][span]
            self.value[name][span] = (self.value[name][span] * held + value * gain * weight) / (held + weight)
            self.priority[name][span] += weight

    def rest(self, start: float, end: float, weight: float) -> None:
        """Ask for closed lips and everything else at rest, exactly from start to end."""
        first, last = np.searchsorted(self.time, [start, end], side="right")
        for name in GESTURES:
            rest = {"jaw": REST_JAW, "close": 1.0}.get(name, 0.0)
            self.value[name][first:last] = rest
            self.priority[name][first:last] += weight * (1.0 if name == "close" else 0.6)

    def keep_open(self, start: float, end: float, priority: float) -> None:
        """Ask for lips that are not closed."""
        self.priority["close"][(self.time > start) & (self.time < end)] += priority


def move_mouth(speech: Speech, gain: Array, rng: np.random.Generator) -> Mouth:
    """Mouth curves of a passage.

    Args:
        speech: the passage.
        gain: [N] how fully vowels are articulated, 1 as loudness and stress ask.
        rng: source of chance.
    """
    targets = _collect(speech, gain, rng)
    curves = {g: track(targets.value[g], targets.priority[g], CUTOFF_HZ[g]) for g in GESTURES}
    holds = tuple(closure(p) for p in speech.phones if p.name in BILABIALS)
    rest = np.clip(curves.pop("close"), 0, 1)
    contact = _seal(speech, rest, np.clip(curves["jaw"], 0, 1), holds)
    labiodental = _lip_on_teeth(speech, np.clip(curves["jaw"], 0, 1))
    teeth = labiodental * (1 - contact)
    for name, value in LABIODENTAL_HOLD.items():
        curves[name] += (value - curves[name]) * teeth
    curves["pucker"] *= 1 - 0.7 * teeth
    gestures = {name: soft_clip(curve) for name, curve in curves.items()}
    for name in OPENING_GESTURES:
        gestures[name] *= 1 - 0.75 * contact
    room = tongue_room(gestures["jaw"])
    gestures["tongue"] = _at_most(gestures["tongue"], room)
    gestures["tip"] = _at_most(gestures["tip"], tip_room(room, gestures["tongue"]))
    return Mouth(gestures, contact, rest, labiodental, teeth, holds)


def breathe(mouth: Mouth, inhale: Array) -> Mouth:
    """Part the lips for breath [N] that is taken, from 0 to 1; contacts of sounds stay."""
    free = inhale * mouth.rest
    jaw = np.clip(mouth.gestures["jaw"] + INHALE_JAW * free, 0, 1)
    contact = np.where(mouth.contact <= mouth.rest + 1e-9, mouth.contact * (1 - free), mouth.contact)
    return replace(
        mouth, gestures={**mouth.gestures, "jaw": jaw}, contact=contact, rest=mouth.rest * (1 - free)
    )


def tongue_room(jaw: Array) -> Array:
    """How far [N] the tongue may come out under the incisors, measured on the actor's smooth surface."""
    return np.minimum(TONGUE_ROOM[0] + TONGUE_ROOM[1] * jaw, TONGUE_LIMIT)


def tip_room(room: Array, tongue: Array) -> Array:
    """How far [N] the tip of a tongue that is so far out may rise."""
    return TIP_ROOM[0] + TIP_ROOM[1] * np.maximum(room - tongue, 0)


def _at_most(curve: Array, limit: Array) -> Array:
    """Keep a curve [N] in [0, limit], with a rounded corner."""
    excess = curve - limit
    return np.clip(curve - 0.5 * (excess + np.sqrt(excess**2 + 4e-4)), 0, 1)


def _collect(speech: Speech, gain: Array, rng: np.random.Generator) -> _Targets:
    targets = _Targets(speech.time)
    effort = gain * (1 + 0.10 * drift(rng, speech.frames, 1.2))
    around = [None, *speech.phones, None]
    for before, phone, after in zip(around, speech.phones, around[2:], strict=False):
        if is_pause(phone.name):
            _ask_pause(targets, phone, before, after)
        else:
            fullness = _fullness(speech, phone, rng)
            fullness *= effort[speech.frame(phone.start)] if _vowel(phone) else 1
            _ask_phone(targets, phone, fullness, rng)
    return targets


def _vowel(phone: Phone) -> bool:
    return phone.name in VOWELS


def _fullness(speech: Speech, phone: Phone, rng: np.random.Generator) -> float:
    """How fully a sound is articulated: vowels follow loudness and stress, consonants vary a little."""
    chance = rng.standard_normal()
    if not _vowel(phone):
        return float(np.clip(1 + 0.06 * chance, 0.85, 1.15))
    first, last = speech.frame(phone.start), speech.frame(phone.end)
    loudness = speech.loudness[first : max(last, first + 1)].mean()
    gain = np.clip(0.98 + 0.22 * loudness, 0.60, 1.30) * STRESS_GAIN[phone.stress]
    return float(min(gain * np.clip(1 + 0.08 * chance, 0.8, 1.2), GREATEST_GAIN))


def _ask_phone(targets: _Targets, phone: Phone, gain: float, rng: np.random.Generator) -> None:
    shift = -ANTICIPATION + (0.0 if phone.name in BILABIALS else rng.normal(0, JITTER))
    start, end = phone.start + shift, phone.end + shift
    shortest = SHORTEST_WINDOW.get(phone.name, SHORT_WINDOW)
    if phone.name in TWO_PARTS:
        first, second, share = TWO_PARTS[phone.name]
        split = start + share * (end - start)
        overlap = 0.0 if _vowel(phone) else 0.03
        targets.ask(viseme(first), start, split, gain, shortest)
        targets.ask(viseme(second), split - overlap, end, gain, shortest)
    else:
        targets.ask(viseme(phone.name), start, end, gain, shortest)
    if phone.name not in BILABIALS:
        margin, priority = (0.01, 0.6) if _vowel(phone) else (0.0, 0.15)
        targets.keep_open(start - margin, end + margin, priority)


def _ask_pause(targets: _Targets, pause: Phone, before: Phone | None, after: Phone | None) -> None:
    """Long pauses close the lips once the last sound has faded and open them before the next."""
    length = pause.duration
    if length > CLOSING_PAUSE:
        start = pause.start + (0.0 if _closed_anyway(before) else min(0.14, 0.45 * length))
        end = pause.end - (0.0 if _closed_anyway(after) else min(0.10, 0.3 * length))
        targets.rest(start, end, min(1.0, (length / 0.35) ** 2))


def _closed_anyway(neighbour: Phone | None) -> bool:
    """Whether the lips are closed beside a pause: at the ends of a passage, and in p, b, m."""
    return neighbour is None or neighbour.name in BILABIALS


def closure(phone: Phone) -> Hold:
    """m is closed throughout, p and b for the part before the release."""
    length = max((1.0 if phone.name == "m" else 0.68) * phone.duration - 0.012, 0.036)
    start = phone.start + (0.004 if phone.name == "m" else 0.0)
    return Hold(start, start + length)


def _seal(speech: Speech, pauses: Array, jaw: Array, holds: tuple[Hold, ...]) -> Array:
    """Lip contact: pauses as tracked, closures as exact plateaus; a wider mouth takes longer to close."""
    contact = pauses
    for hold in holds:
        rise = np.clip(0.060 + 0.17 * jaw[speech.frame(hold.start - 0.10)], 0.065, 0.125)
        fall = np.clip(0.065 + 0.17 * jaw[speech.frame(hold.end + 0.10)], 0.065, 0.125)
        contact = np.maximum(contact, _plateau(speech.time, hold.start, hold.end, rise, fall))
    return contact


def _lip_on_teeth(speech: Speech, jaw: Array) -> Array:
    """Lower lip on the incisors in the middle of f and v, off again soon after."""
    teeth = np.zeros(speech.frames)
    for phone in speech.phones:
        if phone.name in ("f", "v"):
            start, end = phone.middle - 0.28 * phone.duration, phone.middle + 0.22 * phone.duration
            rise = np.clip(0.060 + 0.136 * jaw[speech.frame(phone.middle - 0.08)], 0.070, 0.105)
            fall = np.clip(0.055 + 0.10 * jaw[speech.frame(phone.middle + 0.08)], 0.060, 0.090)
            teeth = np.maximum(teeth, _plateau(speech.time, start, end, rise, fall))
    return teeth


def _plateau(time: Array, start: float, end: float, rise: float, fall: float) -> Array:
    return minimum_jerk((time - start + rise) / rise) * (1 - minimum_jerk((time - end) / fall))
