"""A take as a USD package: the same mesh, shapes, joints, keys and cameras as glTF, by UsdSkel.

Colours are final, so that the materials give off their picture as light and reflect none; what the pictures
lose is told in `avgen.exports.bake`. The sound is not part of it.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

import avgen
from avgen.avatars.camera import Camera
from avgen.exports import Material, synthetic
from avgen.exports.rig import Rig
from avgen.exports.scene import HAIR, Piece, Stage
from avgen.media.png import encode_png

ROOT: Final = "/Take"
SKELETON: Final = f"{ROOT}/Skeleton"
ANIMATION: Final = f"{SKELETON}/Animation"
MATERIALS: Final = f"{ROOT}/Materials"
CAMERAS: Final = f"{ROOT}/Cameras"
LAYER: Final = "take.usdc"
ALIGNMENT: Final = 64
"""Bytes at whose multiples the files of a package begin."""
_LOCAL_HEADER: Final = 30
"""Bytes of a file's header in a ZIP archive, without its name."""
_PADDING_ID: Final = b"\x86\x19"
_NEAREST: Final = 0.01
_FARTHEST: Final = 100.0
"""Metres that a camera shows, from the nearest to the farthest."""
_FILM: Final = 0.24
"""Height of the cameras' film: 24 mm, in tenths of a scene unit as USD counts."""


def write_usdz(material: Material, path: Path) -> None:
    """Write a take as .usdz.

    Raises:
        InputError: if the actor's avatar is no textured mesh.
    """
    stage = Stage(material, "usdz")
    with tempfile.TemporaryDirectory() as folder:
        layer = Path(folder) / LAYER
        _Layer(stage, layer).write()
        pictures = [(f"{name}.png", encode_png(pixels)) for name, pixels in stage.pictures.items()]
        _pack(path, [(LAYER, layer.read_bytes()), *pictures])


def _pack(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write a package: a ZIP archive that compresses nothing, its files aligned, without times."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            about = zipfile.ZipInfo(name)
            start = archive.start_dir + _LOCAL_HEADER + len(name) + 4
            about.extra = _PADDING_ID + (-start % ALIGNMENT).to_bytes(2, "little") + bytes(-start % ALIGNMENT)
            archive.writestr(about, data)


class _Layer:
    """Writes the scene."""

    def __init__(self, stage: Stage, path: Path) -> None:
        from pxr import Usd, UsdGeom

        self.stage = stage
        self.usd: Any = Usd.Stage.CreateNew(str(path))
        UsdGeom.SetStageMetersPerUnit(self.usd, 1.0)
        UsdGeom.SetStageUpAxis(self.usd, UsdGeom.Tokens.y)

    def write(self) -> None:
        """Write all of it."""
        from pxr import UsdGeom, UsdSkel

        material, usd = self.stage.material, self.usd
        usd.SetTimeCodesPerSecond(material.config.fps)
        usd.SetFramesPerSecond(material.config.fps)
        usd.SetStartTimeCode(0)
        usd.SetEndTimeCode(len(self.stage.motion.times) - 1)
        root = UsdSkel.Root.Define(usd, ROOT)
        usd.SetDefaultPrim(root.GetPrim())
        UsdGeom.Scope.Define(usd, MATERIALS)
        UsdGeom.Xform.Define(usd, CAMERAS)
        actor = material.actor
        usd.GetRootLayer().documentation = (
            f"{actor.title}: {actor.licence}. {synthetic(material.recorded)}, avgen {avgen.__version__}."
        )
        self._skeleton()
        self._animation()
        for name in self.stage.pictures:
            self._material(name)
        for piece in self.stage.pieces:
            self._piece(piece)
        for name, camera in self.stage.cameras.items():
            self._camera(name, camera)
        usd.GetRootLayer().Save()

    def _skeleton(self) -> None:
        from pxr import Gf, UsdSkel

        skeleton = UsdSkel.Skeleton.Define(self.usd, SKELETON)
        rig = self.stage.rig
        rest = rig.rest.astype(np.float64)
        skeleton.CreateJointsAttr(_joint_paths(rig))
        for create, places in (
            (skeleton.CreateBindTransformsAttr, rest),
            (skeleton.CreateRestTransformsAttr, rig.in_parents(rest)),
        ):
            create([Gf.Matrix4d(1).SetTranslate(Gf.Vec3d(*place)) for place in places.tolist()])
        binding = UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
        binding.CreateAnimationSourceRel().SetTargets([ANIMATION])

    def _animation(self) -> None:
        from pxr import Gf, UsdSkel, Vt

        animation = UsdSkel.Animation.Define(self.usd, ANIMATION)
        animation.CreateJointsAttr(_joint_paths(self.stage.rig))
        animation.CreateBlendShapesAttr(list(self.stage.units))
        animation.CreateScalesAttr([Gf.Vec3h(1, 1, 1)] * len(self.stage.rig.names))
        weights = animation.CreateBlendShapeWeightsAttr()
        rotations, translations = animation.CreateRotationsAttr(), animation.CreateTranslationsAttr()
        motion = self.stage.motion
        for key in range(len(motion.times)):
            weights.Set(Vt.FloatArray.FromNumpy(motion.weights[key]), key)
            translations.Set(Vt.Vec3fArray.FromNumpy(motion.translations[key]), key)
            rotations.Set([Gf.Quatf(*map(float, turn)) for turn in motion.rotations[key]], key)

    def _material(self, name: str) -> None:
        """Material that shows a picture as it is."""
        from pxr import Sdf, UsdShade

        path = f"{MATERIALS}/{name}"
        material = UsdShade.Material.Define(self.usd, path)
        places = self._shader(f"{path}/places", "UsdPrimvarReader_float2", {"varname": ("String", "st")})
        result = places.CreateOutput("result", Sdf.ValueTypeNames.Float2)
        about = {
            "file": ("Asset", f"{name}.png"),
            "sourceColorSpace": ("Token", "sRGB"),
            "wrapS": ("Token", "clamp"),
            "wrapT": ("Token", "clamp"),
        }
        picture = self._shader(f"{path}/picture", "UsdUVTexture", about)
        picture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(result)
        dull = {
            "diffuseColor": ("Color3f", (0, 0, 0)),
            "specularColor": ("Color3f", (0, 0, 0)),
            "useSpecularWorkflow": ("Int", 1),
            "roughness": ("Float", 1.0),
        }
        surface = self._shader(f"{path}/surface", "UsdPreviewSurface", dull)
        colour = surface.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f)
        colour.ConnectToSource(picture.CreateOutput("rgb", Sdf.ValueTypeNames.Float3))
        if name == HAIR:
            opacity = surface.CreateInput("opacity", Sdf.ValueTypeNames.Float)
            opacity.ConnectToSource(picture.CreateOutput("a", Sdf.ValueTypeNames.Float))
        output = surface.CreateOutput("surface", Sdf.ValueTypeNames.Token)
        material.CreateSurfaceOutput().ConnectToSource(output)

    def _shader(self, path: str, kind: str, inputs: dict[str, tuple[str, Any]]) -> Any:
        from pxr import Sdf, UsdShade

        shader = UsdShade.Shader.Define(self.usd, path)
        shader.CreateIdAttr(kind)
        for name, (type_name, value) in inputs.items():
            shader.CreateInput(name, getattr(Sdf.ValueTypeNames, type_name)).Set(value)
        return shader

    def _piece(self, piece: Piece) -> None:
        """Mesh with its material, its joints and its shapes."""
        from pxr import Sdf, UsdGeom, UsdShade, UsdSkel, Vt

        mesh = UsdGeom.Mesh.Define(self.usd, f"{ROOT}/{piece.name}")
        mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(piece.points))
        mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(piece.normals))
        mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
        mesh.CreateFaceVertexCountsAttr([3] * len(piece.faces))
        mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(piece.faces.reshape(-1)))
        mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
        mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(mesh.GetPointsAttr().Get()))
        places = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(
            "st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex
        )
        places.Set(Vt.Vec2fArray.FromNumpy(np.stack([piece.uv[:, 0], 1 - piece.uv[:, 1]], 1)))
        material = UsdShade.Material.Get(self.usd, f"{MATERIALS}/{piece.picture}")
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)
        binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
        binding.CreateSkeletonRel().SetTargets([SKELETON])
        joints = Vt.IntArray.FromNumpy(piece.joints.astype(np.int32).reshape(-1))
        influences, shares = piece.joints.shape[1], Vt.FloatArray.FromNumpy(piece.shares.reshape(-1))
        binding.CreateJointIndicesPrimvar(False, influences).Set(joints)
        binding.CreateJointWeightsPrimvar(False, influences).Set(shares)
        if len(piece.deltas):
            self._shapes(binding, piece)

    def _shapes(self, binding: Any, piece: Piece) -> None:
        """Blend shapes, each of the points that it moves."""
        from pxr import UsdSkel, Vt

        paths = []
        for name, deltas in zip(self.stage.units, piece.deltas, strict=True):
            moved = np.flatnonzero(np.abs(deltas).max(1)).astype(np.int32)
            shape = UsdSkel.BlendShape.Define(self.usd, f"{ROOT}/{piece.name}/{name}")
            shape.CreateOffsetsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(deltas[moved])))
            shape.CreatePointIndicesAttr(Vt.IntArray.FromNumpy(moved))
            paths.append(shape.GetPath())
        binding.CreateBlendShapesAttr(list(self.stage.units))
        binding.CreateBlendShapeTargetsRel().SetTargets(paths)

    def _camera(self, name: str, camera: Camera) -> None:
        from pxr import Gf, UsdGeom

        width, height = self.stage.size
        made = UsdGeom.Camera.Define(self.usd, f"{CAMERAS}/{name.replace('-', '_')}")
        made.CreateVerticalApertureAttr(_FILM)
        made.CreateHorizontalApertureAttr(_FILM * width / height)
        made.CreateFocalLengthAttr(_FILM * camera.pixels_per_tangent(width, height) / height)
        made.CreateClippingRangeAttr(Gf.Vec2f(_NEAREST, _FARTHEST))
        right, up, forward = camera.axes.astype(float)
        rows = [(*right, 0), (*up, 0), (*-forward, 0), (*camera.position, 1)]
        made.AddTransformOp().Set(Gf.Matrix4d(*(tuple(map(float, row)) for row in rows)))


def _joint_paths(rig: Rig) -> list[str]:
    """Paths of the joints, each below its parent's; a name in a path has no dots."""
    paths: list[str] = []
    for joint, parent in zip(rig.names, rig.parents, strict=True):
        name = joint.replace(".", "_")
        paths.append(f"{paths[parent]}/{name}" if parent >= 0 else name)
    return paths
