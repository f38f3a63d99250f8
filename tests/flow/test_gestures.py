"""The flow of gestures: any length, any chunk, one seed, cues that say what is heard and asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from avgen.actors.actor import find_actor  # noqa: E402
from avgen.body.gestures.curves import coarse_times  # noqa: E402
from avgen.body.gestures.hearing import Accent, Hearing, Phrase  # noqa: E402
from avgen.body.gestures.planning import Plan, Stroke  # noqa: E402
from avgen.body.gestures.poses import RESTS  # noqa: E402
from avgen.body.gestures.synthesis import plan_of  # noqa: E402
from avgen.body.skeleton import Skeleton  # noqa: E402
from avgen.emotion import EMOTIONS  # noqa: E402
from avgen.errors import StageError  # noqa: E402
from avgen.flow.config import Condition  # noqa: E402
from avgen.flow.dit import DiTConfig, Window  # noqa: E402
from avgen.flow.gesture_cues import HEARD, MANNER, SIZES, STROKES, coarse, cues  # noqa: E402
from avgen.flow.gestures import GestureFlow, GestureFlowConfig, LearntGestures  # noqa: E402
from avgen.flow.path import towards_noise  # noqa: E402
from avgen.gestures import Gestures  # noqa: E402
from avgen.tracks import Codes, Track  # noqa: E402
from avgen.types import CODE_RATE, Interval, Tokens  # noqa: E402

NETWORK = DiTConfig(num_blocks=2, width=16, hidden=24, num_heads=2, window=Window(3, 2), conv_kernel=3)
TOLD = {"tokens": Condition(5, flag=False), "rest": Condition(4)}
CONFIG = GestureFlowConfig(TOLD, {"body": 6, "hands": 4}, NETWORK, patch=3, latent=30)
FRAMES = 860


@pytest.fixture(scope="module")
def flow() -> GestureFlow:
    torch.manual_seed(0)
    made = GestureFlow(CONFIG)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    made.basis.normal_()
    return made.eval()


@pytest.fixture
def told() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"tokens": rng.random((100, 5), np.float32), "rest": rng.random((100, 4), np.float32)}


@pytest.fixture
def hearing() -> Hearing:
    accents = (Accent(2.0, 0.9, ("never",), 0), Accent(4.0, 0.3, ("the",), 0))
    marks = (Interval("shrug", 6.0, 6.0), Interval("hands rest", 8.0, 8.0))
    return Hearing(FRAMES, (Phrase(1.0, 5.0, False),), accents, np.zeros(FRAMES), marks)


def test_chunks_do_not_show_and_a_seed_is_one_performance(flow: GestureFlow, told: dict) -> None:
    whole = flow.sample(told, 3, num_steps=3)
    assert {name: value.shape for name, value in whole.items()} == {"body": (100, 6), "hands": (100, 4)}
    pieces = flow.sample(told, 3, num_steps=3, chunk=12)
    assert np.abs(whole["body"] - pieces["body"]).max() < 1e-4
    assert np.array_equal(whole["hands"], flow.sample(told, 3, num_steps=3)["hands"])
    assert not np.array_equal(whole["hands"], flow.sample(told, 4, num_steps=3)["hands"])


def test_untrained_it_brings_noise_to_the_spread_of_its_data() -> None:
    flow = GestureFlow(CONFIG)
    torch.nn.init.zeros_(flow.branch.head.weight)
    torch.nn.init.zeros_(flow.branch.head.bias)
    flow.basis.copy_(2 * torch.eye(30))
    drawn = flow.sample({"rest": np.zeros((3000, 4), np.float32)}, 0, num_steps=24)
    assert drawn["body"].std() == pytest.approx(2.0, rel=0.05)


def test_what_it_is_not_told_is_zero_and_what_it_knows_not_is_refused(flow: GestureFlow) -> None:
    joined = flow.conditions({"rest": torch.ones(1, 6, 4)})
    assert joined[0, 0].tolist() == [0] * 5 + [1] * 5
    with pytest.raises(StageError, match="no condition rest of 3 channels"):
        flow.conditions({"rest": torch.ones(1, 6, 3)})


def test_latents_are_the_codes_that_they_can_be(flow: GestureFlow) -> None:
    code = flow.decode(torch.randn(1, 5, 30))
    assert code.shape == (1, 15, 10)
    assert torch.allclose(flow.decode(flow.encode(code)), code, atol=1e-3)


def test_times_move_towards_noise() -> None:
    times = towards_noise(torch.linspace(0, 1, 5), 3.0)
    assert times[0] == 0 and times[-1] == 1 and times[2] == pytest.approx(0.25)
    assert torch.equal(towards_noise(times, 1.0), times)


def test_cues_say_what_is_heard_and_planned(hearing: Hearing) -> None:
    emotion = np.zeros((FRAMES, len(EMOTIONS)), np.float32)
    emotion[FRAMES // 2 :, EMOTIONS.index("energy")] = 1.0
    strokes = (
        Stroke("deny", 2.0, ("L",), 0.8, 1.0, 0.9),
        Stroke("count", 6.0, ("L", "R"), 1.2, 1.0, 0.5, "three"),
    )
    plan = Plan(strokes, ((0.0, "hang"), (5.0, "front")), ((4.0, 0.3),))
    found = cues(hearing, Gestures(0.5), emotion, plan)
    time = coarse_times(FRAMES)
    assert {name: value.shape for name, value in found.items()} == {
        name: (len(time), size) for name, size in SIZES.items()
    }
    at = {second: int(np.abs(time - second).argmin()) for second in (0.5, 2.0, 4.0, 6.0, 8.5)}
    heard = dict(zip(HEARD, found["heard"].T, strict=True))
    assert heard["strength"][at[2.0]] == pytest.approx(0.9, rel=0.1) and heard["content"][at[4.0]] < 0.01
    assert heard["speaking"][at[2.0]] == 1 and heard["speaking"][at[0.5]] == 0
    planned = dict(zip(STROKES, found["strokes"].T, strict=True))
    for second, told in (
        (2.0, {"deny": 1, "count": 0, "L": 1, "R": 0, "size": 0.8, "fingers": 0, "nudge": 0}),
        (4.0, {"deny": 0, "count": 0, "L": 0, "R": 0, "size": 0, "fingers": 0, "nudge": 0.3}),
        (6.0, {"deny": 0, "count": 1, "L": 1, "R": 1, "size": 1.2, "fingers": 0.6, "nudge": 0}),
    ):
        assert {name: planned[name][at[second]] for name in told} == pytest.approx(told, abs=0.06)
    amount = found["manner"][:, MANNER.index("amount")]
    assert amount[0] == pytest.approx(0.5) and amount[-1] > 0.6
    rests = [list(RESTS)[k] for k in found["rest"].argmax(1)]
    assert rests[0] == "hang" and rests[-1] == "front"


def test_three_code_frames_become_one() -> None:
    ramp = np.arange(10, dtype=np.float32)[:, None]
    assert coarse(ramp)[1:3, 0].tolist() == [3, 6]
    for frames in range(1, 9):
        assert len(coarse(ramp[:frames])) == len(coarse_times(frames))


def test_a_file_is_read_back(flow: GestureFlow, tmp_path: Path) -> None:
    from dataclasses import asdict

    from safetensors.torch import save_file

    file = tmp_path / "gestures.safetensors"
    save_file(flow.state_dict(), file)
    again = GestureFlow.load(asdict(CONFIG), file)
    given = {"rest": np.ones((9, 4), np.float32)}
    assert np.array_equal(again.sample(given, 1)["body"], flow.sample(given, 1)["body"])


def test_an_actor_gestures_with_it(tmp_path: Path) -> None:
    from dataclasses import asdict

    from safetensors.torch import save_file

    conditions = {"tokens": Condition(5, flag=False)} | {name: Condition(n) for name, n in SIZES.items()}
    config = GestureFlowConfig(conditions, {"body": 30, "hands": 32}, NETWORK, patch=3, latent=8)
    file = tmp_path / "gestures.safetensors"
    save_file(GestureFlow(config).state_dict(), file)
    with np.load(Path(__file__).parents[1] / "body" / "skeleton.npz") as stored:
        skeleton = Skeleton.from_tensors(stored)
    mel = np.random.default_rng(0).uniform(-8, 0, (200, 80)).astype(np.float32)
    tokens = Tokens(np.zeros((200, 5), np.float32), "phonemes", (), (Interval("æ2", 0.5, 0.8),))
    codes = Codes({"mel": Track(mel)})
    made = LearntGestures.load(asdict(config), file).perform(
        skeleton, codes, tokens, np.zeros((200, 5), np.float32), gestures=Gestures(), seed=1
    )
    assert [part.shape for part in made] == [(200, 30), (200, 32)]


def test_the_clock_is_a_third_of_the_codes() -> None:
    assert np.diff(coarse_times(90)) == pytest.approx(3 / CODE_RATE)


@pytest.mark.assets
def test_the_weights_that_ship_move_more_where_accents_are() -> None:
    """With everything else withheld: hands are faster near accents than in a clip that has none."""
    part = find_actor("mira").components["gesture_generator"]
    flow = GestureFlow.load(part.config, part.file)
    accents = tuple(Accent(second, 0.9, ("never",), 0) for second in np.arange(1.0, 9.0, 1.0))
    speeds = []
    for heard in (accents, ()):
        hearing = Hearing(FRAMES, (Phrase(0.5, 9.5, False),) if heard else (), heard, np.zeros(FRAMES), ())
        emotion = np.zeros((FRAMES, len(EMOTIONS)), np.float32)
        told = cues(hearing, Gestures(), emotion, plan_of(hearing, Gestures(), emotion, 0))
        body = np.stack([flow.sample(told, seed)["body"] for seed in range(3)])
        speeds.append(np.abs(np.diff(body, axis=1)).mean())
    assert np.isfinite(speeds).all() and speeds[0] > 1.5 * speeds[1] > 0
