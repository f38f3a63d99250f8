"""Source-filter synthesis and its network: pitch, level, windows, seeds, weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")
from safetensors.torch import save_file  # noqa: E402

from avgen.errors import ActorError  # noqa: E402
from avgen.speech.prosody import Prosody  # noqa: E402
from avgen.vocoders import synthesis  # noqa: E402
from avgen.vocoders.source_filter import ControlNetwork, SourceFilter, SourceFilterConfig  # noqa: E402

SMALL = {"channels": 16, "blocks": 2}


def random_vocoder(pitch: float | None = 200.0) -> SourceFilter:
    """A small random network that says one pitch everywhere (None: unvoiced)."""
    torch.manual_seed(0)
    network = ControlNetwork(SourceFilterConfig(**SMALL))
    with torch.no_grad():
        network.pitch.bias[0] = 50.0 if pitch else -50.0
        if pitch:
            network.pitch.bias[1:] -= 3 * (torch.arange(128) - network.pitch_class(torch.tensor(pitch))) ** 2
    return SourceFilter(network)


def random_mel(frames: int) -> np.ndarray:
    return np.random.default_rng(3).uniform(-8, 0, (frames, 80)).astype(np.float32)


def flat_speech(f0: float, harmonic: float, breath: float, frames: int = 86) -> np.ndarray:
    """Speech of constant pitch and flat envelopes."""
    count = (frames + 3) * 256
    pitch = torch.full((count,), f0 or 100.0)
    pulses, _ = synthesis.pulse_train(pitch, torch.full((count,), f0 > 0))
    noise = torch.randn(count, generator=torch.Generator().manual_seed(0))
    envelopes = torch.full((frames, 513), harmonic), torch.full((4 * frames, 129), breath)
    return synthesis.filter_sources(pulses, noise, *envelopes)[384:-384].numpy()


def test_pulse_train_has_its_pitch_and_equal_harmonics() -> None:
    pulses, phase = synthesis.pulse_train(torch.full((22050,), 200.0), torch.ones(22050, dtype=torch.bool))
    spectrum = np.abs(np.fft.rfft(pulses.numpy())) / 11025
    assert np.allclose(spectrum[200:10500:200], 1, atol=0.02)
    assert np.delete(spectrum, np.s_[::200]).max() < 0.02
    assert min(phase.item(), 1 - phase.item()) < 1e-6


def test_pulse_train_continues_from_its_phase() -> None:
    pitch = torch.linspace(120, 260, 4000)
    voiced = torch.ones(4000, dtype=torch.bool)
    whole, _ = synthesis.pulse_train(pitch, voiced)
    first, phase = synthesis.pulse_train(pitch[:1500], voiced[:1500])
    second, _ = synthesis.pulse_train(pitch[1500:], voiced[1500:], phase)
    torch.testing.assert_close(torch.cat([first, second]), whole, atol=1e-3, rtol=0)


def test_harmonic_envelope_is_the_amplitude_of_a_harmonic() -> None:
    speech = flat_speech(200.0, np.log(0.01), -30.0)[2560:-2560]
    window = np.hanning(len(speech))
    spectrum = np.abs(np.fft.rfft(speech * window)) / window.sum() * 2
    frequencies = np.fft.rfftfreq(len(speech), 1 / 22050)
    assert (
        frequencies[1 + spectrum[1:].argmax()] % 200 < 2 or frequencies[1 + spectrum[1:].argmax()] % 200 > 198
    )
    peaks = [spectrum[np.abs(frequencies - f).argmin() - 1 : np.abs(frequencies - f).argmin() + 2].max()
             for f in range(200, 10000, 200)]  # fmt: skip
    # Pulses enter at unit amplitude, are analysed at half of it and resynthesised with 1024 / 4 less gain.
    expected = 0.01 * 4 / 1024
    np.testing.assert_allclose(peaks, expected, rtol=0.2)


def test_noise_has_the_standard_deviation_of_its_envelope() -> None:
    speech = flat_speech(0.0, -30.0, np.log(0.1))[1024:-1024]
    assert np.std(speech) == pytest.approx(0.1, rel=0.02)


def test_noise_starts_and_stops_within_three_milliseconds_of_its_envelope() -> None:
    breath = torch.full((400, 129), -30.0)
    breath[200:240] = 0.0
    noise = torch.randn(103 * 256, generator=torch.Generator().manual_seed(0))
    silence = torch.zeros_like(noise), torch.full((100, 513), -30.0)
    burst = synthesis.filter_sources(silence[0], noise, silence[1], breath)[384:-384]
    first, stop = 200 * 64, 240 * 64
    assert burst[first + 96 : stop - 96].std() == pytest.approx(1, rel=0.1)
    assert burst[: first - 96].abs().max() < 1e-5 and burst[stop + 96 :].abs().max() < 1e-5


def test_unvoiced_neighbours_hold_the_pitch() -> None:
    held = synthesis.hold_pitch(torch.tensor([0.0, 0.0, 200.0, 220.0, 0.0, 180.0, 0.0, 0.0]))
    assert held.tolist() == [100.0, 200.0, 200.0, 220.0, 200.0, 180.0, 180.0, 100.0]


def test_pitch_moves_in_semitones_and_melody_widens_around_the_mean() -> None:
    f0 = torch.tensor([0.0, 200.0, 100.0, 400.0])
    nothing, octave = torch.zeros(4), torch.full((4,), 12.0)
    moved, doubled = (
        synthesis.transpose(f0, octave, nothing, 200.0),
        synthesis.transpose(f0, nothing, octave / 12, 200.0),
    )
    np.testing.assert_allclose(moved, [0, 400, 200, 800], rtol=1e-5)
    np.testing.assert_allclose(doubled, [0, 200, 50, 800], rtol=1e-5)


def test_a_filter_is_redrawn_from_harmonic_to_harmonic() -> None:
    spacing = 10 * 22050 / 1024
    peaks = torch.full((2, 513), -9.0)
    peaks[:, ::10] = torch.linspace(0, -1, 52)
    voiced, unvoiced = synthesis.between_harmonics(peaks, torch.tensor([spacing, 0.0]))
    line = np.interp(np.arange(513), np.arange(0, 513, 10), torch.linspace(0, -1, 52))
    np.testing.assert_allclose(voiced[10:511], line[10:511], atol=1e-3)
    np.testing.assert_allclose(voiced[:10], line[10], atol=1e-3)  # nothing sounds below the first one
    assert torch.equal(unvoiced, peaks[1])


def test_colour_is_a_level_and_a_slope_around_500_hz() -> None:
    gain = synthesis.colour(torch.tensor([2.0]), torch.tensor([3.0]), 442)[0] * 20 / np.log(10)
    hertz = torch.linspace(0, 11025, 442)
    for frequency, decibels in ((500, 2), (1000, 5), (4000, 11), (250, -1)):
        assert gain[(hertz - frequency).abs().argmin()] == pytest.approx(decibels, abs=0.01)
    assert gain[0] == gain[4]  # nothing below 100 Hz is pushed further


def test_network_reads_the_pitch_of_its_classifier() -> None:
    vocoder = random_vocoder(217.0)
    with torch.inference_mode():
        f0 = vocoder.network.f0(vocoder.network(torch.from_numpy(random_mel(20))[None]))
    assert f0.numpy() == pytest.approx(np.full((1, 20), 217.0), rel=0.01)


@pytest.mark.parametrize("pitch", [200.0, None])
@pytest.mark.parametrize("frames", [1, 5, 61, 200])
@pytest.mark.parametrize("emotional", [False, True])
def test_windows_equal_one_pass(frames: int, pitch: float | None, emotional: bool) -> None:
    vocoder, mel = random_vocoder(pitch), random_mel(frames)
    curves = np.random.default_rng(0).uniform(-1, 1, (4, frames)).astype(np.float32)
    prosody = Prosody(*curves, np.linspace(190, 110, frames, dtype=np.float32))
    whole = vocoder(mel, 1, prosody if emotional else None, window_frames=10_000)
    assert whole.shape == (frames * 256,) and whole.dtype == np.float32
    parts = vocoder(mel, 1, prosody if emotional else None, window_frames=32)
    np.testing.assert_allclose(parts, whole, atol=2e-4)
    assert np.abs(whole).max() > 1e-2


def test_prosody_moves_what_is_heard() -> None:
    vocoder, mel, zero = random_vocoder(200.0), random_mel(120), np.zeros(120, np.float32)
    mean = zero + 200
    vocoder.network.envelope_scale.zero_()
    vocoder.network.envelope_mean[synthesis.BINS :] = -30.0

    def spectrum(prosody: Prosody | None) -> NDArray[np.float32]:
        samples = vocoder(mel, 0, prosody)[5120:-5120]
        return np.abs(np.fft.rfft(samples * np.hanning(len(samples))))

    def at(found: NDArray[np.float32], hertz: float) -> float:
        bin = round(hertz * (120 * 256 - 10240) / 22050)
        return float(found[bin - 1 : bin + 2].max())

    plain = spectrum(None)
    np.testing.assert_allclose(
        spectrum(Prosody(zero, zero, zero, zero, mean)), plain, atol=1e-2 * plain.max()
    )
    fifth = spectrum(Prosody(zero + 7.02, zero, zero, zero, mean))
    assert at(plain, 200) > 10 * at(plain, 300) and at(fifth, 300) > 10 * at(fifth, 200)
    louder = spectrum(Prosody(zero, zero, zero + 6.02, zero, mean))
    assert at(louder, 200) == pytest.approx(2 * at(plain, 200), rel=0.05)


def test_same_seed_same_samples_other_seed_other_noise() -> None:
    vocoder, mel = random_vocoder(), random_mel(50)
    assert np.array_equal(vocoder(mel, seed=5), vocoder(mel, seed=5))
    assert not np.array_equal(vocoder(mel, seed=5), vocoder(mel, seed=6))


def test_context_is_what_the_network_sees() -> None:
    vocoder, mel = random_vocoder(), random_mel(60)
    context = vocoder.network.config.context
    other = mel.copy()
    other[30] += 1
    with torch.inference_mode():
        a, b = (vocoder.network(torch.from_numpy(m)[None]).harmonic[0] for m in (mel, other))
    changed = np.flatnonzero((a - b).abs().amax(-1).numpy())
    assert (changed[0], changed[-1]) == (30 - context, 30 + context)


def test_half_precision_weights_load(tmp_path: Path) -> None:
    vocoder, mel = random_vocoder(), random_mel(30)
    file = tmp_path / "vocoder.safetensors"
    save_file({k: v.half().contiguous() for k, v in vocoder.network.state_dict().items()}, file)
    loaded = SourceFilter.load(json.loads(json.dumps(SMALL)), file)
    assert np.corrcoef(loaded(mel, seed=0), vocoder(mel, seed=0))[0, 1] > 0.99


def test_wrong_files_and_keys_are_actor_errors(tmp_path: Path) -> None:
    file = tmp_path / "vocoder.safetensors"
    file.write_bytes(b"not weights")
    with pytest.raises(ActorError, match=r"vocoder\.safetensors"):
        SourceFilter.load(SMALL, file)
    with pytest.raises(ActorError, match="'chanels'"):
        SourceFilter.load({"chanels": 3}, file)
