"""The Cycles scene of a person with one expression and head pose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from scripts.mira import crowns
from scripts.mira.basemesh import Corner
from scripts.mira.geometry import METRES, Head, RigidPart
from scripts.mira.look import clothes, face_hair, materials, studio
from scripts.mira.look.landmarks import bust_faces, domain, skin_colour, skin_mask
from scripts.mira.look.nodes import Shader
from scripts.mira.look.sitter import Sitter
from scripts.mira.look.strands import Strands
from scripts.mira.pose import HeadPose

Array = NDArray[np.float64]

HAIR_OBJECTS = ("hair", "baby", "bun", "hair-white")
COLLAR_GRID = (160, 14)
ATTRIBUTE_FIELDS = {"FLOAT": "value", "FLOAT_VECTOR": "vector", "FLOAT_COLOR": "color"}


def to_blender(points: Array) -> Array:
    """Decimetres on MakeHuman's axes to metres on Blender's."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1) * METRES


def _read(collection: Any, field: str) -> Array:
    values = np.zeros(len(collection) * 3)
    collection.foreach_get(field, values)
    return values.reshape(-1, 3)


def add_mesh(name: str, vertices: Array, faces: list[Any], material: Any) -> Any:
    """Add a smooth mesh object given in Blender's metres."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices.tolist(), [], [list(map(int, f)) for f in faces])
    mesh.update()
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def add_attribute(thing: Any, name: str, values: Array, kind: str = "FLOAT") -> None:
    layer = thing.data.attributes.new(name, kind, "POINT")
    layer.data.foreach_set(ATTRIBUTE_FIELDS[kind], np.asarray(values, np.float32).ravel())


def subdivide(thing: Any, levels: int) -> None:
    modifier = thing.modifiers.new("sub", "SUBSURF")
    modifier.levels = modifier.render_levels = levels
    modifier.boundary_smooth = "PRESERVE_CORNERS"


def _strands(name: str, strands: Strands, material: Any) -> Any:
    n, k, _ = strands.points.shape
    curves = bpy.data.hair_curves.new(name)
    curves.add_curves([k] * n)
    points = to_blender(strands.points.reshape(-1, 3)).astype(np.float32)
    curves.attributes["position"].data.foreach_set("vector", points.ravel())
    radius = curves.attributes.get("radius") or curves.attributes.new("radius", "FLOAT", "POINT")
    radius.data.foreach_set("value", strands.radii.astype(np.float32).ravel())
    thing = bpy.data.objects.new(name, curves)
    bpy.context.scene.collection.objects.link(thing)
    curves.materials.append(material)
    return thing


@dataclass(frozen=True, slots=True)
class Builder:
    """Adds a person's parts to the current scene.

    Attributes:
        sitter: who.
        weights: [53] face-unit weights.
        pose: of the head.
        shown: which faces of the body are skin.
    """

    sitter: Sitter
    weights: Array
    pose: HeadPose
    shown: Callable[[Head], list[tuple[Corner, ...]]] = bust_faces

    @property
    def head(self) -> Head:
        """The geometry."""
        return self.sitter.head

    def _indexed(self, faces: list[tuple[int, ...]]) -> tuple[NDArray[np.int64], list[list[int]]]:
        used = np.unique([v for face in faces for v in face])
        renumber = np.full(len(self.head.rest), -1)
        renumber[used] = np.arange(len(used))
        return used, [[int(renumber[v]) for v in face] for face in faces]

    def skin(self, vertices: Array) -> Any:
        """Bust with its rest attributes and the base mesh's texture coordinates."""
        corners = self.shown(self.head)
        used, faces = self._indexed([tuple(v for v, _ in face) for face in corners])
        thing = add_mesh("skin", to_blender(vertices[used]), faces, materials.skin(self.sitter.person))
        layer = thing.data.uv_layers.new(name="base")
        uv = np.array([self.head.mesh.texcoords[t] for face in corners for _, t in face], np.float32)
        layer.data.foreach_set("uv", uv.ravel())
        colour = skin_colour(self.sitter.person)
        add_attribute(thing, "rest", to_blender(domain()[used]), "FLOAT_VECTOR")
        add_attribute(thing, "albedo", np.c_[colour[used], np.ones(len(used))], "FLOAT_COLOR")
        add_attribute(thing, "mask", skin_mask()[used], "FLOAT_COLOR")
        subdivide(thing, 2)
        return thing

    def clothes(self, skin: Any) -> dict[str, Any]:
        """Clothes over the posed skin."""
        mesh = skin.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
        points, normals = _read(mesh.vertices, "co"), _read(mesh.vertices, "normal")
        x, y, z = (_read(mesh.attributes["rest"].data, "vector") / METRES).T
        polygons = [list(p.vertices) for p in mesh.polygons]
        cloth = clothes.Cloth(points, normals, np.stack([x, z, -y], 1), polygons)
        things = {}
        for piece in clothes.dressed(self.sitter.person.wear, cloth, COLLAR_GRID):
            material = materials.shirt(piece.name, piece.colour)
            thing = add_mesh(piece.name, piece.vertices, piece.faces, material)
            add_attribute(thing, "rest", to_blender(piece.rest), "FLOAT_VECTOR")
            if piece.thickness:
                thing.modifiers.new("thick", "SOLIDIFY").thickness = piece.thickness
            things[piece.name] = thing
        return things

    def _place(self, part: RigidPart) -> Array:
        rotation, shift = self.head.rigid_motion(part, self.weights)
        return to_blender(self.pose.move(part.part.vertices @ rotation.T + shift))

    def eyes(self) -> dict[str, Any]:
        """Eyeballs and irises."""
        ball, disc = crowns.eyeball(), crowns.iris()
        outer, inner = materials.eye(), materials.iris(self.sitter.person.iris)
        things = {}
        for side in "lr":
            thing = add_mesh(f"eye_{side}", self._place(self.head.eye(side, ball)), ball.faces, outer)
            add_attribute(thing, "ang", ball.values["ang"] / np.pi)
            add_attribute(thing, "loc", ball.vertices, "FLOAT_VECTOR")
            things[thing.name] = thing
            thing = add_mesh(f"iris_{side}", self._place(self.head.eye(side, disc)), disc.faces, inner)
            add_attribute(thing, "rad", disc.values["rad"])
            add_attribute(thing, "loc", disc.vertices, "FLOAT_VECTOR")
            things[thing.name] = thing
        return things

    def mouth(self, vertices: Array) -> dict[str, Any]:
        """Tooth rows and tongue."""
        things = {}
        enamel = materials.teeth(self.sitter.person)
        for row in ("upper", "lower"):
            part = self.head.teeth(row)
            thing = add_mesh(f"{row}_teeth", self._place(part), part.part.faces, enamel)
            for name, values in part.part.values.items():
                add_attribute(thing, name, values)
            things[thing.name] = thing
        used, faces = self._indexed([tuple(v for v, _ in f) for f in self.head.mesh.faces["helper-tongue"]])
        tongue = add_mesh("tongue", to_blender(vertices[used]), faces, materials.tongue())
        subdivide(tongue, 2)
        return {**things, "tongue": tongue}

    def strands(self, face: Array) -> dict[str, Any]:
        """Hair of the unposed face [V, 3], and of the head, all posed with the head."""
        person, head = self.sitter.person, self.head
        hair = person.hair
        brow = 0.86 * (hair.melanin / 0.88) ** 0.5 * (1 - 0.45 * hair.grey)
        black = materials.hair("lash", 0.97, 0.1)
        brown = materials.hair("brow", brow, 0.72 * hair.redness, 0.35)
        tone, white = materials.hair("hair", hair.melanin, hair.redness), materials.hair("white", 0.06, 0.1)
        lashes = face_hair.grow_lashes(head, face, face_hair.LASH_LENGTH[person.sex])
        brows = face_hair.grow_brows(head, face, face_hair.BROWS[person.sex])
        grown = {"lashes": (lashes, black), "brows": (brows, brown)}
        if person.beard:
            beard = face_hair.grow_beard(head, face, person.beard)
            grown |= _greyed("beard", beard, hair.grey, tone, white)
        for name, strands in self.sitter.hair.items():
            grown |= _greyed(name, strands, hair.grey, tone, white)
        return {
            name: _strands(name, Strands(self.pose.move(strands.points), strands.radii), material)
            for name, (strands, material) in grown.items()
        }


def _greyed(
    name: str, strands: Strands, grey: float, tone: Any, white: Any
) -> dict[str, tuple[Strands, Any]]:
    """Strands of which a share is white."""
    if not grey:
        return {name: (strands, tone)}
    pale = np.random.default_rng(9).random(len(strands.points)) < grey
    return {name: (strands.some(~pale), tone), f"{name}-white": (strands.some(pale), white)}


def build(sitter: Sitter, weights: Array, pose: HeadPose) -> dict[str, Any]:
    """Empty the file and build the whole actor, lights and camera; returns the objects by name."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    builder = Builder(sitter, weights, pose)
    face = sitter.head.vertices(weights)
    posed = pose.skin(face, domain())
    skin = builder.skin(posed)
    things = {"skin": skin, **builder.clothes(skin)}
    things |= builder.eyes() | builder.mouth(posed) | builder.strands(face)
    add_lights()
    add_camera()
    return things


def tree(things: list[Any]) -> BVHTree:
    """Surface of some objects as drawn, for finding points on it."""
    vertices: list[Array] = []
    faces: list[list[int]] = []
    for thing in things:
        mesh = thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
        start = sum(map(len, vertices))
        faces += [[start + i for i in polygon.vertices] for polygon in mesh.polygons]
        vertices.append(_read(mesh.vertices, "co"))
    return BVHTree.FromPolygons(np.concatenate(vertices).tolist(), faces)


def _face_towards(thing: Any, target: Any) -> None:
    direction = Vector(target) - thing.location
    thing.rotation_euler = direction.to_track_quat("-Z", "Y").to_euler()


def add_lights() -> None:
    """Area lights; the world is a soft grey for light and a studio gradient for the camera."""
    scene = bpy.context.scene
    for light in studio.LIGHTS:
        data = bpy.data.lights.new(light.name, "AREA")
        data.shape = "RECTANGLE"
        data.size, data.size_y = light.size
        data.energy, data.color = light.power, light.colour
        thing = bpy.data.objects.new(light.name, data)
        thing.location = light.position
        _face_towards(thing, studio.LIGHT_AIM)
        thing.visible_glossy = light.glossy
        scene.collection.objects.link(thing)
    scene.world = bpy.data.worlds.new("studio")
    shader = Shader(scene.world)
    ambient = shader.node(
        "Background", {"Color": (*studio.AMBIENT_COLOUR, 1), "Strength": studio.AMBIENT_STRENGTH}
    )
    output = shader.tree.nodes.new("ShaderNodeOutputWorld")
    shader.tree.links.new(ambient.outputs[0], output.inputs["Surface"])


def place_camera(camera: Camera) -> None:
    """Take the picture with one of the run-time's cameras; square pictures."""
    thing = bpy.context.scene.camera
    position, target = (to_blender(np.array(place)) / METRES for place in (camera.position, camera.target))
    thing.location = position
    thing.data.lens = camera.focal * studio.SENSOR_WIDTH / 2
    _face_towards(thing, target)


def add_camera() -> None:
    scene = bpy.context.scene
    thing = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(thing)
    scene.camera = thing
    thing.data.sensor_width = studio.SENSOR_WIDTH


def settings(resolution: int, samples: int, seed: int, threads: int = 1) -> None:
    """Cycles on the CPU, denoised, with a transparent background."""
    scene = bpy.context.scene
    render, cycles, view = scene.render, scene.cycles, scene.view_settings
    render.engine = "CYCLES"
    render.resolution_x = render.resolution_y = resolution
    render.resolution_percentage = 100
    render.threads_mode, render.threads = "FIXED", threads
    render.film_transparent = True
    render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGBA"
    values = {
        "device": "CPU",
        "samples": samples,
        "seed": seed,
        "use_denoising": True,
        "denoiser": "OPENIMAGEDENOISE",
        "denoising_input_passes": "RGB_ALBEDO_NORMAL",
        "denoising_prefilter": "ACCURATE",
        "use_adaptive_sampling": True,
        "adaptive_threshold": 0.02,
        "max_bounces": 8,
        "diffuse_bounces": 2,
        "glossy_bounces": 2,
        "transmission_bounces": 6,
        "transparent_max_bounces": 6,
        "caustics_reflective": False,
        "caustics_refractive": False,
        "sample_clamp_indirect": 4,
    }
    for name, value in values.items():
        setattr(cycles, name, value)
    view.view_transform, view.look, view.exposure = "AgX", "AgX - Medium High Contrast", 0.0
