"""The control API below `/_sandbox/v1`: what the Python object can do, in any language."""

from ampsandbox.server.control.build import build_control

__all__ = ["build_control"]
