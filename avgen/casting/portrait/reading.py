"""Picture files of any kind -> upright sRGB pixels, or a reason why not."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait import INSTALL
from avgen.errors import InputError
from avgen.files import read_regular

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
"""By Pillow's names; nothing else is ever tried."""
MAX_BYTES: Final = 100_000_000
MAX_PIXELS: Final = 120_000_000
LEAST_SIDE: Final = 200
"""Pixels of the shorter side, below which no face can be read."""
LARGEST_SIDE: Final = 2048
"""Pixels of the longer side, beyond which a picture is shrunk: no texture is finer."""
BEHIND: Final = (128, 128, 128)
"""What shows where a picture is transparent."""
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")


def read_portrait(path: Path) -> NDArray[np.uint8]:
    """Read a picture file.

    Args:
        path: JPEG, PNG, WebP, TIFF, BMP or GIF (its first picture), in any colour mode of 8 or 16 bits.

    Returns:
        [H, W, 3] sRGB, upright as EXIF says, the longer side at most LARGEST_SIDE.

    Raises:
        InputError: naming the file, what is wrong with it, and what to do.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise InputError(f"{path}: photographs need an extra. Install it with: {INSTALL}") from None
    data = _content(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limits are stricter than Pillow's, and damage raises
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(path, image)
                return _pixels(path, image)
        except UnidentifiedImageError:
            raise InputError(f"{path}: {_stranger(data)}") from None
        except Image.DecompressionBombError:
            raise InputError(f"{path}: {_TOO_LARGE}") from None
        except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
            raise InputError(
                f"{path}: the picture is damaged: {error}. Open it in an image program and save it again."
            ) from None


_TOO_LARGE: Final = f"the picture has more than {MAX_PIXELS:,} pixels. Make it smaller."


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_BYTES)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InputError(f"{path}: {error}. Make the picture smaller.") from None


def _stranger(data: bytes) -> str:
    """Why a file that no decoder knows is refused."""
    if not data:
        return "the file is empty."
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return (
            "HEIC and AVIF pictures are not read: their decoders' licences do not permit it. Save it as JPEG "
            "or PNG in any image program, or share it from the phone as `Most Compatible`."
        )
    return "this is no picture that can be read. Save it as JPEG or PNG."


def _check_size(path: Path, image: Image) -> None:
    """Refuse by the size in the file's header, before anything is decoded."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(f"{path}: {_TOO_LARGE}")
    if min(width, height) < LEAST_SIDE:
        raise InputError(
            f"{path}: the picture is too small: {width} x {height} pixels, expected at least {LEAST_SIDE} "
            "along both sides. Use a larger one."
        )


def _pixels(path: Path, image: Image) -> NDArray[np.uint8]:
    from PIL import ImageOps

    if image.format in ("JPEG", "MPO"):
        image.draft(
            None, (LARGEST_SIDE, LARGEST_SIDE)
        )  # decoded at a fraction of its size where that is enough
    image.seek(0)
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    rgb = _to_srgb(_in_eight_bits(path, upright), profile)
    rgb.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return np.asarray(rgb)


def _in_eight_bits(path: Path, image: Image) -> Image:
    """The picture in a mode of 8 bits a channel, without transparency."""
    from PIL import Image as images

    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        levels = np.asarray(image).astype(np.float64) / 257
        return images.fromarray(np.clip(np.round(levels), 0, 255).astype(np.uint8))
    if image.mode == "F":
        raise InputError(f"{path}: expected 8 or 16 bits a channel, got floating-point numbers.")
    if image.mode in ("RGB", "L", "CMYK"):
        return image if "transparency" not in image.info else _over_grey(image)
    if image.mode in ("1", "LAB", "YCbCr", "HSV"):
        return image.convert("RGB")
    return _over_grey(image)


def _over_grey(image: Image) -> Image:
    from PIL import Image as images

    rgba = image.convert("RGBA")
    return images.alpha_composite(images.new("RGBA", rgba.size, (*BEHIND, 255)), rgba).convert("RGB")


def _to_srgb(image: Image, profile: bytes | None) -> Image:
    """The picture in sRGB by its own colour profile; a profile that does not fit is ignored."""
    from PIL import ImageCms

    if profile and image.mode in ("RGB", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if changed is not None:
                return changed
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")
