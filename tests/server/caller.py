"""curl, to call a sandbox with as users do."""

from __future__ import annotations

import json
import subprocess
from typing import Any


class Caller:
    """curl, with a sandbox to call."""

    def __init__(self, url: str) -> None:
        self.url = url

    def curl(self, method: str, path: str, body: Any = None, *options: str) -> tuple[int, Any]:
        """One request by curl: the status and the decoded answer."""
        status, text = self.curl_text(method, path, body, *options)
        return status, json.loads(text) if text else None

    def curl_text(self, method: str, path: str, body: Any = None, *options: str) -> tuple[int, str]:
        """One request by curl: the status and the answer as it came."""
        command = ["curl", "--silent", "--noproxy", "*", "-X", method, "-w", "\n%{http_code}", *options]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        output = subprocess.run(
            [*command, self.url + path], capture_output=True, text=True, check=True
        ).stdout
        text, _, status = output.rpartition("\n")
        return int(status), text
