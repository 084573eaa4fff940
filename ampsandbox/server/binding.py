"""Listening on an address, or saying why not."""

from __future__ import annotations

import errno
import socket

from ampsandbox.errors import AmpSandboxError, PortInUseError
from mock_crm.core.listener import bind


def bind_or_explain(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Raises:
        PortInUseError: Another program has the port.
        AmpSandboxError: The address or port cannot be used for another reason.
    """
    try:
        return bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"Port {port} on {host} is used by another program.",
                "Give another --port, or 0 for a free one.",
            ) from error
        raise AmpSandboxError(
            f"Cannot listen on {host}:{port}: {error.strerror}.", "Give another --host or --port."
        ) from error
