"""A request of the log without its secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from ampsandbox.secrets import Masker, Secret
from ampsandbox.service.handled_request import HandledRequest, without_secrets

SECRET = "a-long-secret-of-mine"
WRITE = HandledRequest(
    1, datetime(2026, 1, 1, tzinfo=UTC), "POST", "/projects/demo/create-lead", 202, "create-lead", "demo",
    "op_1", b'{"groupId": "demo"}', b'{"operationId": "op_1"}', 1.0,
    [(b"host", b"127.0.0.1"), (b"accept", b"*/*")], [(b"server", b"ampsandbox")], b"/projects/demo",
)  # fmt: skip


@pytest.mark.parametrize(
    "part",
    [
        {"path": f"/projects/{SECRET}"},
        {"target": f"/projects/{SECRET}".encode()},
        {"response_body": f'{{"it": "{SECRET}"}}'.encode()},
        {"headers": [(b"host", b"127.0.0.1"), (b"referer", SECRET.encode())]},
        {"response_headers": [(b"location", SECRET.encode())]},
        {"operation_id": "", "request_body": SECRET.encode()},
    ],
    ids=lambda part: "-".join(part),
)
@pytest.mark.parametrize("is_beyond", [False, True])
def test_a_secret_known_by_value_is_masked_wherever_it_stands(part: dict[str, Any], is_beyond: bool) -> None:
    beyond = Masker()
    masker = Masker(beyond)
    (beyond if is_beyond else masker).learn(Secret(SECRET))
    shown = without_secrets([WRITE, msgspec.structs.replace(WRITE, **part), WRITE], masker)
    assert SECRET.encode() not in msgspec.json.encode(shown)
    assert SECRET not in repr(shown)
    assert shown[::2] == [WRITE, WRITE]


def test_a_request_without_secrets_is_shown_as_it_was() -> None:
    masker = Masker()
    masker.learn(Secret(SECRET))
    assert without_secrets([WRITE], masker) == [WRITE]
