"""A thin layer over Blender's shader nodes: every method adds a node and returns its output socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bpy

Socket = Any
"""A node socket, or a constant to put into one."""
Inputs = Mapping[str, Socket] | Mapping[int, Socket]
"""What goes into a node, by the name or number of its input."""


class Shader:
    """Builds the node tree of a material or world.

    Args:
        owner: a Blender material or world; its tree is emptied.
    """

    def __init__(self, owner: Any) -> None:
        owner.use_nodes = True
        self.tree = owner.node_tree
        self.tree.nodes.clear()

    def _fill(self, socket: Any, value: Socket) -> None:
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def node(self, kind: str, inputs: Inputs | None = None, **settings: Any) -> Any:
        """Add `ShaderNode<kind>`; `inputs` by name or number, `settings` are node attributes."""
        node = self.tree.nodes.new("ShaderNode" + kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for key, value in (inputs or {}).items():
            self._fill(node.inputs[key], value)
        return node

    def math(self, operation: str, *operands: Socket, clamp: bool = False) -> Socket:
        """One Math node."""
        node = self.node("Math", dict(enumerate(operands)), operation=operation, use_clamp=clamp)
        return node.outputs[0]

    def add(self, *terms: Socket) -> Socket:
        """Sum of two or more values."""
        total = terms[0]
        for term in terms[1:]:
            total = self.math("ADD", total, term)
        return total

    def mul(self, *factors: Socket) -> Socket:
        """Product of two or more values."""
        total = factors[0]
        for factor in factors[1:]:
            total = self.math("MULTIPLY", total, factor)
        return total

    def sub(self, a: Socket, b: Socket, clamp: bool = False) -> Socket:
        """Difference a - b."""
        return self.math("SUBTRACT", a, b, clamp=clamp)

    def mix(self, factor: Socket, a: Socket, b: Socket, mode: str = "MIX") -> Socket:
        """Blend of two colours."""
        node = self.node("Mix", data_type="RGBA", blend_type=mode)
        for index, value in ((0, factor), (6, a), (7, b)):
            self._fill(node.inputs[index], value)
        return node.outputs[2]

    def grey(self, value: Socket) -> Socket:
        """A colour whose three channels are the value."""
        return self.node("CombineColor", {0: value, 1: value, 2: value}).outputs[0]

    def attribute(self, name: str, output: str = "Color") -> Socket:
        """A named mesh attribute."""
        return self.node("Attribute", attribute_name=name).outputs[output]

    def ramp(
        self, value: Socket, stops: Sequence[tuple[float, tuple[float, ...]]], mode: str = "EASE"
    ) -> Socket:
        """Colour ramp through (position, colour) stops."""
        node = self.node("ValToRGB", {0: value})
        elements = node.color_ramp.elements
        node.color_ramp.interpolation = mode
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, colour) in zip(elements, stops, strict=True):
            element.position = position
            element.color = (*colour[:3], 1)
        return node.outputs[0]

    def step(self, value: Socket, low: float, high: float, mode: str = "EASE") -> Socket:
        """Smooth step from black at `low` to white at `high`."""
        return self.ramp(value, [(low, (0, 0, 0)), (high, (1, 1, 1))], mode)

    def noise(self, position: Socket, scale: float, detail: float = 3, roughness: float = 0.5) -> Socket:
        """Fractal noise in about [0, 1]."""
        inputs = {"Vector": position, "Scale": scale, "Detail": detail, "Roughness": roughness}
        return self.node("TexNoise", inputs).outputs[0]

    def bump(self, height: Socket, strength: float, distance: float) -> Socket:
        """Normal disturbed by a height field."""
        inputs = {"Strength": strength, "Distance": distance, "Height": height}
        return self.node("Bump", inputs).outputs[0]

    def principled(self, inputs: Inputs) -> Any:
        """Principled BSDF node."""
        return self.node("BsdfPrincipled", inputs)

    def surface(self, shader: Any) -> None:
        """Connect the material's surface output."""
        output = self.tree.nodes.new("ShaderNodeOutputMaterial")
        self._fill(output.inputs["Surface"], shader.outputs[0])
