"""A signer for content credentials that nobody vouches for: a key, its certificate, and the authority's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID: Final = timedelta(days=3650)


def make_signer() -> bytes:
    """Return a private key and the chain of its certificates in PEM.

    The authority's own key is forgotten: it signs this one certificate.
    """
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("avgen test authority", authority, "avgen test authority", authority)
    leaf = _certificate("avgen test signer", key, "avgen test authority", authority)
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return b"".join((key.private_bytes(pem, *plain), leaf.public_bytes(pem), root.public_bytes(pem)))


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, authority: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """Certificate of a key; of the authority if it is signed with that same key."""
    own = key is authority
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
        .add_extension(_usage(own), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
        )
    )
    if not own:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    return builder.sign(authority, hashes.SHA256())


def _name(common: str) -> x509.Name:
    parts = {NameOID.ORGANIZATION_NAME: "avgen", NameOID.COMMON_NAME: common}
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts.items()])


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
