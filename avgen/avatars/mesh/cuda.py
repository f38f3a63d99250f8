"""The CUDA renderer: pytorch3d's rasteriser and a shader in torch. The readable twin of the CPU kernels.

Runs on the CPU as well, slowly; tests compare the two there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.highlights import (
    CORNEA_GAIN,
    HIGHLIGHT_LEVEL,
    HIGHLIGHT_SOFTNESS,
    LIMBUS_FADE,
    SCLERA_GAIN,
    Highlights,
)
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.avatars.mesh.scene import Scene
from avgen.avatars.mesh.shading import HAIR_BIAS, Hull, Surface
from avgen.avatars.raster.background import dithered, make_background
from avgen.avatars.raster.bleeding import colour_unseen
from avgen.avatars.raster.cuda import (
    average,
    filter_pixels,
    rasterise_rotated,
    rasterise_triangles,
    sample_bilinear,
)
from avgen.avatars.raster.triangles import SUPERSAMPLING
from avgen.background import Background
from avgen.types import FloatArray

BATCH_SAMPLES = 1 << 24
"""Samples drawn at once, which bounds the device's memory: four frames of 1024 x 1024."""


class KeyLight(NamedTuple):
    """The key light, and who sees it mirrored.

    Attributes:
        camera: [3] position.
        frame: [4, 3] centre, normal, x axis, y axis of the light.
        half: half of its side, metres.
    """

    camera: Tensor
    frame: Tensor
    half: float


def mirror_key(
    rays: Tensor,
    sphere: Tensor,
    radius: Tensor,
    eye: Tensor,
    limbus: Tensor | float,
    light: KeyLight,
) -> Tensor:
    """Brightness [n] of the key light mirrored by spheres along view rays [n, 3]; -1 where they miss them.

    Args:
        rays: [n, 3] unit directions.
        sphere: [n, 3] centres.
        radius: [n].
        eye: [n, 4, 3] as in `Posed`.
        limbus: least cosine from the eye's axis, [n] or one for all.
        light: the key light, and who sees it.
    """
    offset = light.camera - sphere
    along = (rays * offset).sum(1)
    root = along**2 - (offset * offset).sum(1) + radius**2
    points = light.camera + rays * (-along - root.clamp(min=0).sqrt())[:, None]
    outward = points - eye[:, 0]
    inside = (outward * eye[:, 2]).sum(1) / outward.norm(dim=1) - limbus
    missed = (root < 0) | (inside < 0)
    normal = (points - sphere) / radius[:, None]
    mirrored = rays - 2 * (rays * normal).sum(1, keepdim=True) * normal
    centre, facing, x_axis, y_axis = light.frame
    towards = mirrored @ facing
    offset = centre - points
    reach = (offset @ facing) / towards.clamp(max=-1e-3)
    hit = mirrored * reach[:, None] - offset
    distance = torch.maximum((hit @ x_axis).abs(), (hit @ y_axis).abs())
    edge = ((light.half + HIGHLIGHT_SOFTNESS - distance) / (2 * HIGHLIGHT_SOFTNESS)).clamp(0, 1)
    edge = torch.where(towards > -1e-3, torch.zeros_like(edge), edge) * (inside / LIMBUS_FADE).clamp(max=1)
    return torch.where(missed, torch.full_like(edge, -1), edge)


class TorchRenderer:
    """Draws a textured mesh with torch.

    Mesh, textures and pictures of the hair stay on the device. Light terms are worked out on the CPU, many
    frames at once; frames are drawn in batches and leave the device in one copy.

    Args:
        avatar: what to draw.
        camera: from where.
        size: width and height of the pictures in pixels.
        background: what lies behind it.
        device: torch's name of where it draws; on `cpu` slowly.
    """

    def __init__(
        self,
        avatar: TexturedMesh,
        camera: Camera,
        size: tuple[int, int],
        background: Background,
        device: str,
    ) -> None:
        self.scene = Scene(avatar, camera, *size)
        self.device = torch.device(device)
        self.background = self._upload(dithered(make_background(background, *size)))
        self.transparent = background.transparent
        faces, uv, part, textured, _ = self.scene.triangles
        self.faces, self.uv, self.part = self._upload(faces).long(), self._upload(uv), self._upload(part)
        self.textured = self._upload((faces[:, 0] < textured).astype(np.float32))
        self.texels = self._upload(avatar.texture.texels)[None]
        self.scale = self._upload(avatar.texture.scale)
        self.hair_faces = self._upload(avatar.hair.faces).long()
        views = np.arange(len(avatar.hair.pictures))
        self.pictures = self._upload(self.scene.hair_pictures.smoothed(views))
        self.threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), thread_name_prefix="light")
        self.batch = max(1, BATCH_SAMPLES // (size[0] * size[1] * SUPERSAMPLING**2))

    def _upload(self, values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)

    def render(self, tracks: Mapping[str, FloatArray]) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3 or 4] of the avatar's tracks."""
        return self.render_posed(self.scene.avatar.pose_tracks(tracks))

    @torch.no_grad()
    def render_posed(self, posed: Posed) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3] of posed frames; [T, H, W, 4] on a transparent background."""
        scene, frames = self.scene, range(len(posed.vertices))
        surfaces = list(self.threads.map(lambda frame: scene.surface(posed, frame), frames))
        hulls = list(self.threads.map(lambda frame: scene.hull(posed, frame), frames))
        highlights = [scene.highlights(posed, frame) for frame in frames]
        batches = [slice(start, start + self.batch) for start in range(0, len(surfaces), self.batch)]
        drawn = [self._draw(surfaces[part], hulls[part], highlights[part]) for part in batches]
        pictures = torch.cat(drawn).cpu().numpy()
        if self.transparent:
            for picture in pictures:
                colour_unseen(picture)
        return pictures

    def _draw(
        self, surfaces: Sequence[Surface], hulls: Sequence[Hull], highlights: Sequence[Highlights]
    ) -> Tensor:
        """Pictures [T, H, W, 3 or 4] uint8."""
        colour, alpha, depth, bodily = self._shade(surfaces, highlights)
        hair, hair_depth = self._shade_hair(hulls)
        hair = hair.repeat_interleave(SUPERSAMPLING, 1).repeat_interleave(SUPERSAMPLING, 2)
        near = hair_depth.repeat_interleave(SUPERSAMPLING, 1).repeat_interleave(SUPERSAMPLING, 2)
        front = (near > 0) & ((depth < 0) | (near - HAIR_BIAS < depth))
        over = hair * front[..., None]
        kept = alpha[..., None] * (1 - over[..., 3:])
        share, mean = average(kept), average(colour * kept)
        squares = (average(colour * colour * kept) * share).sqrt()
        mean = torch.where(average(bodily[..., None]) > 0, squares, mean)
        colour = filter_pixels(mean + average(over[..., :3]))
        covered = filter_pixels(share + average(over[..., 3:]))
        if self.transparent:
            straight = colour / covered.clamp(min=1e-6) + 0.5
            return torch.cat([straight, covered * 255 + 0.5], -1).clamp(0, 255).to(torch.uint8)
        picture = colour + (1 - covered) * self.background + 0.5
        return picture.clamp(0, 255).to(torch.uint8)

    def _shade(
        self, surfaces: Sequence[Surface], highlights: Sequence[Highlights]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Colour [T, sH, sW, 3], coverage, depth (-1 where empty), and what is a body's, [T, sH, sW] each."""
        width, height = SUPERSAMPLING * self.scene.width, SUPERSAMPLING * self.scene.height
        points = self._upload(np.stack([surface.points for surface in surfaces]))
        index, weights, depth = rasterise_rotated(points, self.faces, width, height)
        on = index >= 0
        frame, row, column = torch.nonzero(on, as_tuple=True)
        face, weight = index[frame, row, column], weights[frame, row, column]
        place = (weight[..., None] * self.uv[face]).sum(1)
        vertex_terms = self._upload(np.stack([surface.terms for surface in surfaces]))
        terms = (weight[..., None] * vertex_terms[frame[:, None], self.faces[face]]).sum(1)
        layers = sample_bilinear(self.texels, torch.zeros_like(face), place).reshape(-1, 1 + NUM_TERMS, 3)
        gain = torch.cat([torch.ones_like(terms[:, :1]), terms[:, :NUM_TERMS]], 1) * self.scale
        texture = self.textured[face, None] * (gain[..., None] * layers).sum(1)
        shaded = (texture + terms[:, NUM_TERMS:]).clamp(0, 255)
        light = self._mirrored(highlights, self.part[face], (frame, row, column))[:, None]
        shaded = shaded + light * (HIGHLIGHT_LEVEL - shaded).clamp(min=0)
        colour = torch.zeros((*on.shape, 3), device=self.device)
        colour[on] = shaded
        bodily = torch.zeros_like(depth)
        bodily[on] = 1 - self.textured[face]
        return colour, on.float(), depth, bodily

    def _mirrored(
        self, highlights: Sequence[Highlights], part: Tensor, where: tuple[Tensor, Tensor, Tensor]
    ) -> Tensor:
        """Brightness [n] of the key light's reflection in covered samples; zero outside the eyes.

        Args:
            highlights: of the frames.
            part: [n] of the samples.
            where: frame, row and column [n] of the samples.
        """
        first = highlights[0]  # the light and the camera stay; only the eyes move
        out = torch.zeros(len(part), device=self.device)
        light = KeyLight(self._upload(first.position), self._upload(first.key), first.key_half)
        axes, eyes = self._upload(first.axes), self._upload(np.stack([one.eyes for one in highlights]))
        for k, name in enumerate(first.parts):
            chosen = torch.nonzero(part == int(name))[:, 0]
            frame, row, column = (values[chosen] for values in where)
            eye = eyes[frame, k]
            right = torch.where(row % 2 == 0, 0.75, 0.25)
            down = torch.where(column % 2 == 0, 0.25, 0.75)
            x = (column + right) / SUPERSAMPLING - self.scene.width / 2
            y = self.scene.height / 2 - (row + down) / SUPERSAMPLING
            rays = torch.stack([x / first.focal, y / first.focal, torch.ones_like(x)], 1) @ axes
            rays = rays / rays.norm(dim=1, keepdim=True)
            cornea = mirror_key(rays, eye[:, 1], eye[:, 3, 1], eye, eye[:, 3, 2], light)
            ball = mirror_key(rays, eye[:, 0], eye[:, 3, 0], eye, -2.0, light)
            ball = SCLERA_GAIN * ball.clamp(min=0)
            out[chosen] = torch.where(cornea < 0, ball, CORNEA_GAIN * cornea)
        return out

    def _shade_hair(self, hulls: Sequence[Hull]) -> tuple[Tensor, Tensor]:
        """Premultiplied hair [T, H, W, 4] (colour 0..255, coverage 0..1) and depth [T, H, W] (-1 if none)."""
        width, height = self.scene.width, self.scene.height
        points = self._upload(np.stack([hull.points for hull in hulls]))
        index, weights, depth = rasterise_triangles(points, self.hair_faces, width, height, False)
        on = index >= 0
        frame = torch.nonzero(on)[:, 0]
        corners, weight = self.hair_faces[index[on]], weights[on][..., None]
        total = torch.full((len(weight), 1), 1e-6, device=self.device)
        mixed = torch.zeros((len(weight), 4), device=self.device)
        for k in range(max(len(hull.chosen) for hull in hulls)):  # frames with fewer pictures weigh zero
            used = [min(k, len(hull.chosen) - 1) for hull in hulls]
            places = np.stack(
                [hull.places[q] * (k < len(hull.chosen)) for hull, q in zip(hulls, used, strict=True)]
            )
            which = self._upload(np.array([hull.chosen[q] for hull, q in zip(hulls, used, strict=True)]))
            there = (weight * self._upload(places)[frame[:, None], corners]).sum(1)
            share = torch.where(there[:, 2:] < 1e-4, torch.zeros_like(there[:, 2:]), there[:, 2:])
            mixed += share * sample_bilinear(self.pictures, which.long()[frame], there[:, :2])
            total += share
        mixed = mixed / total
        mixed[:, 3] /= 255
        hair = torch.zeros((*on.shape, 4), device=self.device)
        hair[on] = mixed
        return hair, depth
