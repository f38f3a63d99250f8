"""All networks of a codec avatar: face codes and poses -> posed vertices and their texture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from avgen.avatars.ca_body.appearance import PoseToShadow, ShadowNetwork, UpscaleNetwork, ViewNetwork
from avgen.avatars.ca_body.body import BodyDecoder, BodyEncoder
from avgen.avatars.ca_body.face import FaceDecoder, FaceEncoder
from avgen.avatars.ca_body.layers import channels_last, resize
from avgen.avatars.ca_body.seams import Seams
from avgen.avatars.ca_body.sizes import Sizes
from avgen.avatars.ca_body.skeleton import Skeleton
from avgen.avatars.ca_body.surface import Surface, Unwrapped


@dataclass(frozen=True, slots=True)
class Counts:
    """What differs from actor to actor.

    Attributes:
        vertices: of the body.
        faces: triangles.
        places: on the map.
        most: places of one vertex.
        joints: of the skeleton.
        scales: parameters of proportions.
        seams: texels that are filled on the maps.
        fine_seams: likewise on the texture.
        shadow: whether shadow follows the pose.
        fine_std: whether `tex_std` is one number a texel and colour; else one for all.
    """

    vertices: int
    faces: int
    places: int
    most: int
    joints: int
    scales: int
    seams: int
    fine_seams: int
    shadow: bool
    fine_std: bool = False


class CodecBody(nn.Module):
    """Decodes frames; names are those of the published checkpoints, as far as drawing needs them.

    Args:
        sizes: of the networks.
        counts: of the actor.

    Attributes:
        tex_mean: [1, 3, 2 uv, 2 uv] that the decoded texture is added to.
        tex_std: [1, 1, 1, 1] or of tex_mean's shape, what one unit of it is.
        world: [3, 4] own units to metres, Y up, Z towards the viewer.
    """

    tex_mean: Tensor
    tex_std: Tensor
    world: Tensor

    def __init__(self, sizes: Sizes, counts: Counts) -> None:
        super().__init__()
        self.sizes = sizes
        self.register_buffer("tex_mean", torch.empty(1, 3, 2 * sizes.uv, 2 * sizes.uv))
        shape = (1, 3, 2 * sizes.uv, 2 * sizes.uv) if counts.fine_std else (1, 1, 1, 1)
        self.register_buffer("tex_std", torch.empty(shape))
        self.register_buffer("world", torch.empty(3, 4))
        self.geo_fn = Surface(counts.vertices, counts.faces, counts.places, counts.most)
        self.lbs_fn = Skeleton(counts.vertices, counts.joints, sizes.pose, counts.scales)
        self.seam_sampler = Seams(sizes.uv, counts.seams)
        self.seam_sampler_2k = Seams(2 * sizes.uv, counts.fine_seams)
        self.decoder = BodyDecoder(sizes)
        self.encoder = BodyEncoder(sizes)
        self.encoder_face = FaceEncoder(sizes)
        self.decoder_face = FaceDecoder(sizes)
        self.decoder_view = ViewNetwork(sizes)
        if counts.shadow:
            self.pose_to_shadow = PoseToShadow(sizes)
        else:
            self.shadow_net = ShadowNetwork(sizes)
        self.upscale_net = UpscaleNetwork(sizes)

    @torch.inference_mode()
    def prepare(self) -> CodecBody:
        """Work out what is the same in all frames, once the weights are there."""
        self.eval()
        self.lbs_fn.prepare()
        channels_last(self.decoder)
        self.seam_sampler.prepare()
        self.seam_sampler_2k.prepare()
        self.unwrapped = Unwrapped(self.geo_fn, self.sizes.uv)
        side = self.sizes.uv // 2
        self.body = self.decoder.spread(self.encoder(self.tex_mean.new_zeros(1, 3, side, side)))
        if hasattr(self, "shadow_net"):
            shadow = self.shadow_net(self.shadow_net.ao_mean[None])
            self.shadow = resize(shadow, 2 * self.sizes.uv)
        return self

    def to_world(self, points: Tensor) -> Tensor:
        """World metres [..., 3] of points [..., 3] in the avatar's own units."""
        placed: Tensor = points @ self.world[:, :3].T + self.world[:, 3]
        return placed

    def to_own(self, points: Tensor) -> Tensor:
        """Points [..., 3] in the avatar's own units of world metres [..., 3]."""
        own: Tensor = (points - self.world[:, 3]) @ torch.linalg.inv(self.world[:, :3]).T
        return own

    def forward(self, face: Tensor, pose: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        """Decode frames.

        Args:
            face: [B, 256] codes.
            pose: [B, 104] parameters.
            position: [3] of the camera, in the avatar's own units.

        Returns:
            Vertices [B, V, 3] in these units and texture [B, 3, 2 uv, 2 uv], linear, about 0..255.
        """
        device = self.tex_mean.device.type
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            told = self.encoder_face(*self.decoder_face(face))
            displacement, mean = self.decoder(pose, self.body, told, self.seam_sampler)
        vertices = self.lbs_fn(pose, self.geo_fn.to_vertices(displacement.float()))
        facing = self.unwrapped.to_map(self.geo_fn.facing(vertices, position))
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            return vertices, self._texture(pose, mean, self.decoder_view(facing, mean)).float()

    def _texture(self, pose: Tensor, mean: Tensor, view: Tensor) -> Tensor:
        """Texture of its mean and of what the view changes, [B, 3, uv, uv] both."""
        both = self.seam_sampler.resample(self.seam_sampler.mend(mean + view))
        texture = resize(both, 2 * self.sizes.uv) + self.upscale_net(mean, view)
        texture = texture.float().mul_(self.tex_std).add_(self.tex_mean).mul_(self._shadow(pose).float())
        return self.seam_sampler_2k.resample(self.seam_sampler_2k.mend(texture))

    def _shadow(self, pose: Tensor) -> Tensor:
        if hasattr(self, "shadow_net"):
            return self.shadow
        return resize(self.pose_to_shadow(pose), 2 * self.sizes.uv)
