"""What the compiler does not vectorise by itself: four samples of a pixel, and eight layers of a texture.

Numba's loops become vectors where they are long. These are short and run half a million times a frame, so
they are written as vectors of LLVM, which any processor has instructions for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LAYERS: Final = 8
"""Layers of a texture that `sum_layers` adds up."""
_FAST: Final = ("contract", "reassoc", "nsz", "arcp", "afn")
_INDEX, _FLOAT = ir.IntType(32), ir.FloatType()
_FLOATS_4, _INTS_4 = ir.VectorType(_FLOAT, 4), ir.VectorType(ir.IntType(32), 4)
_FLOATS_8, _SHORTS_8 = ir.VectorType(_FLOAT, LAYERS), ir.VectorType(ir.IntType(16), LAYERS)


class _Code:
    """Writes instructions on vectors.

    Args:
        context: numba's target.
        builder: where the instructions go.
        signature: types of the intrinsic's arguments.
        arguments: their values.
    """

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> None:
        self.context, self.builder = context, builder
        self.types, self.values = signature.args, arguments

    def place(self, argument: int, where: Sequence[Any], kind: Any) -> Any:
        """Address of a vector in an array argument, at an index."""
        kind_of_array = self.context.make_array(self.types[argument])
        array = kind_of_array(self.context, self.builder, self.values[argument])
        address = cgutils.get_item_pointer(
            self.context, self.builder, self.types[argument], array, where, wraparound=False
        )
        return self.builder.bitcast(address, kind.as_pointer())

    def load(self, address: Any, kind: Any) -> Any:
        """Vector at an address."""
        return self.builder.load(address, align=kind.element.get_abi_size(self.context.target_data), typ=kind)

    def store(self, vector: Any, address: Any) -> None:
        """Put a vector at an address."""
        size = vector.type.element.get_abi_size(self.context.target_data)
        self.builder.store(vector, address, align=size)

    def join(self, parts: Sequence[Any], kind: Any) -> Any:
        """Vector of scalars."""
        vector = ir.Constant(kind, ir.Undefined)
        for lane, part in enumerate(parts):
            vector = self.builder.insert_element(vector, part, ir.Constant(_INDEX, lane))
        return vector

    def spread(self, scalar: Any, kind: Any) -> Any:
        """Vector of one scalar."""
        return self.join([scalar] * kind.count, kind)

    def lanes(self, argument: int, kind: Any) -> Any:
        """Vector of a tuple argument."""
        parts = [self.builder.extract_value(self.values[argument], lane) for lane in range(kind.count)]
        return self.join(parts, kind)

    def add(self, a: Any, b: Any) -> Any:
        """Sum."""
        return self.builder.fadd(a, b, flags=_FAST)

    def mul(self, a: Any, b: Any) -> Any:
        """Product."""
        return self.builder.fmul(a, b, flags=_FAST)

    def dot(self, weights: Sequence[Any], vectors: Sequence[Any]) -> Any:
        """Sum of weight x vector, lane by lane."""
        terms = [self.mul(weight, vector) for weight, vector in zip(weights, vectors, strict=True)]
        total = terms[0]
        for term in terms[1:]:
            total = self.add(total, term)
        return total

    def total(self, vector: Any) -> Any:
        """Sum of a vector's lanes."""
        while vector.type.count > 1:
            half = vector.type.count // 2
            parts = [
                self.builder.shuffle_vector(
                    vector,
                    ir.Constant(vector.type, ir.Undefined),
                    ir.Constant(ir.VectorType(_INDEX, half), list(range(first, first + half))),
                )
                for first in (0, half)
            ]
            vector = self.add(*parts)
        return self.builder.extract_element(vector, ir.Constant(_INDEX, 0))


def _cover(
    typing: Any,
    depth: Any,
    index: Any,
    row: Any,
    column: Any,
    triangle: Any,
    u: Any,
    v: Any,
    z: Any,
    du: Any,
    dv: Any,
    dz: Any,
) -> tuple[Any, Callable[..., Any]]:
    """Draw a triangle into the four samples of a pixel.

    Where u + du >= 0, v + dv >= 0, their sum is at most 1 and z + dz > depth, set depth and index.

    Args:
        typing: numba's own.
        depth: [h, w, 4] float32 inverse depths.
        index: [h, w, 4] int32 triangles.
        row: of the pixel.
        column: of the pixel.
        triangle: its index.
        u: barycentric of the first corner at the pixel's origin.
        v: of the second corner.
        z: inverse depth there.
        du: four differences of u from the origin to the samples.
        dv: of v.
        dz: of z.
    """
    number = types.float32
    four = types.UniTuple(number, 4)
    signature = types.void(
        *(depth, index, types.intp, types.intp, types.int32, number, number, number, four, four, four)
    )

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = _Code(context, builder, signature, arguments)
        where = [*arguments[2:4], ir.Constant(arguments[2].type, 0)]
        depths, indices = code.place(0, where, _FLOATS_4), code.place(1, where, _INTS_4)
        u, v, z = (
            code.add(code.spread(arguments[k], _FLOATS_4), code.lanes(k + 3, _FLOATS_4)) for k in (5, 6, 7)
        )
        nearest = code.load(depths, _FLOATS_4)
        zero, one = (ir.Constant(_FLOATS_4, [level] * 4) for level in (0.0, 1.0))
        inside = builder.fcmp_ordered(">", z, nearest)
        for test in (("<=", zero, u), ("<=", zero, v), ("<=", code.add(u, v), one)):
            inside = builder.and_(inside, builder.fcmp_ordered(*test))
        code.store(builder.select(inside, z, nearest), depths)
        triangle = code.spread(arguments[4], _INTS_4)
        code.store(builder.select(inside, triangle, code.load(indices, _INTS_4)), indices)
        return context.get_dummy_value()

    return signature, generate


def _sum_layers(
    typing: Any,
    texels: Any,
    gains: Any,
    place: Any,
    corners: Any,
    weights: Any,
    shares: Any,
) -> tuple[Any, Callable[..., Any]]:
    """Bilinear sum over layers of gain x texture, the gains interpolated between three vertices.

    Args:
        typing: numba's own.
        texels: [h, w, 3, LAYERS] int16.
        gains: [V, at least LAYERS] float32, those of every vertex.
        place: row and column of the first of the 2 x 2 texels.
        corners: three vertices.
        weights: of the 2 x 2 texels, row by row.
        shares: of the vertices.

    Returns:
        Red, green and blue.
    """
    number, whole = types.float32, types.intp
    signature = types.UniTuple(number, 3)(
        texels,
        gains,
        types.UniTuple(whole, 2),
        types.UniTuple(whole, 3),
        types.UniTuple(number, 4),
        types.UniTuple(number, 3),
    )

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = _Code(context, builder, signature, arguments)

        def item(argument: int, k: int) -> Any:
            return builder.extract_value(arguments[argument], k)

        def whole(value: int) -> Any:
            return ir.Constant(item(2, 0).type, value)

        shares = [code.spread(item(5, k), _FLOATS_8) for k in range(3)]
        corners = [code.place(1, [item(3, k), whole(0)], _FLOATS_8) for k in range(3)]
        gain = code.dot(shares, [code.load(corner, _FLOATS_8) for corner in corners])
        rows, columns = ([item(2, axis), builder.add(item(2, axis), whole(1))] for axis in (0, 1))
        weights = [code.spread(item(4, k), _FLOATS_8) for k in range(4)]
        colour = []
        for channel in range(3):
            values = [
                code.load(code.place(0, [row, column, whole(channel), whole(0)], _SHORTS_8), _SHORTS_8)
                for row in rows
                for column in columns
            ]
            layers = code.dot(weights, [builder.sitofp(value, _FLOATS_8) for value in values])
            colour.append(code.total(code.mul(layers, gain)))
        return context.make_tuple(builder, signature.return_type, colour)

    return signature, generate


cover: Callable[..., None] = intrinsic(_cover)
sum_layers: Callable[..., tuple[float, float, float]] = intrinsic(_sum_layers)
