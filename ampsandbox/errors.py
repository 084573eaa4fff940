"""The errors that a user can meet.

Each is raised where the cause is known and shown once: a message that names the place and the value,
a hint that says what to do, and the exit code of the command that ends with it.
"""

from __future__ import annotations

from collections.abc import Iterable


class AmpSandboxError(Exception):
    """Something the user can act on.

    Args:
        message: What is wrong, naming the place and the value.
        hint: The way out, as a full sentence or a command; empty when there is none.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            # Shown below the message wherever a traceback is.
            self.add_note(hint)


class UsageError(AmpSandboxError):
    """The command line or a call of the Python API cannot be carried out as it stands."""

    exit_code = 2


class ManifestError(AmpSandboxError):
    """The manifest cannot be read, or breaks a rule that the command at hand cannot do without."""

    exit_code = 2


class SettingsError(AmpSandboxError):
    """`sandbox.yaml`, an environment variable or a credential reference is wrong."""

    exit_code = 2


class ClockError(AmpSandboxError):
    """The clock was asked for something it cannot do, such as going back."""


class PortInUseError(AmpSandboxError):
    """Another program listens on the port."""

    exit_code = 3


class StateError(AmpSandboxError):
    """A state directory or snapshot cannot be used: not writable, in use, damaged, or of a newer version."""

    exit_code = 4


class JournalUnavailableError(AmpSandboxError):
    """The journal cannot take a write now (disk full, read-only); the write is not accepted."""


class HaltedError(AmpSandboxError):
    """The sandbox started over, or ended, before the work was done."""

    def __init__(self) -> None:
        super().__init__("The sandbox started over or ended meanwhile.", "Send it again.")


class NotFoundError(AmpSandboxError):
    """A thing that was named does not exist: group, installation, batch, operation, object."""


class ConflictError(AmpSandboxError):
    """The thing exists, but its state does not allow what was asked."""


class LiveRefusedError(AmpSandboxError):
    """A live connection is not allowed as it stands, such as a production org without consent by name."""


class UnreachableError(AmpSandboxError):
    """No sandbox answers at the URL that a command was told to call."""

    exit_code = 5


class DefectError(AmpSandboxError):
    """ampsandbox itself is wrong: a case that nobody thought of."""

    def __init__(self, message: str) -> None:
        super().__init__(
            f"A defect of ampsandbox: {message}", "What was accepted is in the journal. Please report it."
        )


def nearest(name: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The known name that `name` probably means: the same in another case, or with a few letters off.

    Args:
        name: What somebody wrote; only its first 80 characters are compared, since the time grows with them.
        known: What there is.
        cutoff: How much has to agree, from 0 (anything) to 1 (all but the case).
    """
    from difflib import get_close_matches

    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower()[:80], by_lower, 1, cutoff=cutoff)
    return by_lower[near[0]] if near else None


def nearest_hint(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'lead'?` for a name that is nearly one of the known ones; empty for others."""
    near = nearest(name, known, cutoff=0.5)
    return f" Did you mean {near!r}?" if near else ""
