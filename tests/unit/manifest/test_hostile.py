"""Huge, broken and malicious input: bounded time, a finding, never a traceback."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ampsandbox.manifest.findings import LoadResult, Severity
from ampsandbox.manifest.fixes import apply
from ampsandbox.manifest.formats import FORMATS, formatter
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.preview import preview

SAMPLES = [path.read_text() for path in sorted((Path(__file__).parents[3] / "sample_configs").glob("*.yaml"))]
HUBSPOT_ONLY = next(sample for sample in SAMPLES if "appName: Webinar Walrus" in sample)
SALESFORCE_ONLY = next(sample for sample in SAMPLES if "Desk Otter" in sample)
BILLION = "a: &a [x, x]\nk0: &k0 [*a, *a]\n" + "".join(
    f"k{i}: &k{i} [*k{i - 1}, *k{i - 1}]\n" for i in range(1, 40)
)
CHAIN = "k0: &k0 [x]\n" + "".join(f"k{i}: &k{i} [*k{i - 1}]\n" for i in range(1, 5_000))


def examine(text: str | bytes) -> LoadResult:
    """Load a text and do with the result what a user could."""
    result = parse_manifest(text, "amp.yaml")
    assert (result.manifest is None) == any(f.severity is Severity.ERROR for f in result.findings)
    lines = result.text.count("\n") + 1
    assert all(1 <= finding.position.line <= lines + 1 for finding in result.findings)
    for name in FORMATS:
        assert "\x1b" not in formatter(name)(result)
    apply(result.text, result.findings)
    if result.manifest is not None:
        screens = [preview(integration, result.manifest) for integration in result.manifest.integrations]
        for name in ("text", "json", "html"):
            import_module(f"ampsandbox.manifest.preview.{name}").render(screens)
    return result


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BILLION, "alias-bomb"),
        (CHAIN, "alias-bomb"),
        ("a: &a\n  <<: *a\n", "alias-bomb"),
        ("integrations: &a\n  - *a\n", "alias-bomb"),
        ("[" * 1_000_000, "too-deep"),
        ("{a: " * 100_000, "too-deep"),
        ("- " * 100_000, "too-deep"),
        ("? " * 100_000, "too-deep"),
        ("\n".join(" " * i + "a:" for i in range(1_500)), "too-deep"),
        ("a" * 10_000_000, "file-too-large"),
        (b"\xff" * 1_000, "file-encoding"),
        ("a: b".encode("utf-16-le"), "file-encoding"),
        ("name: a\0b", "file-encoding"),
        ("a: \ud800", "file-encoding"),
        ("&a a: 1\n&a b: 2\nintegrations: []", "integration-structure"),
        ("? {a: b}\n: c\n", "non-string-key"),
        ("!!python/object/apply:os.system ['true']", "wrong-type"),
        ("--- &a !x\n", "wrong-type"),
        ("%YAML 1.2\n---\nintegrations: []", "integration-structure"),
        ("", "integration-structure"),
        ("# nothing\n", "integration-structure"),
        ("\ufeffintegrations: []", "integration-structure"),
        ("x: *nowhere", "yaml-syntax"),
    ],
    ids=lambda value: repr(value[:20]) if not isinstance(value, str) or len(value) > 20 else value,
)
def test_hostile_input_ends_in_a_finding_within_seconds(text: str | bytes, rule: str) -> None:
    began = time.process_time()
    assert rule in {finding.rule for finding in examine(text).findings}
    assert time.process_time() - began < 10


def test_a_megabyte_of_mistakes_is_checked_within_seconds() -> None:
    began = time.process_time()
    item = (
        "          - {{objectName: unknown{0}, mode: insert, endpoint: e{0}, x{0}: 1, "
        "schedule: {0} * * * *}}\n"
    )
    text = SALESFORCE_ONLY + "".join(map(item.format, range(12_000)))
    assert len(text) > 1_000_000
    examine(text)
    assert time.process_time() - began < 30


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 3_000_000,
        " " * 3_000_000,
        f"schedule: a{' ' * 3_000_000}\n  b: [",
        "# amp:ignore\n" * 200_000 + "integrations: a",
        "integrations:\n" + "- a: b # amp:ignore[x]\n" * 30_000,
        f"integrations: [{'{name: 1, nam: x}, ' * 20_000}]",
        f"integrations:\n- name: a\n  {'promt: b: c' * 200_000}\n",
        f"integrations: [{{name: {'A' * 3_000_000}, api: {'b-' * 500_000}}}]",
    ],
    ids=range(8),
)
def test_megabytes_of_one_thing_take_no_more_than_seconds(text: str) -> None:
    began = time.process_time()
    examine(text)
    assert time.process_time() - began < 30


def test_an_error_after_a_thousand_warnings_is_still_an_error() -> None:
    keys = "".join(f"x{i}: 1\n" for i in range(2_000))
    result = examine(f"{keys}integrations: []\n")
    assert result.manifest is None
    assert [finding.rule for finding in result.errors] == ["integration-structure"]
    assert any("1,000 more findings" in finding.message for finding in result.findings)


@pytest.mark.parametrize("value", ["1.0", "2023-01-01", "no", "0x10", "1e3", "12:30:45", "~x", "!!int 3"])
def test_what_yaml_takes_for_something_else_is_read_as_written(value: str) -> None:
    text = HUBSPOT_ONLY.replace("displayName: Title", f"displayName: {value}")
    assert text != HUBSPOT_ONLY
    result = examine(text)
    assert result.manifest is not None
    names = [field.display_name for field in result.manifest.integrations[0].objects[2].custom_fields]
    assert names[0] == value.removeprefix("!!int ")


def test_hostile_names_reach_the_screens_as_text() -> None:
    evil = '"<script>alert(1)</script>[bold]\\e[31m\\u202e"'
    text = HUBSPOT_ONLY.replace("displayName: Webinars", f"displayName: {evil}").replace(
        "Webinar Walrus", "W&<b>"
    )
    result = examine(text)
    assert result.manifest is not None
    screens = [preview(integration, result.manifest) for integration in result.manifest.integrations]
    html = import_module("ampsandbox.manifest.preview.html").render(screens)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[bold]" in html
    plain = import_module("ampsandbox.manifest.preview.text").render(screens)
    assert "\x1b" not in plain
    assert "\u202e" not in plain


_CHARACTERS = st.characters(exclude_categories=())
_TOKENS = [
    "- ",
    "-",
    ":",
    "&a ",
    "*a",
    "<<: *a",
    "|",
    ">",
    "---",
    "...",
    "[",
    "]",
    "{",
    "}",
    "#",
    "'",
    '"',
    "\t",
]
_PIECES = st.sampled_from([*_TOKENS, "\0", "\x1b[31m"]) | st.text(_CHARACTERS, max_size=8)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), sample=st.sampled_from(SAMPLES))
def test_a_mutated_sample_never_gives_a_traceback(data: st.DataObject, sample: str) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(sample)))
        end = data.draw(st.integers(start, min(start + 40, len(sample))))
        sample = sample[:start] + data.draw(_PIECES) + sample[end:]
    examine(sample)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(_CHARACTERS, max_size=200))
def test_any_input_is_read_or_refused(text: str | bytes) -> None:
    examine(text)


def test_the_loader_without_libyaml_says_the_same() -> None:
    code = (
        "import sys; sys.modules['yaml._yaml'] = None; sys.modules['yaml.cyaml'] = None\n"
        "from ampsandbox.manifest.loader import load_manifest\n"
        "from ampsandbox.manifest.yaml_tree import Loader\n"
        "from pathlib import Path; assert Loader.__name__ == 'SafeLoader'\n"
        "for path in sorted(Path(sys.argv[1]).glob('*.yaml')): print(load_manifest(path))"
    )
    folder = Path(__file__).parents[3] / "sample_configs"
    script = [sys.executable, "-c", code, str(folder)]
    without = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    code = code.replace("sys.modules['yaml._yaml'] = None; sys.modules['yaml.cyaml'] = None", "")
    script = [sys.executable, "-c", code.replace("'SafeLoader'", "'CSafeLoader'"), str(folder)]
    assert subprocess.run(script, check=True, capture_output=True, text=True).stdout == without
