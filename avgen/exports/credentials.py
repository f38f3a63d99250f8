"""A copy of a video with C2PA content credentials inside: who says that it is synthetic, signed.

Programs that know the signer trust it. Without a signer of the user's, avgen makes one for itself, whose
signature shows that the file was not changed since, and nothing more.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import avgen
from avgen.errors import InputError, StageError
from avgen.exports import Material
from avgen.files import part_file, publish, user_cache

if TYPE_CHECKING:
    import c2pa

SIGNER: Final = "AVGEN_C2PA_SIGNER"
"""Environment variable that names a PEM file: a private key and its chain of certificates, its own first."""
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----\n?", re.DOTALL)
_SOURCE_TYPES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_CURVES: Final = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


def write_c2pa(material: Material, path: Path) -> None:
    """Write a copy of an MP4 video with signed credentials; each has an identifier of its own.

    Raises:
        InputError: if the signer's file cannot be used.
        StageError: if the copy cannot be written.
    """
    import c2pa

    signer = _load_signer()
    try:
        with material.video.open("rb") as source, path.open("w+b") as signed:
            c2pa.Builder(manifest(material)).sign(signer, "video/mp4", source, signed)
    except (c2pa.C2paError, OSError) as error:
        raise StageError(f"{material.name}: c2pa failed: {error}") from None


def manifest(material: Material) -> dict[str, Any]:
    """What the credentials say: made by avgen, out of nothing, or of a person's recorded voice."""
    kind = "compositeWithTrainedAlgorithmicMedia" if material.recorded else "trainedAlgorithmicMedia"
    made = {"action": "c2pa.created", "digitalSourceType": _SOURCE_TYPES + kind}
    return {
        "title": f"{material.name}.mp4",
        "claim_generator_info": [{"name": "avgen", "version": avgen.__version__}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}],
    }


def _load_signer() -> c2pa.Signer:
    """Signer of the file that the user names, else avgen's own, which is made when it is first needed."""
    import c2pa

    named = os.environ.get(SIGNER)
    path = Path(named) if named else user_cache() / "signer.pem"
    if not named and not path.is_file():
        _make_signer(path)
    try:
        blocks = [(block[1], block[0]) for block in _PEM.finditer(path.read_text(encoding="ascii"))]
        (key,) = (text for kind, text in blocks if kind.endswith("PRIVATE KEY"))
        chain = "".join(text for kind, text in blocks if kind == "CERTIFICATE")
        info = c2pa.C2paSignerInfo(_algorithm(key), chain.encode(), key.encode(), None)
        return c2pa.Signer.from_info(info)
    except (OSError, ValueError, TypeError, c2pa.C2paError) as error:
        raise InputError(
            f"{path}: expected a PEM file of a private key and its certificates: {error}. ${SIGNER} names it."
        ) from None


def _algorithm(key: str) -> str:
    """Name of the signature that a private key makes."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    loaded = load_pem_private_key(key.encode(), None)
    if isinstance(loaded, ec.EllipticCurvePrivateKey) and loaded.curve.name in _CURVES:
        return _CURVES[loaded.curve.name]
    return "ed25519" if isinstance(loaded, ed25519.Ed25519PrivateKey) else "ps256"


def _make_signer(path: Path) -> None:
    """Write a new private key and its two certificates, for the eyes of the user alone."""
    from avgen.exports.certificates import make_signer

    with part_file(path.parent, path.name) as part:
        part.touch(mode=0o600)
        part.write_bytes(make_signer())
        publish(part, path)
