"""Reads a glTF file back and evaluates it, knowing nothing of how it was made."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest

DTYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass
class Glb:
    """Reads a file back, knowing nothing of how it was made."""

    data: bytes

    @cached_property
    def json(self) -> dict[str, Any]:
        (length,) = struct.unpack_from("<I", self.data, 12)
        return json.loads(self.data[20 : 20 + length])

    @cached_property
    def binary(self) -> bytes:
        (length,) = struct.unpack_from("<I", self.data, 12)
        return self.data[28 + length :]

    def array(self, accessor: int) -> np.ndarray:
        about = self.json["accessors"][accessor]
        dtype, width = DTYPES[about["componentType"]], WIDTHS[about["type"]]
        start = self.json["bufferViews"][about["bufferView"]]["byteOffset"]
        return np.frombuffer(self.binary, dtype, about["count"] * width, start).reshape(-1, width)

    def node(self, name: str) -> int:
        return [node["name"] for node in self.json["nodes"]].index(name)

    @cached_property
    def curves(self) -> dict[tuple[int, str], np.ndarray]:
        """Keys [T, K] by node and path."""
        (animation,) = self.json["animations"]
        times = self.times
        found = {}
        for channel in animation["channels"]:
            values = self.array(animation["samplers"][channel["sampler"]]["output"])
            target = channel["target"]
            found[target["node"], target["path"]] = values.reshape(len(times), -1)
        return found

    @property
    def times(self) -> np.ndarray:
        (animation,) = self.json["animations"]
        (accessor,) = {sampler["input"] for sampler in animation["samplers"]}
        return self.array(accessor)[:, 0]

    def sampled(self, node: int, path: str, key: float) -> np.ndarray:
        """What a node's curve has at a key, or between two: rotations along the arc, all else straight."""
        values, first = self.curves[node, path].astype(float), int(key)
        before, after = values[first], values[min(first + 1, len(values) - 1)]
        if path != "rotation":
            return before + (key - first) * (after - before)
        assert before @ after > 0
        angle = np.arccos(np.clip(before @ after, -1, 1))
        if angle < 1e-6:
            return before
        shares = np.sin([(1 - key + first) * angle, (key - first) * angle]) / np.sin(angle)
        return shares @ [before, after]

    def local_matrix(self, node: int, key: float) -> np.ndarray:
        """Matrix [4, 4] of a node in its parent."""
        matrix = np.eye(4)
        matrix[:3, 3] = self.json["nodes"][node]["translation"]
        if (node, "translation") in self.curves:
            matrix[:3, 3] = self.sampled(node, "translation", key)
        x, y, z, w = self.sampled(node, "rotation", key)
        matrix[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
        return matrix

    @cached_property
    def parents(self) -> dict[int, int]:
        """Parent of every node that has one."""
        nodes = self.json["nodes"]
        return {child: n for n, node in enumerate(nodes) for child in node.get("children", ())}

    def joint_matrices(self, key: float) -> np.ndarray:
        """Matrices [joints, 4, 4] that move points at rest."""
        (skin,) = self.json["skins"]
        world: dict[int, np.ndarray] = {}
        for joint in skin["joints"]:
            above = world[self.parents[joint]] if joint in self.parents else np.eye(4)
            world[joint] = above @ self.local_matrix(joint, key)
        inverse = self.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2)
        return np.stack(list(world.values())) @ inverse

    def posed(self, mesh: dict[str, Any], key: float) -> tuple[np.ndarray, np.ndarray]:
        """Vertices [v, 3] of a mesh at rest and at a key: shapes, then joints."""
        (primitive,) = mesh["primitives"]
        points = rest = self.array(primitive["attributes"]["POSITION"]).astype(float)
        if "targets" in primitive:
            weights = self.sampled(self.node("face_mesh"), "weights", key)
            deltas = np.stack([self.array(target["POSITION"]) for target in primitive["targets"]])
            points = rest + np.einsum("u,uvd->vd", weights, deltas)
        moves = self.joint_matrices(key)[self.array(primitive["attributes"]["JOINTS_0"])]
        shares = self.array(primitive["attributes"]["WEIGHTS_0"])
        assert shares.sum(1) == pytest.approx(1)
        move = np.einsum("vk,vkij->vij", shares, moves)
        return rest, np.einsum("vij,vj->vi", move[:, :3, :3], points) + move[:, :3, 3]
