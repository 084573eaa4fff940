"""The development certificate authority: made once, private to its user, accepted for the real host names."""

from __future__ import annotations

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mock_crm.core.tls import CERTIFICATE_FILE, PRIVATE_FILE, CertificateError, development_authority


def test_the_key_is_readable_by_its_user_only(tmp_path: Path) -> None:
    directory = tmp_path / "ca"
    development_authority(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / PRIVATE_FILE).stat().st_mode) == 0o600


def test_the_published_certificate_holds_no_key(tmp_path: Path) -> None:
    published = development_authority(tmp_path).certificate_path
    assert b"PRIVATE" not in published.read_bytes()
    assert published.read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")


def test_a_later_start_uses_the_same_authority(tmp_path: Path) -> None:
    first = development_authority(tmp_path).certificate_path.read_bytes()
    assert development_authority(tmp_path).certificate_path.read_bytes() == first


def test_a_lost_certificate_is_published_again(tmp_path: Path) -> None:
    first = development_authority(tmp_path).certificate_path.read_bytes()
    (tmp_path / CERTIFICATE_FILE).unlink()
    assert development_authority(tmp_path).certificate_path.read_bytes() == first


def test_programs_that_start_at_once_share_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: development_authority(tmp_path).authority, range(8)))
    assert len({authority.cert_pem.bytes() for authority in made}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [PRIVATE_FILE, CERTIFICATE_FILE]


def test_a_damaged_key_file_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / PRIVATE_FILE).write_text("nothing of use")
    with pytest.raises(CertificateError, match=PRIVATE_FILE):
        development_authority(tmp_path)


def test_a_directory_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.touch()
    with pytest.raises(CertificateError, match="cannot be used"):
        development_authority(place)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "login.salesforce.com",
        "test.salesforce.com",
        "acme.my.salesforce.com",
        "acme--uat.sandbox.my.salesforce.com",
        "api.hubapi.com",
        "app.hubspot.com",
    ],
)
def test_the_leaf_is_valid_for_the_hosts_that_clients_call(tmp_path: Path, host: str) -> None:
    authority = development_authority(tmp_path)
    assert _shake_hands(authority.server_context(), authority.certificate_path, host)


def test_the_leaf_is_not_valid_for_other_hosts(tmp_path: Path) -> None:
    authority = development_authority(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(authority.server_context(), authority.certificate_path, "example.com")


def test_a_name_that_the_server_listens_on_can_be_added(tmp_path: Path) -> None:
    authority = development_authority(tmp_path)
    assert _shake_hands(
        authority.server_context("mock.internal"), authority.certificate_path, "mock.internal"
    )


def _shake_hands(server_context: ssl.SSLContext, ca: Path, host: str) -> bool:
    """Run a TLS handshake in memory, with the client checking the certificate and the name."""
    client_context = ssl.create_default_context(cafile=str(ca))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(5):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.version() is not None
