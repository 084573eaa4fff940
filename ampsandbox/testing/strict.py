"""What a test left behind that it probably did not mean to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ampsandbox.errors import UsageError, nearest_hint
from ampsandbox.testing import failure_messages

if TYPE_CHECKING:
    from ampsandbox.testing.sandbox import Sandbox

_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


@dataclass(frozen=True, slots=True)
class Strictness:
    """Which leftovers fail a test at its end.

    Attributes:
        unflushed: Accepted writes that still wait for their flush.
        unread_refusals: Writes that the CRM refused, and that the test did not look at.
        unknown_routes: Requests to endpoints that the manifest does not have, or for a group that has none.
    """

    unflushed: bool = True
    unread_refusals: bool = True
    unknown_routes: bool = True

    @classmethod
    def of(cls, setting: bool | str | Mapping[str, bool] | Iterable[str] | Strictness) -> Strictness:
        """All or nothing, some switched off by name in a mapping, or only those named in a text or a list.

        Raises:
            UsageError: There is no check of that name.
        """
        if isinstance(setting, Strictness):
            return setting
        if isinstance(setting, str):
            named = setting.replace(",", " ").split()
            if len(named) > 1 or setting.strip().lower() not in _WORDS:
                return cls(**{name: name in _known(named) for name in _CHECKS})
            setting = _WORDS[setting.strip().lower()]
        if isinstance(setting, Mapping):
            return cls(**{name: setting[name] for name in _known(setting)})
        if isinstance(setting, bool):
            return cls(setting, setting, setting)
        if not isinstance(setting, Iterable):
            raise UsageError(f"{setting!r} says not what is strict.", f"Name checks: {', '.join(_CHECKS)}.")
        known = _known(list(setting))
        return cls(**{name: name in known for name in _CHECKS})


_CHECKS = tuple(field.name for field in fields(Strictness))


def _known(names: Mapping[str, bool] | list[str]) -> list[str]:
    for name in names:
        if name not in _CHECKS:
            hint = f"There is: {', '.join(_CHECKS)}.{nearest_hint(name, _CHECKS)}"
            raise UsageError(f"There is no check {name!r}.", hint)
    return list(names)


def leftovers(sandbox: Sandbox, strictness: Strictness) -> list[str]:
    """The lines of a failure message; empty when the test left nothing behind."""
    lines: list[str] = []
    if strictness.unflushed:
        lines += sandbox.still_waiting()
    if strictness.unread_refusals:
        refused = failure_messages.listed(sandbox.unread_refusals())
        advice = "  Look at them with sandbox.assert_refused(...), sandbox.dead_letters or the like."
        lines += ["Refused by the CRM, and not looked at by the test:", *refused, advice] if refused else []
    if strictness.unknown_routes:
        unknown = sandbox.unknown_routes()
        for title, requests in (
            ("Sent to nowhere:", [each for each in unknown if not each.group]),
            ("Sent for what is not installed:", [each for each in unknown if each.group]),
        ):
            lines += [title, *failure_messages.last_requests(requests)[1:]] if requests else []
    return lines


def failure_text(lines: list[str]) -> str:
    """The message of the failure at a test's end."""
    way_out = (
        "Switch a check off with @pytest.mark.ampsandbox(strict={...}) or strict=False; "
        f"the checks are {', '.join(_CHECKS)}."
    )
    return "\n".join(["The test left something behind in the sandbox.", *lines, way_out])
