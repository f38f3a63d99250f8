"""Metrics on constructed cases with known answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avgen.metrics.beats import SIGMA, alignment, beat_align_score, motion_beats, onset_strength, onsets
from avgen.metrics.cepstra import mel_cepstra, mel_cepstral_distortion, warped_distance
from avgen.metrics.distribution import diversity, frechet_distance, half_distance
from avgen.metrics.lips import closure_delays, closures_made, frame_f1, mouth_widening
from avgen.metrics.timing import delay, on_clock
from avgen.metrics.words import character_error_rate, edit_distance, spoken_words, word_error_rate
from avgen.speech.recognition import missing_packages
from avgen.types import CODE_RATE, MEL_BINS, Interval


def curve(frames: int = 400, seed: int = 0) -> Any:
    noise = np.random.default_rng(seed).normal(size=frames)
    return np.convolve(noise, np.hanning(15), "same").astype(np.float32)


def test_edit_distance_counts_each_kind_of_edit() -> None:
    words = ["a", "b", "c", "d"]
    assert edit_distance(words, words) == 0
    assert edit_distance(words, ["a", "x", "c", "d"]) == 1
    assert edit_distance(words, ["a", "c", "d"]) == 1
    assert edit_distance(words, ["a", "b", "b", "c", "d"]) == 1
    assert edit_distance(words, []) == 4


def test_numbers_in_figures_and_in_words_are_the_same() -> None:
    assert spoken_words("In 1969, 40 trains!") == spoken_words("in nineteen sixty-nine forty trains")


def test_word_error_rate_is_over_all_words_of_all_texts() -> None:
    assert word_error_rate(["a b c d", "e f g h i j"], ["a b c d", "e f g h i"]) == pytest.approx(0.1)


def test_character_error_rate_is_over_letters_and_spaces() -> None:
    assert character_error_rate(["big cat", "go"], ["big cap", "go"]) == pytest.approx(1 / 9)


def test_error_rates_without_words_are_an_error() -> None:
    for rate in (word_error_rate, character_error_rate):
        with pytest.raises(ValueError, match="at least one"):
            rate([""], ["hello"])


def test_f1_on_counted_frames() -> None:
    reference = np.array([1, 1, 1, 0, 0, 0], bool)
    assert frame_f1(reference, reference) == 1.0
    assert frame_f1(reference, ~reference) == 0.0
    assert frame_f1(reference, np.array([1, 1, 0, 1, 0, 0], bool)) == pytest.approx(4 / 6)
    assert frame_f1(reference[3:], reference[3:]) == 1.0


def test_mouth_widens_by_the_corners_a_smile_moves() -> None:
    units = ("mouthSmileLeft", "mouthSmileRight")
    rest = np.array([[0.02, 0, 0], [-0.02, 0, 0], [0, 0, 0]], np.float32)
    deltas = np.zeros((2, 3, 3), np.float32)
    deltas[0, 0, 0], deltas[1, 1, 0] = 0.004, -0.004
    codec = SimpleNamespace(unit=units.index, unit_weights=lambda face: face)
    avatar: Any = SimpleNamespace(deltas=deltas, mesh=SimpleNamespace(rest=rest), codec=codec)
    face = np.array([[0, 0], [1, 1], [1, 0]], np.float32)
    assert mouth_widening(avatar, face) == pytest.approx([0.0, 0.2, 0.1], abs=1e-6)


def test_closures_made_counts_p_b_and_m() -> None:
    gap = np.full(100, 0.004, np.float32)
    gap[20:25] = 0.0
    times = [(10, 30), (40, 50), (20, 24), (60, 70)]
    sounds = [
        Interval(name, a / CODE_RATE, b / CODE_RATE) for name, (a, b) in zip("pmbæ", times, strict=True)
    ]
    assert closures_made(gap, sounds) == pytest.approx(2 / 3)
    assert closures_made(gap, sounds[3:]) is None


@pytest.mark.parametrize("late", [-3, 0, 4])
def test_closures_come_as_late_as_they_were_made(late: int) -> None:
    spans = [("$", 0, 20), ("b", 20, 26), ("æ", 26, 40), ("m", 40, 48), ("ɪ", 48, 60), ("p", 60, 66)]
    phonemes = [Interval(name, a / CODE_RATE, b / CODE_RATE) for name, a, b in [*spans, (".", 66, 90)]]
    gap = np.full(90, 5e-3, np.float32)
    for start, end in ((0, 26), (40, 48), (60, 90)):  # those beside the pauses do not say when they close
        gap[start + late * (start > 0) : end + late] = 0
    assert closure_delays(gap, phonemes) == pytest.approx([late], abs=1e-3)
    assert len(closure_delays(gap, phonemes[:1])) == 0


@pytest.mark.parametrize("shift", [-5, 0, 3])
def test_delay_finds_a_known_shift(shift: int) -> None:
    clips = [curve(seed=1), curve(250, 2)]
    found = delay(clips, [np.roll(clip, shift) for clip in clips], 8)
    assert found.frames == pytest.approx(shift, abs=0.1) and found.correlation > 0.98


def test_delay_finds_half_a_frame() -> None:
    fine = curve(4000)
    fine = np.convolve(fine, np.hanning(41), "same")
    assert delay([fine[10::10]], [fine[5:-5:10]], 8).frames == pytest.approx(0.5, abs=0.05)


def test_delay_needs_length_and_variation() -> None:
    with pytest.raises(ValueError, match="longer clip"):
        delay([curve()[:9]], [curve()[:9]], 8)
    with pytest.raises(ValueError, match="variation"):
        delay([np.zeros(50, np.float32)], [curve(50)], 8)


def test_on_clock_moves_words_to_where_the_other_take_has_them() -> None:
    def take(*frames: int) -> list[Interval]:
        edges = [frame / CODE_RATE for frame in frames]
        return [Interval("so", edges[0], edges[1]), Interval("be", edges[2], edges[3])]

    here, there = take(10, 30, 30, 50), take(20, 60, 80, 120)
    ramp = np.arange(60, dtype=np.float32)[:, None] + 0.5
    moved = on_clock(ramp, here, there, 140)
    assert moved.shape == (140, 1)
    assert moved[[20, 40, 60, 80, 100, 120], 0] == pytest.approx([10, 20, 30, 30, 40, 50], abs=0.3)
    assert on_clock(ramp, here, here, 60) == pytest.approx(ramp, abs=1e-4)
    with pytest.raises(ValueError, match="same words"):
        on_clock(ramp, here, there[:1], 140)


def test_frechet_distance_of_known_gaussians() -> None:
    base = np.random.default_rng(0).normal(size=(5000, 3))
    base = (base - base.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(base, rowvar=False))).T
    assert frechet_distance(base, base) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(base, base + np.array([1, 2, 2])) == pytest.approx(9)
    assert frechet_distance(base, 3 * base) == pytest.approx(3 * (3 - 1) ** 2)
    turned = base @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]])
    assert frechet_distance(base * [2, 1, 1], turned * [1, 2, 1]) == pytest.approx(2)
    with pytest.raises(ValueError, match="two frames"):
        frechet_distance(base[:1], base)


def test_half_distance_is_small_within_one_distribution_and_sees_a_shift() -> None:
    rng = np.random.default_rng(1)
    clips = [rng.normal(size=(500, 4)) for _ in range(10)]
    own = half_distance(clips, clips)
    assert 0 < own < 0.02
    assert half_distance(clips, [clip + 1 for clip in clips]) == pytest.approx(4, abs=0.3)
    with pytest.raises(ValueError, match="as many"):
        half_distance(clips, clips[:3])


def test_diversity_is_the_deviation_across_samples() -> None:
    takes = np.array([1.0, -1.0])[:, None, None] * np.ones((2, 5, 3))
    assert diversity(takes) == 1.0
    assert diversity(np.broadcast_to(takes[:1], (4, 5, 3))) == 0.0
    assert diversity(np.array([[0.0, 1.0], [2.0, 1.0]])) == 0.5


def test_onsets_are_where_bursts_begin() -> None:
    mel = np.full((300, MEL_BINS), -9.0, np.float32)
    for start in (30, 110, 200):
        mel[start : start + 12] = -1.0
    assert onsets(mel).tolist() == [30, 110, 200]
    assert onset_strength(mel)[30] == pytest.approx(8.0)
    assert not len(onsets(np.full((50, MEL_BINS), -9.0, np.float32)))


def test_onsets_are_picked_as_librosa_picks_them() -> None:
    util = pytest.importorskip("librosa.util")
    mel = np.random.default_rng(3).normal(size=(400, MEL_BINS)).cumsum(0).astype(np.float32) / 10
    strength = onset_strength(mel)
    strength = (strength - strength.min()) / np.ptp(strength)
    wanted = util.peak_pick(
        strength, pre_max=2, post_max=1, pre_avg=8, post_avg=9, delta=0.07, wait=2
    ).tolist()
    assert len(wanted) > 10 and onsets(mel).tolist() == wanted


def test_motion_beats_are_where_movement_rests() -> None:
    time = np.arange(300)
    swing = np.sin(2 * np.pi * time / 80)  # at rest at 20, 60, 100, ...
    assert motion_beats(np.stack([swing, 0 * swing], 1)).tolist() == [20, 60, 100, 140, 180, 220, 260]


def test_beat_align_score_of_known_distances() -> None:
    audio = np.array([10, 50, 90])
    assert beat_align_score(audio, audio) == 1.0
    late = np.array([13, 53, 2, 95])  # the last two lie outside the sound
    assert beat_align_score(late, audio) == pytest.approx(np.exp(-9 / (2 * SIGMA**2)))
    assert beat_align_score(np.array([2]), audio) is None
    assert beat_align_score(audio, np.array([], int)) is None


def test_alignment_exceeds_chance_only_where_beats_follow_the_sound() -> None:
    rng = np.random.default_rng(0)
    audio = [np.sort(rng.choice(900, 40, replace=False)) for _ in range(12)]
    followed = alignment([clip[::2] for clip in audio], audio)
    by_chance = alignment([np.sort(rng.choice(900, 20, replace=False)) for _ in audio], audio)
    assert followed is not None and by_chance is not None
    assert followed.own == 1.0 and followed.shuffled is not None and followed.shuffled < 0.6
    assert by_chance.own == pytest.approx(by_chance.shuffled, abs=0.08)
    assert followed.error == 0 and by_chance.error is not None and 0.01 < by_chance.error < 0.05
    assert alignment(audio[:1], audio[:1]) == (1.0, None, None)
    assert alignment([np.array([], int)], audio[:1]) is None


def test_cepstra_rebuild_a_log_mel_of_one_cosine() -> None:
    bands = np.arange(MEL_BINS) + 0.5
    mel = (0.7 * np.cos(np.pi / MEL_BINS * 2 * bands) - 5)[None].astype(np.float32)
    assert mel_cepstra(mel)[0] == pytest.approx([0, 0.7, *[0] * 11], abs=1e-6)


def test_distortion_in_decibels_of_a_known_difference() -> None:
    mel = curve(40 * MEL_BINS).reshape(40, MEL_BINS)
    ripple = 0.2 * np.cos(np.pi / MEL_BINS * 3 * (np.arange(MEL_BINS) + 0.5))
    expected = 10 / np.log(10) * np.sqrt(2) * 0.2
    assert mel_cepstral_distortion(mel, mel) == 0.0
    assert mel_cepstral_distortion(mel, mel + 1) == pytest.approx(0, abs=1e-5)  # loudness does not count
    assert mel_cepstral_distortion(mel, mel + ripple, warp=False) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(ValueError, match="equal lengths"):
        mel_cepstral_distortion(mel, mel[1:], warp=False)


def test_warping_undoes_a_change_of_tempo() -> None:
    slow = np.cumsum(np.random.default_rng(2).normal(size=(60, 3)), 0)
    assert warped_distance(slow, np.repeat(slow, 2, axis=0)) == 0.0
    assert warped_distance(slow[:1], slow[:1] + np.array([3, 4, 0])) == 5.0
    assert warped_distance(np.repeat(slow, 40, axis=0), np.repeat(slow, 42, axis=0)) == pytest.approx(0)


def test_warping_finds_the_cheapest_path() -> None:
    a, b = np.random.default_rng(4).normal(size=(2, 7, 2))
    best = {(0, 0): (np.linalg.norm(a[0] - b[0]), 1)}
    for i in range(7):
        for j in range(7):
            before = [best[k] for k in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if k in best]
            if before:
                cost, steps = min(before, key=lambda pair: pair[0])
                best[i, j] = cost + np.linalg.norm(a[i] - b[j]), steps + 1
    cost, steps = best[6, 6]
    assert warped_distance(a, b) == pytest.approx(cost / steps)


def test_packages_that_are_not_installed_are_named() -> None:
    assert missing_packages("json", "no_such_listener") == ["no_such_listener"]
