"""The development certificate authority: made once per user, so that clients that trust it go on doing so.

The private key never leaves the directory of the authority and is readable by its owner only. Clients are
given the path of the certificate (`ca.pem`) alone.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mock_crm.core.hosts import CERTIFICATE_NAMES

if TYPE_CHECKING:
    import trustme

CERTIFICATE_FILE: Final = "ca.pem"
PRIVATE_FILE: Final = "ca-private.pem"
_BEGIN_CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"
# Apple's clients refuse leaf certificates that are valid for longer than this.
_LEAF_LIFETIME: Final = timedelta(days=397)


class CertificateError(Exception):
    """The directory of the certificate authority cannot be used; the message names the file."""


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """The authority, and where clients find its certificate."""

    certificate_path: Path
    authority: trustme.CA

    def server_context(self, *extra_names: str) -> ssl.SSLContext:
        """Return a TLS context for the providers' hosts, the local names and `extra_names`."""
        names = dict.fromkeys((*CERTIFICATE_NAMES, *extra_names))
        leaf = self.authority.issue_cert(*names, not_after=datetime.now(UTC) + _LEAF_LIFETIME)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        return context


def default_directory() -> Path:
    """Return where the authority lives unless the user says otherwise: the user's state directory."""
    from platformdirs import user_state_path

    return user_state_path("ampsandbox", appauthor=False) / "ca"


def development_authority(directory: Path) -> CertificateAuthority:
    """Open the authority in `directory`, or make it there.

    Two programs that start at once end with the same authority: the key and its certificate are one file
    that is linked into place only if there is none.

    Raises:
        CertificateError: the directory or a file in it cannot be read or written.
    """
    private = directory / PRIVATE_FILE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not private.exists():
            _create(private)
        authority = _load(private)
        certificate = directory / CERTIFICATE_FILE
        _publish(certificate, authority.cert_pem.bytes())
    except OSError as error:
        raise CertificateError(f"The certificate authority in {directory} cannot be used: {error}") from error
    return CertificateAuthority(certificate, authority)


def _create(private: Path) -> None:
    import trustme

    authority = trustme.CA(
        organization_name="ampsandbox", organization_unit_name="Development CA of this user"
    )
    content = authority.private_key_pem.bytes() + authority.cert_pem.bytes()
    written = _write_private(private.parent, content)
    try:
        os.link(written, private)
    except FileExistsError:
        pass  # another process was first, and its authority is the one that clients are told to trust
    finally:
        written.unlink()


def _write_private(directory: Path, content: bytes) -> Path:
    # mkstemp opens with mode 0600, so the key is at no moment readable by others.
    descriptor, name = tempfile.mkstemp(dir=directory)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return Path(name)


def _load(private: Path) -> trustme.CA:
    import trustme

    key, begin, certificate = private.read_bytes().partition(_BEGIN_CERTIFICATE)
    try:
        return trustme.CA.from_pem(begin + certificate, key)
    except ValueError as error:
        raise CertificateError(
            f"{private} is not a key with its certificate. Delete it, and a new one is made."
        ) from error


def _publish(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    written = _write_private(path.parent, content)
    written.chmod(0o644)
    written.replace(path)
