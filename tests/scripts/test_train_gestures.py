"""Training the flow of gestures: examples of a passage, latents that keep them; the judge of hands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.body.skeleton import Skeleton  # noqa: E402
from avgen.flow.gestures import GestureFlow, perform_learnt  # noqa: E402
from avgen.gestures import Gestures  # noqa: E402
from avgen.text.labels import LABELS  # noqa: E402
from avgen.types import CODE_RATE  # noqa: E402
from scripts.evaluate.hands import kept  # noqa: E402
from scripts.mira.dataset import Passage  # noqa: E402
from scripts.mira.phones import Phone  # noqa: E402
from scripts.train.gesture_data import Example, listen, perform_passage, read_examples, told, words_of  # noqa: E402
from scripts.train.guided_gestures import KEY_FRAMES, Guide, between  # noqa: E402
from scripts.train.train_gestures import Crops, fit_latents, gesture_flow_config, targets  # noqa: E402
from scripts.voices.corpus import save  # noqa: E402

FRAMES = 500


@pytest.fixture(scope="module")
def skeleton() -> Skeleton:
    with np.load(Path(__file__).parents[1] / "body" / "skeleton.npz") as tensors:
        return Skeleton.from_tensors(tensors)


@pytest.fixture(scope="module")
def passage() -> Passage:
    rng = np.random.default_rng(0)
    words = ("$ 0.5", "n 0.1", "O2 0.3", "  0.0", "m 0.1", "A2 0.3", "b 0.1", "i0 0.2", "$ 9.0")
    phones, time = [], 0.0
    for word in words:
        name, length = word.rsplit(" ", 1)
        stress = int(name[-1]) if name[-1].isdigit() else 0
        phones.append(Phone(name.rstrip("012"), stress, time, time + float(length)))
        time += float(length)
    mel = rng.uniform(-8, 0, (FRAMES, 80)).astype(np.float32)
    still = np.zeros((FRAMES, 5), np.float32)
    return Passage("No maybe.", 0, tuple(phones), mel, still[:, 0], still, still, still)


@pytest.fixture(scope="module")
def examples(skeleton: Skeleton, passage: Passage) -> list[Example]:
    return [perform_passage(skeleton, passage, Gestures(1.0), seed) for seed in range(3)]


def test_words_are_where_their_phones_are(passage: Passage) -> None:
    assert [(word.label, round(word.start, 2)) for word in words_of(passage)] == [
        ("No", 0.5),
        ("maybe.", 0.9),
    ]
    assert words_of(replace(passage, text="One word more.")) == ()
    assert [accent.words[0] for accent in listen(passage).accents] == ["no", "maybe"]


def test_an_example_is_stored_and_read_back(examples: list[Example], tmp_path: Path) -> None:
    arrays = {name: [one.conditions[name] for one in examples] for name in examples[0].conditions}
    for name in ("labels", "code", "accents"):
        arrays[name] = [getattr(one, name) for one in examples]
    save(tmp_path / "gestures_000.npz", arrays)
    again = list(read_examples(tmp_path))
    assert len(again) == len(examples)
    assert np.array_equal(again[1].code, examples[1].code)
    assert len(again[2].labels) == len(again[2].code) == len(again[2].conditions["heard"])


def test_latents_have_unit_variance_and_keep_the_motion(examples: list[Example]) -> None:
    model = GestureFlow(replace(gesture_flow_config("gestures"), latent=40))
    fit_latents(model, examples)
    crops = Crops(examples, 160, seed=0)(2)
    code = torch.from_numpy(np.stack([crop.code for crop in crops])).float()
    error = (model.decode(targets(model, crops)) - code)[..., :12].square().mean().sqrt()
    whole = torch.cat([targets(model, [one_whole(one)])[0] for one in examples])
    assert whole.std(0).numpy() == pytest.approx(np.ones(40), abs=0.25)
    assert error < 0.2 * code[..., :12].std(1).max()
    assert model.conditions(told(crops)).shape == (2, 160, model.config.num_conditions)


def one_whole(example: Example) -> Example:
    """An example of a whole number of tokens."""
    return Crops([example], len(example.code) // 4 * 4, seed=0)(1)[0]


def test_what_is_learnt_performs(examples: list[Example], skeleton: Skeleton, passage: Passage) -> None:
    model = GestureFlow(gesture_flow_config("gestures")).eval()
    fit_latents(model, examples)
    logits = np.zeros((FRAMES, len(LABELS)), np.float32)
    body, hands = perform_learnt(
        model.sample, skeleton, listen(passage), logits, Gestures(), passage.emotion, seed=1
    )
    assert body.shape == (FRAMES, 30) and hands.shape == (FRAMES, 32)
    assert np.abs(np.diff(body, axis=0)).max() * CODE_RATE < 60


def test_hands_count_where_they_are_found_again() -> None:
    hand = np.full((21, 2), 0.5)
    assert kept({"a": [hand + 0.01], "b": [hand + 0.2]}, {"a": [hand], "b": [hand], "c": []}) == (1, 2)


@pytest.fixture(scope="module")
def guide(examples: list[Example]) -> Guide:
    torch.manual_seed(0)
    guide = Guide().eval()
    guide.poses.fit(np.concatenate([example.code for example in examples]).astype(np.float32))
    return guide


def test_keys_hold_the_poses_they_code(guide: Guide, examples: list[Example]) -> None:
    poses = torch.from_numpy(examples[0].code.astype(np.float32))
    codes = guide.poses.encode(poses)
    assert codes.shape == (len(poses), 4) and codes.max() < 256
    coarse = guide.poses.decode(torch.cat([codes[:, :1], torch.zeros_like(codes[:, 1:])], 1))
    left = (guide.poses.decode(codes) - guide.poses.counted(poses)).square().mean()
    assert left < 0.1 and left < 0.5 * (coarse - guide.poses.counted(poses)).square().mean()
    keys = guide.poses.counted(poses)[None, ::KEY_FRAMES]
    line = between(keys, len(poses))
    assert torch.equal(line[:, ::KEY_FRAMES], keys)
    assert torch.allclose(line[:, 4], (keys[:, 0] + keys[:, 1]) / 2, atol=1e-5)


def test_a_guide_draws_keys_for_clips_longer_than_its_window(guide: Guide, examples: list[Example]) -> None:
    conditions = {name: values[0].numpy() for name, values in told(examples[:1]).items()}
    conditions = {name: np.tile(values, (3, 1))[:500] for name, values in conditions.items()}
    keys = guide.draw(conditions, seed=1)
    assert keys.shape == (500, 62) and np.isfinite(keys).all()
    assert np.array_equal(keys, guide.draw(conditions, seed=1))
    assert not np.array_equal(keys, guide.draw(conditions, seed=2))


def test_what_comes_later_does_not_change_the_guess(guide: Guide) -> None:
    heard, codes = torch.randn(1, 36, 192), torch.randint(256, (1, 40))
    changed = codes.clone()
    changed[0, 20] += 1 - 2 * (changed[0, 20] > 128)
    with torch.no_grad():
        one, other = guide(codes, heard), guide(changed, heard)
    assert torch.allclose(one[:, :21], other[:, :21], atol=1e-5)
    assert not torch.allclose(one[:, 21], other[:, 21], atol=1e-5)
