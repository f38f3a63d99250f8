"""Procedural materials of people: skin, eyes, teeth, hair, clothes. Scales are per metre of rest position."""

from __future__ import annotations

import math
from typing import Any

import bpy

from avgen.casting.body_colours import darkness
from avgen.casting.person import Colour, Person
from scripts.mira.basemesh import data_root
from scripts.mira.look.nodes import Shader, Socket

AGEING = (36, 66)
"""Years at which faces begin to have lines, and at which they have all of them."""
WRINKLE_DEPTH, WRINKLE_SHADE = 3.2, 0.45
LIP_TONES = ((0.878, 0.784, 0.791), (1.122, 1.216, 1.209))
KNIT_TONES = ((0.750, 0.800, 0.842), (1.250, 1.200, 1.211))
WOVEN_TONES = (0.8, 1.2)
"""Darkest and lightest places, in shares of the colour."""
IRIS_TONES = (
    (0.30, (1.095, 0.943, 0.720)),
    (0.45, (1.429, 1.415, 1.200)),
    (0.62, (1.000, 1.094, 1.120)),
    (0.80, (0.571, 0.679, 0.880)),
    (0.93, (0.114, 0.151, 0.240)),
)
"""From the pupil to the rim: radius, and factor on the colour."""


def _new(name: str) -> tuple[Any, Shader]:
    material = bpy.data.materials.new(name)
    return material, Shader(material)


def _mask_image(shader: Shader, name: str) -> Socket:
    """A grey mask that comes with the mesh, on its own texture coordinates."""
    image = bpy.data.images.load(str(data_root() / "mpfb2/textures" / name), check_existing=True)
    image.colorspace_settings.name = "Non-Color"
    uv = shader.node("UVMap", uv_map="base").outputs[0]
    return shader.node("TexImage", {"Vector": uv}, image=image).outputs[0]


def _scatter(bsdf: Any, radius: tuple[float, float, float], scale: float) -> None:
    bsdf.inputs["Subsurface Weight"].default_value = 1
    bsdf.inputs["Subsurface Radius"].default_value = radius
    bsdf.inputs["Subsurface Scale"].default_value = scale


def _tone(colour: Colour, factor: Colour) -> tuple[float, ...]:
    return (*(a * b for a, b in zip(colour, factor, strict=True)), 1.0)


def _skin_colour(t: Shader, person: Person, position: Socket, lips: Socket, inside: Socket) -> Socket:
    """Landmark tints, blotches at three scales, freckles, lips and mouth."""
    albedo = t.attribute("albedo")
    coarse, middle, fine = t.noise(position, 45, 3), t.noise(position, 210, 3), t.noise(position, 900, 2)
    flush = t.mix(1, albedo, (1.03, 0.80, 0.75, 1), "MULTIPLY")
    colour = t.mix(t.mul(t.sub(coarse, 0.38, clamp=True), 1.1), albedo, flush)
    level = t.add(0.76, t.mul(middle, 0.26), t.mul(fine, 0.22))
    colour = t.mix(1, colour, t.grey(level), "MULTIPLY")
    cells = t.node("TexVoronoi", {"Vector": position, "Scale": 210.0})
    chance = t.node("SeparateColor", {0: cells.outputs["Color"]})
    spot = t.math("LESS_THAN", cells.outputs["Distance"], t.mul(chance.outputs[0], 0.20))
    spot = t.mul(spot, t.math("GREATER_THAN", chance.outputs[1], 0.72), 0.38)
    colour = t.mix(spot, colour, t.mix(1, colour, (0.66, 0.48, 0.38, 1), "MULTIPLY"))
    dark, light = (_tone(person.lips, factor) for factor in LIP_TONES)
    lip_colour = t.mix(t.noise(position, 500, 2), dark, light)
    colour = t.mix(lips, colour, lip_colour)
    return t.mix(inside, colour, (0.30, 0.055, 0.05, 1))


def _skin_relief(t: Shader, position: Socket, lip_mask: Socket) -> Socket:
    """Height: pores and two scales of unevenness, vertical lines on the lips."""
    cells = t.node("TexVoronoi", {"Vector": position, "Scale": 1300.0, "Randomness": 1.0})
    pore = t.math("SMOOTH_MIN", cells.outputs["Distance"], 0.45, 0.2)
    skin = t.add(t.mul(pore, 0.5), t.noise(position, 480, 4, 0.65), t.mul(t.noise(position, 130, 3), 2.2))
    axes = t.node("SeparateXYZ", {0: position}).outputs
    stretched = t.node("CombineXYZ", {0: axes[0], 1: t.mul(axes[1], 0.2), 2: t.mul(axes[2], 0.2)})
    lines = t.noise(stretched.outputs[0], 1100, 2)
    return t.add(t.mul(skin, t.sub(1, lip_mask, clamp=True)), t.mul(lines, lip_mask, 2.2))


def _groove(t: Shader, offset: Socket, width: float) -> Socket:
    """Bell around zero."""
    return t.math("EXPONENT", t.mul(t.math("POWER", t.mul(offset, 1 / width), 2), -1))


def _wrinkles(t: Shader, position: Socket) -> Socket:
    """Depth of the lines of an old face: forehead, between the brows, beside eyes and nose."""
    axes = t.node("SeparateXYZ", {0: position}).outputs
    x, y = t.mul(t.math("ABSOLUTE", axes[0]), 10), t.mul(axes[2], 10)
    front = t.step(t.mul(axes[1], -10), 0.6, 0.9)
    wander = t.mul(t.sub(t.noise(position, 28, 2), 0.5), 0.16)
    height = t.add(t.sub(y, t.mul(t.math("POWER", x, 2), 0.25)), wander)
    lines = t.math("POWER", t.add(0.5, t.mul(t.math("COSINE", t.mul(height, 2 * math.pi / 0.085)), 0.5)), 7)
    forehead = t.mul(
        lines, _groove(t, t.sub(y, 7.14), 0.12), _groove(t, x, 0.40), t.noise(position, 40, 2), 1.7
    )
    between = t.mul(_groove(t, t.sub(x, 0.055), 0.012), _groove(t, t.sub(y, 6.96), 0.07))
    across, up = t.sub(x, 0.37), t.add(t.sub(y, 6.745), t.mul(wander, 0.4))
    fan = t.math("COSINE", t.mul(t.math("ARCTAN2", up, across), 13))
    corner = t.mul(_groove(t, t.sub(across, 0.11), 0.06), _groove(t, up, 0.09))
    feet = t.mul(t.math("POWER", t.add(0.5, t.mul(fan, 0.5)), 4), corner)
    radius = t.math("SQRT", t.add(t.math("POWER", x, 2), t.math("POWER", t.sub(y, 6.17), 2)))
    reach = _groove(t, t.sub(y, 6.30), 0.15)
    fold = t.mul(_groove(t, t.add(t.sub(radius, 0.305), t.mul(wander, 0.3)), 0.016), reach)
    return t.mul(t.add(forehead, t.mul(between, 0.8), feet, fold), front)


def skin(person: Person) -> Any:
    """Skin, lips and the inside of the mouth; reads the attributes rest, albedo and mask."""
    material, t = _new("skin")
    age = min(max((person.age - AGEING[0]) / (AGEING[1] - AGEING[0]), 0), 1)
    dark = darkness(person)
    matt = 0.13 * dark + (0.05 if person.sex == "man" else 0) + 0.04 * age
    position = t.attribute("rest", "Vector")
    mask = t.node("SeparateColor", {0: t.attribute("mask")}).outputs
    oil, pore_weight, scalp = mask[:3]
    lip_mask, inside = _mask_image(t, "mpfb_lips.jpg"), _mask_image(t, "mpfb_inside-mouth.jpg")
    uneven = t.mul(lip_mask, t.add(0.72, t.mul(t.noise(position, 250, 2), 0.5)))
    lips = t.math("MULTIPLY", t.math("SMOOTH_MIN", uneven, 1, 0.2), 0.88, clamp=True)
    roughness = t.sub(t.add(0.33, t.mul(t.noise(position, 210, 3), 0.24)), t.mul(oil, 0.10))
    roughness = t.sub(t.sub(roughness, t.mul(lips, 0.14)), t.mul(inside, 0.2))
    roughness = t.add(roughness, matt)
    bare = t.sub(1, t.mul(scalp, 0.8))
    relief = t.mul(_skin_relief(t, position, lip_mask), pore_weight)
    colour = _skin_colour(t, person, position, lips, inside)
    if age:
        wrinkles = t.mul(_wrinkles(t, position), t.sub(1, lips), age)
        relief = t.sub(relief, t.mul(wrinkles, WRINKLE_DEPTH))
        colour = t.mix(
            t.mul(wrinkles, WRINKLE_SHADE), colour, t.mix(1, colour, (0.62, 0.46, 0.42, 1), "MULTIPLY")
        )
    bsdf = t.principled(
        {
            "Base Color": colour,
            "Roughness": roughness,
            "IOR": 1.4,
            "Normal": t.bump(relief, 0.8, 0.00028),
            "Coat Weight": t.mul(bare, 0.12 - 0.08 * dark),
            "Coat Roughness": 0.28,
            "Specular IOR Level": t.mul(bare, t.sub(0.5, t.mul(inside, 0.2))),
        }
    )
    bsdf.subsurface_method = "RANDOM_WALK_SKIN"
    _scatter(bsdf, (1.0, 0.30, 0.16), 0.0030)
    t.surface(bsdf)
    return material


def tongue() -> Any:
    """Wet tongue."""
    material, t = _new("tongue")
    bsdf = t.principled({"Base Color": (0.50, 0.19, 0.17, 1), "Roughness": 0.38})
    _scatter(bsdf, (1.0, 0.2, 0.1), 0.003)
    t.surface(bsdf)
    return material


def shirt(name: str, colour: Colour, sheen: float = 0.35) -> Any:
    """Knit."""
    material, t = _new(name)
    position = t.attribute("rest", "Vector")
    knit = t.node("TexWave", {"Vector": position, "Scale": 350.0, "Distortion": 1.5, "Detail": 1.0}).outputs[
        1
    ]
    dark, light = (_tone(colour, factor) for factor in KNIT_TONES)
    height = t.add(knit, t.mul(t.noise(position, 700, 2), 0.6))
    bsdf = t.principled(
        {
            "Base Color": t.mix(t.noise(position, 25, 3), dark, light),
            "Roughness": 0.85,
            "Normal": t.bump(height, 0.35, 0.0006),
            "Sheen Weight": sheen,
            "Sheen Roughness": 0.4,
        }
    )
    t.surface(bsdf)
    return material


def woven(name: str, colour: Colour) -> Any:
    """Plain cloth of trousers and jackets."""
    material, t = _new(name)
    position = t.attribute("rest", "Vector")
    dark, light = (_tone(colour, (factor,) * 3) for factor in WOVEN_TONES)
    bsdf = t.principled(
        {
            "Base Color": t.mix(t.noise(position, 900, 2), dark, light),
            "Roughness": 0.8,
            "Normal": t.bump(t.noise(position, 500, 2), 0.2, 0.0005),
            "Sheen Weight": 0.1,
        }
    )
    t.surface(bsdf)
    return material


def leather(name: str, colour: Colour) -> Any:
    """Matt leather of shoes."""
    material, t = _new(name)
    position = t.attribute("rest", "Vector")
    relief = t.bump(t.noise(position, 300, 3), 0.2, 0.0005)
    bsdf = t.principled({"Base Color": (*colour, 1.0), "Roughness": 0.45, "Normal": relief})
    t.surface(bsdf)
    return material


def teeth(person: Person) -> Any:
    """Enamel and gums; reads the attributes gum and hgt (0 biting edge, 1 gum line)."""
    material, t = _new("teeth")
    age = min(max((person.age - AGEING[0]) / (AGEING[1] - AGEING[0]), 0), 1)
    worn = 1 - 0.06 * age, 1 - 0.12 * age, 1 - 0.22 * age
    gum, height = t.attribute("gum", "Fac"), t.attribute("hgt", "Fac")
    edge, root = (_tone(tone, worn) for tone in ((0.80, 0.76, 0.68), (0.74, 0.64, 0.50)))
    enamel = t.mix(height, edge, root)
    bsdf = t.principled(
        {
            "Base Color": t.mix(gum, enamel, (0.48, 0.17, 0.15, 1)),
            "Roughness": t.add(0.22, t.mul(gum, 0.12)),
            "IOR": 1.5,
        }
    )
    _scatter(bsdf, (1.0, 0.7, 0.5), 0.0015)
    t.surface(bsdf)
    return material


def _sclera(t: Shader, angle: Socket, position: Socket) -> Any:
    vein = t.math("ABSOLUTE", t.mul(t.sub(t.noise(position, 3.2, 5, 0.65), 0.5), 9))
    vein = t.math("POWER", t.sub(1, vein, clamp=True), 3)
    away = t.step(angle, 0.25, 0.55)
    colour = t.mix(away, (0.62, 0.585, 0.56, 1), (0.58, 0.43, 0.40, 1))
    colour = t.mix(t.mul(vein, away, 0.45), colour, (0.55, 0.16, 0.12, 1))
    bsdf = t.principled(
        {
            "Base Color": colour,
            "Roughness": 0.28,
            "Normal": t.bump(t.noise(position, 9, 3), 0.25, 0.0003),
            "Coat Weight": 1.0,
            "Coat Roughness": 0.03,
        }
    )
    _scatter(bsdf, (1.0, 0.5, 0.35), 0.0018)
    return bsdf


def eye() -> Any:
    """Sclera that becomes a clear cornea at the limbus; reads ang (polar angle / pi) and loc.

    The cornea refracts camera rays but lets shadow rays through, so that the iris is lit.
    """
    material, t = _new("eye")
    angle, position = t.attribute("ang", "Fac"), t.attribute("loc", "Vector")
    refraction = t.node("BsdfRefraction", {"Roughness": 0.0, "IOR": 1.336}).outputs[0]
    mirror = t.node("BsdfGlossy", {"Roughness": 0.01}).outputs[0]
    transparent = t.node("BsdfTransparent").outputs[0]
    fresnel = t.math("MULTIPLY", t.node("Fresnel", {"IOR": 1.376}).outputs[0], 2.6, clamp=True)
    wet = t.node("MixShader", {0: fresnel, 1: refraction, 2: mirror}).outputs[0]
    is_shadow = t.node("LightPath").outputs["Is Shadow Ray"]
    cornea = t.node("MixShader", {0: is_shadow, 1: wet, 2: transparent}).outputs[0]
    limbus = t.step(angle, 0.150, 0.178)
    white = _sclera(t, angle, position).outputs[0]
    t.surface(t.node("MixShader", {0: limbus, 1: cornea, 2: white}))
    return material


def iris(colour: Colour) -> Any:
    """Iris with radial fibres; reads rad (0 centre, 1 limbus) and loc."""
    material, t = _new("iris")
    radius, position = t.attribute("rad", "Fac"), t.attribute("loc", "Vector")
    axes = t.node("SeparateXYZ", {0: position}).outputs
    angle = t.math("ARCTAN2", axes[1], axes[0])
    cosine, sine = t.math("COSINE", angle), t.math("SINE", angle)
    ray = t.node("CombineXYZ", {0: cosine, 1: sine, 2: t.mul(radius, 0.16)}).outputs[0]
    fibre = t.noise(ray, 14, 5, 0.7)
    broad = t.node("CombineXYZ", {0: cosine, 1: sine, 2: t.mul(radius, 0.6)}).outputs[0]
    shift = t.mul(t.sub(t.noise(broad, 5, 3), 0.5), 0.22)
    stops = [(place, _tone(colour, factor)) for place, factor in IRIS_TONES]
    base = t.ramp(t.add(radius, shift), stops, "LINEAR")
    contrast = t.ramp(fibre, [(0.30, (0.45,) * 3), (0.62, (1.5,) * 3)], "LINEAR")
    fibres = t.mix(1, base, contrast, "MULTIPLY")
    fibres = t.mix(t.step(radius, 0.315, 0.345), (0.002, 0.002, 0.002, 1), fibres)
    fibres = t.mix(t.step(radius, 0.93, 1.0), fibres, (0.10, 0.085, 0.075, 1))
    bsdf = t.principled(
        {
            "Base Color": fibres,
            "Roughness": 0.6,
            "Normal": t.bump(fibre, 0.5, 0.0004),
            "Specular IOR Level": 0.2,
        }
    )
    t.surface(bsdf)
    return material


def hair(name: str, melanin: float, redness: float, roughness: float = 0.28) -> Any:
    """Hair of a given pigment (Chiang et al. 2016 as in Cycles)."""
    material, t = _new(name)
    inputs: dict[str | int, Socket] = {
        "Melanin": melanin,
        "Melanin Redness": redness,
        "Roughness": roughness,
        "Radial Roughness": 0.42,
        "Random Color": 0.35,
        "Random Roughness": 0.25,
    }
    node = t.node("BsdfHairPrincipled", parametrization="MELANIN")
    for key, value in inputs.items():
        node.inputs[key].default_value = value
    t.surface(node)
    return material
