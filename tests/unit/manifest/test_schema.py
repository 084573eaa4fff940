"""The JSON Schema, judged by an independent validator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ampsandbox.cli.main import main
from ampsandbox.manifest.fixes import fixed_text
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.schema import json_schema


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _data(text: str) -> Any:
    return yaml.safe_load(text)


def test_every_sample_is_valid(samples: Path, validator: jsonschema.Draft202012Validator) -> None:
    for path in samples.glob("*.yaml"):
        validator.validate(_data(fixed_text(path.read_text(), path.name)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode: insert", "mode: upsert"),
        ("mode: insert", "mod: insert"),
        ("api: salesforce", "api: pipedrive"),
        ("endpoint: create-account", "endpoint: create/account"),
        ("endpoint: create-account", "endpoint: 12"),
        ("specVersion: 0.1.0", "specVersion: 3.0.0"),
        ("specVersion: 0.1.0", "specVersion: 1.0.0"),
        ("type: write", "type: wirte"),
    ],
)
def test_a_mistake_is_invalid(
    samples: Path, validator: jsonschema.Draft202012Validator, old: str, new: str
) -> None:
    text = (samples / "mailmonkey.yaml").read_text()
    assert old in text
    assert not validator.is_valid(_data(text.replace(old, new, 1)))


def test_a_typo_in_todays_format_is_invalid(
    samples: Path, validator: jsonschema.Draft202012Validator
) -> None:
    text = (samples / "today.yaml").read_text()
    assert not validator.is_valid(_data(text.replace("fieldName", "feildName")))


def test_every_key_has_a_description() -> None:
    def walk(node: Any, path: str) -> None:
        for key, child in node.get("properties", {}).items():
            if isinstance(child, dict) and ("type" in child or "enum" in child):
                assert child.get("description"), f"{path}.{key}"
                walk(child, f"{path}.{key}")
        if isinstance(node.get("items"), dict):
            walk(node["items"], f"{path}[]")

    for name, definition in json_schema()["$defs"].items():
        walk(definition, name)


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()


# What a schema can tell: kinds, keys, values from a list, and what must stand together.
TOLD = frozenset(
    [
        "unknown-key",
        "wrong-type",
        "required-field",
        "allowed-value",
        "update-event-enabled",
        "delivery-mode",
        "mixed-dialect",
        "update-event-watch-fields",
        "spec-version",
        "integration-structure",
        "read-objects",
        "write-objects",
        "subscribe-objects",
        "mode-value",
        "endpoint-syntax",
        "key-case",
        "watch-schema",
        "not-a-string",
        "field-name",
        "string-fields-only",
        "action-type",
        "provider-not-supported",
        "provider-spelling",
        "backfill-config",
        "subscribe-inherit-fields",
        "always-enabled-fields",
        "subscribe-requires-read",
        "subscribe-minimum-events",
        "watch-fields-no-nesting",
    ]
)
EXAMPLES = Path(__file__).parent / "rules"
UNREADABLE = {
    "yaml-syntax",
    "yaml-repair",
    "too-deep",
    "alias-bomb",
    "non-string-key",
    "duplicate-anchor",
    "several-documents",
}


@pytest.mark.parametrize("rule", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_the_schema_tells_what_check_tells(rule: str, validator: jsonschema.Draft202012Validator) -> None:
    text = (EXAMPLES / f"{rule}.yaml").read_text(encoding="utf-8")
    if rule in UNREADABLE:
        return
    told = {finding.rule for finding in parse_manifest(text, "amp.yaml").findings} & TOLD
    errors = [error.message for error in validator.iter_errors(_data(text))]
    assert bool(errors) == bool(told), (told, errors)
