from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.body import Body, check_layout
from avgen.avatars.mesh.body_lighting import BodyLighting, key_share
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.mesh.cuda import TorchRenderer
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.background import Background
from avgen.body.channels import BODY_CHANNELS, HAND_CHANNELS
from avgen.errors import ActorError
from avgen.tracks import Codes, Track

pytestmark = pytest.mark.assets
FILE = Path(__file__).parents[3] / "presets/actors/mira/body.safetensors"
BLUE = Background("#204060")


@pytest.fixture(scope="module")
def figure(mira: TexturedMesh) -> TexturedMesh:
    return mira.embodied(Body.load({}, FILE))


def tracks(figure: TexturedMesh, head: tuple[float, ...] = (1, 0, 0, 0, 0, 0, 0)) -> dict[str, np.ndarray]:
    assert figure.body is not None
    body, hands = figure.body.resting
    face = np.zeros((1, figure.codec.size), np.float32)
    return {"face": face, "head": np.array([head], np.float32), "body": body[None], "hands": hands[None]}


def test_a_file_of_fewer_light_features_is_read(figure: TexturedMesh) -> None:
    tensors, _ = read_tensors(FILE)
    older = tensors | {"body.gains": tensors["body.gains"][:, :16]}
    check_layout(older)
    assert Body.from_tensors(older).gains.shape == Body.from_tensors(tensors).gains.shape
    with pytest.raises(ActorError, match="light features"):
        check_layout(tensors | {"body.gains": np.zeros((5, 40, 3), np.float32)})


def test_codes_of_zero_leave_the_body_as_it_is_in_the_file(figure: TexturedMesh) -> None:
    body = figure.body
    assert body is not None
    posed = body.pose(np.zeros((1, 30), np.float32), np.zeros((1, 32), np.float32))
    assert np.abs(posed.vertices[0] - body.points).max() < 2e-3  # but for knees that are never quite straight


def test_the_head_turns_in_the_room_whatever_the_chest_does(figure: TexturedMesh) -> None:
    turned = tracks(figure, (0.99, 0.05, 0.1, 0, 0, 0, 0))
    still = figure.pose_tracks(turned)
    turned["body"] = turned["body"].copy()
    turned["body"][0, BODY_CHANNELS.index("chest_yaw")] = 0.2
    moved = figure.pose_tracks(turned)
    assert moved.turn.matrices == pytest.approx(still.turn.matrices, abs=1e-5)
    assert np.abs(moved.turn.shifts - still.turn.shifts).max() > 1e-4


def test_without_any_movement_the_head_is_where_the_portrait_has_it(figure: TexturedMesh) -> None:
    alone = figure.pose(tracks(figure)["face"], tracks(figure)["head"])
    whole = figure.pose_tracks(tracks(figure))
    assert whole.vertices == pytest.approx(alone.vertices, abs=1e-5)
    assert whole.eyes == pytest.approx(alone.eyes, abs=1e-5)


def test_torch_and_cpu_draw_the_same_figure(figure: TexturedMesh) -> None:
    view = find_actor("mira").view("medium")
    look = figure, view.camera(24, 24), (24, 24), BLUE
    ours, reference = (
        renderer.render(tracks(figure))[0].astype(int)
        for renderer in (NumbaRenderer(*look), TorchRenderer(*look, "cpu"))
    )
    difference = np.abs(ours - reference).max(-1)
    assert np.mean(difference > 8) < 0.02


def test_a_bust_is_drawn_as_ever_while_the_figure_is_not(mira: TexturedMesh, figure: TexturedMesh) -> None:
    look = find_actor("mira").view().camera(64, 64), (64, 64), BLUE
    values = tracks(figure)
    bust = NumbaRenderer(mira, *look).render(values)
    assert (bust == NumbaRenderer(replace(figure, body=None), *look).render(values)).all()
    assert (bust != NumbaRenderer(figure, *look).render(values)).any()


def test_a_hand_before_the_trunk_takes_light_from_it(figure: TexturedMesh) -> None:
    body = figure.body
    assert body is not None
    lighting = BodyLighting(figure, body, find_actor("mira").view("medium").camera(64, 64))
    values = tracks(figure)
    arms = values["body"].copy()
    arms[:, [12, 21]] = -0.9  # both upper arms forwards
    used = np.ones(len(body.points), bool)
    hanging, raised = (
        lighting.features(figure.pose_tracks({**values, "body": pose}), 0, used)
        for pose in (values["body"], arms)
    )
    trunk = (body.points[:, 1] > 0.1) & (body.points[:, 1] < 0.4) & (np.abs(body.points[:, 0]) < 0.12)
    front = trunk & (body.points[:, 2] > 0.05)
    assert raised[front, 7].mean() < hanging[front, 7].mean() - 0.01


def test_what_is_nearer_to_the_light_casts_a_shadow() -> None:
    shadow_map = np.zeros((400, 400), np.float32)
    assert key_share(shadow_map, 200.0, 200.0, np.float32(2.0)) == 1
    shadow_map[:] = 1 / np.float32(1.5)
    assert key_share(shadow_map, 200.0, 200.0, np.float32(2.0)) == 0
    assert key_share(shadow_map, 200.0, 200.0, np.float32(1.5)) == 1


def test_a_fist_shades_its_own_palm_and_the_other_hand_stays_as_it_was(figure: TexturedMesh) -> None:
    body = figure.body
    assert body is not None
    hands = np.zeros((2, 32), np.float32)
    hands[1, [k for k, name in enumerate(HAND_CHANNELS) if name.endswith(("base.L", "middle.L"))]] = 1.1
    posed = body.pose(np.zeros((2, 30), np.float32), hands)
    spread, closed = body.openness(posed, 0), body.openness(posed, 1)
    left = body.hand_vertices[body.hand_sides == 0]
    assert closed[left].mean() < spread[left].mean() - 0.03
    others = np.setdiff1d(np.arange(len(body.points)), left)
    assert (closed[others] == spread[others]).all()
    cloth = np.setdiff1d(others, body.hand_vertices)
    assert len(cloth) and (closed[cloth] == 1).all()


def test_codes_without_a_body_get_one_that_stands(mira: TexturedMesh, figure: TexturedMesh) -> None:
    face, head = np.zeros((5, mira.codec.size), np.float32), np.zeros((5, 7), np.float32)
    codes = Codes({"face": Track(face), "head": Track(head, "pose")})
    assert set(mira.settle(codes).tracks) == {"face", "head"}
    assert figure.settle(codes)["body"].shape == (5, 30) and figure.optional_tracks == ("body", "hands")
    own = Track(np.ones((5, 30), np.float32))
    assert (figure.settle(Codes({**codes.tracks, "body": own}))["body"] == 1).all()


def test_a_body_of_another_avatar_is_refused(mira: TexturedMesh, figure: TexturedMesh) -> None:
    assert figure.body is not None
    with pytest.raises(ActorError, match=r"belongs to an avatar of 3 triangles, this one has \d+\. Make it"):
        mira.embodied(replace(figure.body, bust=np.ones(3, bool)))


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("body.faces", lambda v: v + len(v), r"body\.faces: expected whole numbers from 0 to"),
        ("hand.vertices", lambda v: v + 60_000, r"hand\.vertices: expected whole numbers from 0 to"),
        ("hand.openness", lambda v: v[:, 1:], r"hand\.openness: expected shape"),
        ("body.bones", lambda v: v[:, :3], r"body\.bones: expected shape"),
        ("body.weights", lambda v: 0 * v, r"body\.weights: expected shares"),
        ("skeleton.heads", lambda v: v[1:], r"skeleton\.heads: expected shape \[70, 3\]"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, name: str, change: object, said: str) -> None:
    tensors, _ = read_tensors(FILE)
    check_layout(tensors)
    tensors[name] = change(tensors[name])  # type: ignore[operator]
    write_tensors(tmp_path / "body.safetensors", tensors, {})
    with pytest.raises(ActorError, match=said) as error:
        Body.load({}, tmp_path / "body.safetensors")
    assert "\n" not in str(error.value)
