"""What the interface remembers between runs: choices and form values, never anything secret.

One small JSON file in the user's state folder. A file that is missing, broken or of another version is
simply not there.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import asdict

VERSION: Final = 1
_SECRET = re.compile(
    r"secret|passw|token|api.?key|credential|authorization|cookie|ssn|iban|card", re.IGNORECASE
)
_FORMS_KEPT: Final = 50
_QUERIES_KEPT: Final = 50


class Preferences(msgspec.Struct):
    """The remembered choices: `forms` by endpoint, `record_columns` by CRM and object, `queries` by CRM."""

    theme: str = ""
    group: str = ""
    log_filter: str = ""
    tree_share: float = 0.0
    lower_share: float = 0.0
    batches_share: float = 0.0
    hints_seen: bool = False
    wrap: bool = True
    line_numbers: bool = True
    forms: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    record_columns: dict[str, list[str]] = msgspec.field(default_factory=dict)
    queries: dict[str, list[str]] = msgspec.field(default_factory=dict)


def default_path() -> Path:
    """Where the file is: `$XDG_STATE_HOME/ampsandbox/tui.json` or what the platform has in its place."""
    from platformdirs import user_state_path

    return user_state_path("ampsandbox", appauthor=False) / "tui.json"


def load(path: Path) -> Preferences:
    """The remembered choices, or those of a first run."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Preferences()
    if not isinstance(document, dict) or document.get("version") != VERSION:
        return Preferences()
    preferences = Preferences()
    for name in preferences.__struct_fields__:
        value = document.get(name)
        if type(value) is type(getattr(preferences, name)):
            setattr(preferences, name, value)
    preferences.forms = {key: form for key, form in preferences.forms.items() if _is_form(form)}
    preferences.record_columns = _lists(preferences.record_columns)
    preferences.queries = _lists(preferences.queries)
    return preferences


def save(preferences: Preferences, path: Path) -> None:
    """Write the choices, without anything that may be secret, if the folder can be written to."""
    document = {"version": VERSION, **asdict(preferences)}
    kept = list(preferences.forms.items())[-_FORMS_KEPT:]
    document["forms"] = {key: _open_values(form) for key, form in kept}
    document["queries"] = {key: _open_texts(texts) for key, texts in preferences.queries.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}")
        scratch.write_text(json.dumps(document, indent=1), encoding="utf-8")
        scratch.replace(path)
    except OSError:
        return


def _is_form(form: Any) -> bool:
    return isinstance(form, dict) and all(isinstance(value, str) for value in form.values())


def _lists(found: dict[str, Any]) -> dict[str, list[str]]:
    return {
        key: texts
        for key, texts in found.items()
        if isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)
    }


def _open_texts(texts: list[str]) -> list[str]:
    return [text for text in texts if not _SECRET.search(text) and len(text) < 2_000][-_QUERIES_KEPT:]


def _open_values(form: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if not _SECRET.search(name) and len(value) < 2_000}
