"""The CUDA renderer: pytorch3d's rasteriser and a shader in torch. The readable twin of the CPU kernels.

Runs on the CPU as well, slowly; tests compare the two there.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch3d.renderer.mesh import rasterize_meshes
from pytorch3d.structures import Meshes
from torch import Tensor

from avgen.avatars.avatar import NUM_TERMS, Avatar, Posed
from avgen.avatars.cameras import Camera
from avgen.renderers.background import TRANSPARENT, make_background
from avgen.renderers.matte import colour_unseen
from avgen.renderers.raster import rotated_sample
from avgen.renderers.scene import SUPERSAMPLING, Scene
from avgen.renderers.shading import (
    CORNEA_GAIN,
    GLINT_LEVEL,
    GLINT_SOFTNESS,
    HAIR_BIAS,
    LIMBUS_FADE,
    SCLERA_GAIN,
    Glint,
    Hull,
    Surface,
)
from avgen.renderers.soften import OVERLAP
from avgen.types import FloatArray


def rasterise_triangles(
    points: Tensor, faces: Tensor, width: int, height: int, cull: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Nearest triangle of every sample, with pytorch3d.

    Args:
        points: [V, 3] sample x, sample y (from the top left), 1 / depth.
        faces: [F, 3] int64.
        width: of the sample grid.
        height: of it.
        cull: skip triangles seen from behind.

    Returns:
        Triangle [H, W] (-1 where empty), perspective-correct barycentrics [H, W, 3], depth [H, W].
    """
    half = min(width, height) / 2
    x, y = (width / 2 - points[:, 0]) / half, (height / 2 - points[:, 1]) / half
    meshes = Meshes([torch.stack([x, y, 1 / points[:, 2]], 1)], [faces])
    face, depth, weights, _ = rasterize_meshes(
        meshes,
        image_size=(height, width),
        blur_radius=0.0,
        faces_per_pixel=1,
        perspective_correct=True,
        cull_backfaces=cull,
    )
    return face[0, ..., 0], weights[0, ..., 0, :], depth[0, ..., 0]


def rasterise_rotated(
    points: Tensor, faces: Tensor, width: int, height: int
) -> tuple[Tensor, Tensor, Tensor]:
    """`rasterise_triangles`, backs culled, of a grid with two by two rotated samples a pixel.

    Args:
        points: [V, 3] sample x, sample y, 1 / depth.
        faces: [F, 3] int64.
        width: of the sample grid, even.
        height: of it, even.
    """
    index = torch.empty((height, width), dtype=torch.int64, device=points.device)
    weights = torch.empty((height, width, 3), device=points.device)
    depth = torch.empty((height, width), device=points.device)
    for y in range(2):
        for x in range(2):
            place = points.new_tensor([*rotated_sample(x, y), 0])
            shifted = (points - place) * points.new_tensor([0.5, 0.5, 1]) + points.new_tensor([0.5, 0.5, 0])
            found = rasterise_triangles(shifted, faces, width // 2, height // 2, True)
            index[y::2, x::2], weights[y::2, x::2], depth[y::2, x::2] = found
    return index, weights, depth


def sample_bilinear(texture: Tensor, place: Tensor) -> Tensor:
    """Bilinear samples [n, channels] of a texture [h, w, channels] at texel positions [n, 2]."""
    height, width = texture.shape[:2]
    u = (place[:, 0] - 0.5).clamp(0, width - 1.01)
    v = (place[:, 1] - 0.5).clamp(0, height - 1.01)
    i, j = u.long(), v.long()
    fu, fv = (u - i)[:, None], (v - j)[:, None]

    def texel(row: Tensor, column: Tensor) -> Tensor:
        return texture[row, column].float()

    top = texel(j, i) * (1 - fu) + texel(j, i + 1) * fu
    return top * (1 - fv) + (texel(j + 1, i) * (1 - fu) + texel(j + 1, i + 1) * fu) * fv


def mirror_key(
    rays: Tensor, sphere: Tensor, radius: Tensor, eye: Tensor, limbus: float, glint: dict[str, Tensor]
) -> Tensor:
    """Brightness [n] of the key light mirrored by a sphere along view rays [n, 3]; -1 where they miss it."""
    offset = glint["position"] - sphere
    along = rays @ offset
    root = along**2 - offset @ offset + radius**2
    points = glint["position"] + rays * (-along - root.clamp(min=0).sqrt())[:, None]
    outward = points - eye[0]
    inside = outward @ eye[2] / outward.norm(dim=1) - limbus
    missed = (root < 0) | (inside < 0)
    normal = (points - sphere) / radius
    mirrored = rays - 2 * (rays * normal).sum(1, keepdim=True) * normal
    centre, facing, x_axis, y_axis = glint["key"]
    towards = mirrored @ facing
    offset = centre - points
    reach = (offset @ facing) / towards.clamp(max=-1e-3)
    hit = mirrored * reach[:, None] - offset
    distance = torch.maximum((hit @ x_axis).abs(), (hit @ y_axis).abs())
    edge = ((glint["half"] + GLINT_SOFTNESS - distance) / (2 * GLINT_SOFTNESS)).clamp(0, 1)
    edge = torch.where(towards > -1e-3, torch.zeros_like(edge), edge) * (inside / LIMBUS_FADE).clamp(max=1)
    return torch.where(missed, torch.full_like(edge, -1), edge)


def overlap(picture: Tensor) -> Tensor:
    """The pixel filter of soften.py on pictures [..., H, W, channels]."""
    for axis in (-3, -2):
        inner = picture.narrow(axis, 1, picture.shape[axis] - 2)
        beside = picture.narrow(axis, 0, inner.shape[axis]) + picture.narrow(axis, 2, inner.shape[axis])
        ends = picture.narrow(axis, 0, 1), picture.narrow(axis, picture.shape[axis] - 1, 1)
        picture = torch.cat([ends[0], (1 - 2 * OVERLAP) * inner + OVERLAP * beside, ends[1]], axis)
    return picture


class TorchRenderer:
    """Draws an avatar with torch, on CUDA where there is one.

    Args:
        avatar: what to draw.
        camera: from where.
        width: of the pictures, pixels.
        height: of the pictures, pixels.
        background: as in `make_background`.
    """

    def __init__(self, avatar: Avatar, camera: Camera, width: int, height: int, background: str) -> None:
        self.scene = Scene(avatar, camera, width, height)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.background = self._upload(make_background(background, width, height))
        self.transparent = background == TRANSPARENT
        self.faces = self._upload(avatar.mesh.faces).long()
        self.uv = self._upload(avatar.mesh.uv)
        self.part = self._upload(avatar.mesh.part)
        self.texels = self._upload(avatar.texture.texels)
        self.scale = self._upload(avatar.texture.scale)
        self.hair_faces = self._upload(avatar.hair.faces).long()
        self.pictures = self._upload(avatar.hair.pictures)

    def _upload(self, values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)

    def render(self, face: FloatArray, head: FloatArray) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3 or 4] of face codes [T, C] and head poses [T, 7]."""
        return self.render_posed(self.scene.avatar.pose(face, head))

    @torch.no_grad()
    def render_posed(self, posed: Posed) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3] of posed frames; [T, H, W, 4] on a transparent background."""
        frames = [self._draw(posed, frame) for frame in range(len(posed.vertices))]
        pictures = torch.stack(frames).cpu().numpy()
        if self.transparent:
            for picture in pictures:
                colour_unseen(picture)
        return pictures

    def _draw(self, posed: Posed, frame: int) -> Tensor:
        """One picture [H, W, 3 or 4] uint8."""
        scene = self.scene
        colour, alpha, depth = self._shade(scene.surface(posed, frame), scene.glint(posed, frame))
        hair, hair_depth = self._shade_hair(scene.hull(posed, frame))
        hair = hair.repeat_interleave(SUPERSAMPLING, 0).repeat_interleave(SUPERSAMPLING, 1)
        near = hair_depth.repeat_interleave(SUPERSAMPLING, 0).repeat_interleave(SUPERSAMPLING, 1)
        front = (near > 0) & ((depth < 0) | (near - HAIR_BIAS < depth))
        over = hair * front[..., None]
        keep = 1 - over[..., 3:]
        colour = overlap(self._average(colour * alpha[..., None] * keep + over[..., :3]))
        covered = overlap(self._average(alpha[..., None] * keep + over[..., 3:]))
        noise = self._dither()[..., None]
        if self.transparent:
            straight = colour / covered.clamp(min=1e-6) + noise
            return torch.cat([straight, covered * 255 + 0.5], 2).clamp(0, 255).to(torch.uint8)
        picture = colour + (1 - covered) * self.background + noise
        return picture.clamp(0, 255).to(torch.uint8)

    def _average(self, samples: Tensor) -> Tensor:
        """Mean over the samples of each pixel: [sH, sW, c] -> [H, W, c]."""
        height, width, channels = samples.shape
        s = SUPERSAMPLING
        return samples.reshape(height // s, s, width // s, s, channels).mean((1, 3))

    def _dither(self) -> Tensor:
        y = torch.arange(self.scene.height, device=self.device, dtype=torch.float32)[:, None]
        x = torch.arange(self.scene.width, device=self.device, dtype=torch.float32)[None]
        return (52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1)) % 1

    def _shade(self, surface: Surface, glint: Glint) -> tuple[Tensor, Tensor, Tensor]:
        """Colour [sH, sW, 3], coverage [sH, sW] and depth [sH, sW] (-1 where empty) of the opaque mesh."""
        width, height = SUPERSAMPLING * self.scene.width, SUPERSAMPLING * self.scene.height
        points = self._upload(surface.points)
        index, weights, depth = rasterise_rotated(points, self.faces, width, height)
        on = index >= 0
        face, weight = index[on], weights[on]
        place = (weight[..., None] * self.uv[face]).sum(1)
        terms = (weight[..., None] * self._upload(surface.terms)[self.faces[face]]).sum(1)
        layers = sample_bilinear(self.texels, place).reshape(-1, 1 + NUM_TERMS, 3)
        gain = torch.cat([torch.ones_like(terms[:, :1]), terms[:, :NUM_TERMS]], 1) * self.scale
        shaded = ((gain[..., None] * layers).sum(1) + terms[:, NUM_TERMS:]).clamp(0, 255)
        light = self._highlights(glint, on, face)[:, None]
        shaded = shaded + light * (GLINT_LEVEL - shaded).clamp(min=0)
        colour = torch.zeros((height, width, 3), device=self.device)
        colour[on] = shaded
        return colour, on.float(), depth

    def _highlights(self, glint: Glint, on: Tensor, face: Tensor) -> Tensor:
        """Brightness [n] of the key light's reflection in covered samples; zero outside the eyes."""
        out = torch.zeros(len(face), device=self.device)
        rows, columns = torch.nonzero(on, as_tuple=True)
        light = {
            "position": self._upload(glint.position),
            "key": self._upload(glint.key),
            "half": torch.tensor(glint.key_half, device=self.device),
        }
        axes, eyes = self._upload(glint.axes), self._upload(glint.eyes)
        for eye, part in zip(eyes, glint.parts, strict=True):
            chosen = torch.nonzero(self.part[face] == int(part))[:, 0]
            right = torch.where(rows[chosen] % 2 == 0, 0.75, 0.25)
            down = torch.where(columns[chosen] % 2 == 0, 0.25, 0.75)
            x = (columns[chosen] + right) / SUPERSAMPLING - self.scene.width / 2
            y = self.scene.height / 2 - (rows[chosen] + down) / SUPERSAMPLING
            rays = torch.stack([x / glint.focal, y / glint.focal, torch.ones_like(x)], 1) @ axes
            rays = rays / rays.norm(dim=1, keepdim=True)
            cornea = mirror_key(rays, eye[1], eye[3, 1], eye, float(eye[3, 2]), light)
            ball = mirror_key(rays, eye[0], eye[3, 0], eye, -2.0, light)
            ball = SCLERA_GAIN * ball.clamp(min=0)
            out[chosen] = torch.where(cornea < 0, ball, CORNEA_GAIN * cornea)
        return out

    def _shade_hair(self, hull: Hull) -> tuple[Tensor, Tensor]:
        """Premultiplied hair [H, W, 4] (colour 0..255, coverage 0..1) and its depth [H, W] (-1 if none)."""
        width, height = self.scene.width, self.scene.height
        points = self._upload(hull.points)
        index, weights, depth = rasterise_triangles(points, self.hair_faces, width, height, False)
        on = index >= 0
        corners, weight = self.hair_faces[index[on]], weights[on][..., None]
        total = torch.full((len(weight), 1), 1e-6, device=self.device)
        mixed = torch.zeros((len(weight), 4), device=self.device)
        for place, picture in zip(self._upload(hull.places), hull.chosen, strict=True):
            there = (weight * place[corners]).sum(1)
            share = torch.where(there[:, 2:] < 1e-4, torch.zeros_like(there[:, 2:]), there[:, 2:])
            mixed += share * sample_bilinear(self.pictures[int(picture)], there[:, :2])
            total += share
        mixed = mixed / total
        mixed[:, 3] /= 255
        hair = torch.zeros((height, width, 4), device=self.device)
        hair[on] = mixed
        return hair, depth
