"""The zips that `amp deploy` uploads before it names them."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Final

from ampsandbox.server.ampersand_api.problems import ApiIssue, ProblemError

BUCKET: Final = "ampsandbox"
_KEPT: Final = 20
_AGAIN: Final = "Run `amp deploy` again."


class Uploads:
    """The zips that were uploaded, the newest few, each with the checksum that its URL was made for."""

    def __init__(self) -> None:
        self._all: dict[str, tuple[str, bytes | None]] = {}

    def open(self, md5: str) -> str:
        """The name of a new upload."""
        while len(self._all) >= _KEPT:
            del self._all[next(iter(self._all))]
        name = secrets.token_urlsafe(24)
        self._all[name] = (md5, None)
        return name

    def put(self, name: str, content: bytes) -> None:
        """Keep what was uploaded.

        Raises:
            ProblemError: No URL was made for it, or it is not what the URL was made for.
        """
        if name not in self._all:
            raise ProblemError(404, "This upload URL is not known.", _AGAIN)
        md5 = self._all[name][0]
        if md5 and base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode() != md5:
            raise ProblemError(400, "The zip is not the one that the upload URL was made for.", _AGAIN)
        self._all[name] = (md5, content)

    def find(self, url: str) -> bytes:
        """The zip that `gs://bucket/path` names.

        Raises:
            ProblemError: It was not uploaded.
        """
        content = self._all.get(url.removeprefix(f"gs://{BUCKET}/"), ("", None))[1]
        if content is None:
            detail = f"sourceZipUrl {url!r} was not uploaded to this sandbox."
            issue = ApiIssue(
                "body", "sourceZipUrl", "was not uploaded", "Upload it to the url of generate-upload-url."
            )
            raise ProblemError(422, detail, issue.remedy, (issue,))
        return content
