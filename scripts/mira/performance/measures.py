"""Measures of a performance, taken from what a viewer sees: face channels, head pose, and the speech.

They read channels and poses only, so that generated motion is measured as the synthesised one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, find_peaks, sosfiltfilt, welch

from avgen.types import CODE_RATE
from scripts.mira.contact import Contact
from scripts.mira.performance.face import DEGREES_PER_UNIT
from scripts.mira.performance.mouth import closure, tip_room, tongue_room
from scripts.mira.performance.units import FACE_UNITS, UNIT, lip_gaps, rim_above_incisors
from scripts.mira.phones import BILABIALS, Phone, is_pause

Array = NDArray[np.float64]
SEALED: Final = 5e-5
"""Metres of lip gap that count as closed."""
TONGUE_TOLERANCE: Final = 0.01
LEAST_RAISE: Final = 0.006
"""Speed of a rise of the brows, units a frame."""
CLEAR_RISE: Final = 0.08
"""Slope of a rise of F0, standard deviations a frame."""
MOUTH_AND_BROWS: Final = [i for i, name in enumerate(FACE_UNITS) if not name.startswith("eye")]


def _middle(phone: Phone, frames: int) -> int:
    return min(int(phone.middle * CODE_RATE), frames - 1)


def _span(start: float, end: float, frames: int) -> slice:
    first = min(int(np.ceil(start * CODE_RATE - 0.5)), frames - 1)
    last = int(np.floor(end * CODE_RATE - 0.5)) + 1
    return slice(first, max(last, first + 1))


def closures(phones: Sequence[Phone], channels: Array, contact: Contact) -> NDArray[np.bool_]:
    """Whether the lips are sealed through the hold of every p, b and m."""
    widest = lip_gaps(contact, channels).max(1)
    holds = [closure(p) for p in phones if p.name in BILABIALS]
    return np.array([widest[_span(h.start, h.end, len(widest))].max() < SEALED for h in holds], bool)


def lip_to_teeth(phones: Sequence[Phone], channels: Array, contact: Contact) -> Array:
    """Distance [K] in metres of the lower lip's rim from the incisor edge's height in every f and v."""
    height = rim_above_incisors(contact, channels)
    return np.abs([height[_middle(p, len(height))] for p in phones if p.name in ("f", "v")])


def at_middle(phones: Sequence[Phone], names: Iterable[str], curve: Array) -> Array:
    """Values of a curve [N] in the middle of the phones of some names."""
    wanted = frozenset(names)
    return np.array([curve[_middle(p, len(curve))] for p in phones if p.name in wanted])


def pause_gaps(phones: Sequence[Phone], channels: Array, contact: Contact) -> Array:
    """Widest lip gap in metres of every frame in the middle of pauses over 0.4 s inside a passage."""
    widest = lip_gaps(contact, channels).max(1)
    inner = [p for p in phones[1:-1] if is_pause(p.name) and p.duration > 0.4]
    spans = [widest[_span(p.start + 0.17, p.end - 0.14, len(widest))] for p in inner]
    return np.concatenate([np.zeros(0), *spans])


def rounding_leads(phones: Sequence[Phone], pucker: Array) -> Array:
    """Seconds by which rounding (20% of its peak) precedes u and w that follow unrounded sounds."""
    rounded = frozenset("uwʊOoQWɔYʃʒʧʤɹɜ")
    leads = []
    heard = [p for p in phones if p.duration > 0]
    for index, phone in enumerate(heard):
        before = heard[max(index - 3, 0) : index]
        spoiled = any(p.name in rounded or (is_pause(p.name) and p.duration > 0.1) for p in before)
        if phone.name not in "uw" or len(before) < 3 or spoiled:
            continue
        peak = pucker[_span(phone.start, phone.end, len(pucker))].max()
        frame = first = _span(phone.start, phone.end, len(pucker)).start
        while frame > 0 and pucker[frame] > 0.2 * peak:
            frame -= 1
        if peak > 0.3:
            leads.append((first - frame) / CODE_RATE)
    return np.array(leads)


def velocity_power_above(curve: Array, hertz: float) -> float:
    """Share of the power of a curve's velocity above a frequency."""
    frequency, power = welch(np.gradient(curve), CODE_RATE, nperseg=min(512, len(curve)))
    return float(power[frequency > hertz].sum() / (power.sum() + 1e-20))


def blink_times(channels: Array) -> Array:
    """Seconds at which the lids pass half closure on their way down."""
    closed = channels[:, [UNIT["eyeBlinkLeft"], UNIT["eyeBlinkRight"]]].mean(1) > 0.5
    return np.flatnonzero(closed[1:] & ~closed[:-1]) / CODE_RATE


def gaze_degrees(channels: Array, angles: Array) -> Array:
    """Distance [N] in degrees of the gaze from the viewer, from eyeLook channels and head angles [N, 3]."""

    def turn(way: str) -> Array:
        left, right = (channels[:, UNIT[f"eyeLook{way}{side}"]] for side in ("Left", "Right"))
        return DEGREES_PER_UNIT[way] * np.stack([left, right])

    outward, inward = turn("Out"), turn("In")
    left = (outward - inward)[0] - (outward - inward)[1]
    up = (turn("Up") - turn("Down")).mean(0)
    return np.hypot(left / 2 + 0.97 * angles[:, 1], up + 0.97 * angles[:, 0])


def smooth(curve: Array, half_width: int) -> Array:
    """Hann-windowed mean over 2 half_width + 1 frames."""
    kernel = np.hanning(2 * half_width + 3)[1:-1]
    return np.convolve(np.pad(curve, half_width, "edge"), kernel / kernel.sum(), "valid")


def best_correlation(sound: Array, motion: Array) -> float:
    """Greatest correlation of a motion [N] with a sound feature [N] that it follows by -100 to 250 ms."""
    lags = range(int(-0.10 * CODE_RATE), int(0.25 * CODE_RATE), 3)
    inner = slice(30, -30)
    return max(float(np.corrcoef(sound[inner], np.roll(motion, -lag)[inner])[0, 1]) for lag in lags)


def band_pass(curve: Array, low: float = 0.4, high: float = 6.0) -> Array:
    """Zero-phase band-pass between two frequencies in Hz."""
    sections = butter(2, [low, high], "band", fs=CODE_RATE, output="sos")
    filtered: Array = sosfiltfilt(sections, curve)
    return filtered


def tongue_in_teeth(channels: Array) -> NDArray[np.bool_]:
    """Whether the tongue [N] is where the upper incisors are."""
    jaw, tongue, tip = (channels[:, UNIT[name]] for name in ("jawOpen", "tongueOut", "tongueTip"))
    room = tongue_room(jaw)
    return np.maximum(tongue - room, (tip - tip_room(room, tongue)) / 3) > TONGUE_TOLERANCE


def variance_explained(sound: Array, motion: Array) -> float:
    """Share of the variance of a sound feature [N] that a linear function of a motion [N, K] explains.

    The motion counts as it is and 0.1 s earlier and later, as in multiple regressions of F0 on the head
    (Munhall et al. 2004).
    """
    lag = round(0.1 * CODE_RATE)
    inner = slice(lag, len(sound) - lag)
    columns = [np.roll(curve, shift)[inner] for curve in motion.T for shift in (-lag, 0, lag)]
    system = np.c_[np.stack(columns, 1), np.ones(len(columns[0]))]
    wanted = sound[inner]
    left = wanted - system @ np.linalg.lstsq(system, wanted, rcond=None)[0]
    return float(1 - left.var() / wanted.var())


def raises_with_melody(brow: Array, pitch: Array) -> NDArray[np.bool_]:
    """Whether each rise of the brows [N] comes within 0.1 s of a clear rise of F0 (z-scores [N])."""
    reach, frames = round(0.1 * CODE_RATE), min(len(brow), len(pitch))
    speed = np.gradient(smooth(brow[:frames], 4))
    rises = find_peaks(speed, height=LEAST_RAISE, distance=2 * reach)[0]
    melody = np.gradient(smooth(pitch[:frames], 4)) > CLEAR_RISE
    return np.array([melody[max(n - reach, 0) : n + reach + 1].any() for n in rises], bool)
