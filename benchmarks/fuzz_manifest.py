"""Throws broken manifests at the loader: each must end in findings, in bounded time, without a traceback.

Mutates the sample manifests, runs the loader, the four formats, the safe fixes and the previews on each, and
checks what must always hold. Run it with `python -m benchmarks.fuzz_manifest [mutations] [seed]`.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ampsandbox.manifest.convert import convert
from ampsandbox.manifest.findings import LoadResult, Severity
from ampsandbox.manifest.fixes import apply
from ampsandbox.manifest.formats import FORMATS, formatter
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.preview import preview
from ampsandbox.manifest.rules import RULES

SAMPLES = Path(__file__).parent.parent / "sample_configs"
MAX_SECONDS = 5.0
"""For one mutation, on a machine that others use too."""

_TOKENS = (
    "\t", "- ", "-", ":", ": ", "? ", "&a ", "*a", "<<: *a", "!!int ", "!!binary ", "!x ", "|", ">",
    "---", "...", "%YAML 1.2", "[", "]", "{", "}", ",", "#", "# amp:ignore", "# amp:ignore[unknown-key]",
    "'", '"', "\\", "\0", "\x1b[31m", "\u202e", "\ufeff", "\u2028", "\x85", "\r", "\U0001f600", "~",
    "null", "no", "1.0", "1e999", "0x7f", "2023-01-01", "9" * 400, "* * * * *", "every 0 days",
    "every 1 hour", "0 0 30 2 *", "a" * 5_000, "[" * 300, "- " * 300, "specVersion: 1.0.0\n",
)  # fmt: skip


_RICH = """\
specVersion: 1.0.0
defaults: &read {destination: hook, schedule: "0 * * * *", optionalFieldsAuto: all}
integrations:
  - name: rich
    provider: salesforce
    module: crm
    read:
      objects:
        - <<: *read
          objectName: account
          requiredFields: [{fieldName: name}, {mapToName: notes, prompt: Where are your notes kept?}]
          backfill: {defaultPeriod: {days: 30}}
          delivery: {mode: onRequest, pageSize: 100}
        - {<<: *read, objectName: contact}
    subscribe:
      objects:
        - objectName: account
          destination: hook
          inheritFieldsAndMapping: true
          createEvent: {enabled: always}
          updateEvent: {enabled: always, requiredWatchFields: [name, phone]}
    write: {objects: [{objectName: account}, {objectName: contact, inheritMapping: true}]}
    proxy: {enabled: true}
"""
"""A manifest with everything that the samples have no need for."""


def mutate(text: str, other: str, rng: random.Random) -> str:
    """A text with one to six random changes."""
    for _ in range(rng.randint(1, 6)):
        text = rng.choice(_MUTATIONS)(text, other, rng)
    return text


def examine(text: str | bytes) -> LoadResult:
    """Load a text, do everything with the result that a user could, and check what must hold."""
    result = parse_manifest(text, "fuzz.yaml")
    lines = result.text.count("\n") + 1
    for finding in result.findings:
        assert finding.rule in RULES, finding
        assert 1 <= finding.position.line <= lines + 1, finding
        assert finding.position.column >= 1, finding
    assert (result.manifest is None) == any(f.severity is Severity.ERROR for f in result.findings), (
        result.findings
    )
    for name in FORMATS:
        assert "\x1b" not in formatter(name)(result), name
    apply(result.text, result.findings)
    if result.manifest is not None:
        screens = [preview(integration, result.manifest) for integration in result.manifest.integrations]
        for name in ("text", "json", "html"):
            assert "\x1b" not in import_module(f"ampsandbox.manifest.preview.{name}").render(screens), name
        convert(result.manifest)
    return result


def main(mutations: int = 20_000, seed: int = 1) -> int:
    """Run the mutations and print what became of them."""
    rng = random.Random(seed)
    samples = [_RICH, *(path.read_text() for path in sorted(SAMPLES.glob("*.yaml")))]
    outcomes: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    slowest, began = 0.0, time.perf_counter()
    for number in range(mutations):
        text = mutate(rng.choice(samples), rng.choice(samples), rng)
        started = time.perf_counter()
        try:
            result = examine(text)
        except Exception:
            Path("fuzz-failure.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
            print(f"mutation {number} of seed {seed} failed; it is in fuzz-failure.yaml", file=sys.stderr)
            raise
        elapsed = time.perf_counter() - started
        slowest = max(slowest, elapsed)
        assert elapsed < MAX_SECONDS, (number, elapsed)
        outcomes["usable" if result.manifest else "refused"] += 1
        rules.update({finding.rule for finding in result.findings})
    total = time.perf_counter() - began
    print(f"{mutations:,} mutations in {total:.0f} s, slowest {slowest * 1e3:.0f} ms, no failure")
    print(f"outcomes: {dict(outcomes)}")
    print(f"rules met: {len(rules)} of {len(RULES)}; never: {', '.join(sorted(set(RULES) - set(rules)))}")
    return 0


def _insert(text: str, other: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice(_TOKENS) + text[at:]


def _delete(text: str, other: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + text[at + rng.randint(1, 30) :]


def _flip(text: str, other: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + chr(rng.choice((rng.randint(1, 127), rng.randint(128, 0xD7FF)))) + text[at + 1 :]


def _indent(text: str, other: str, rng: random.Random) -> str:
    return _on_line(
        text, rng, lambda line: " " * rng.randint(1, 3) + line if rng.random() < 0.5 else line[1:]
    )


def _glue(text: str, other: str, rng: random.Random) -> str:
    return _on_line(text, rng, lambda line: line.replace("- ", "-", 1))


def _unquote(text: str, other: str, rng: random.Random) -> str:
    return text.replace('"', "")


def _repeat(text: str, other: str, rng: random.Random) -> str:
    return _on_line(text, rng, lambda line: "\n".join([line] * rng.choice((2, 3, 200))))


def _value(text: str, other: str, rng: random.Random) -> str:
    return _on_line(text, rng, lambda line: line.partition(":")[0] + ": " + rng.choice(_TOKENS))


def _splice(text: str, other: str, rng: random.Random) -> str:
    mine, theirs = text.split("\n"), other.split("\n")
    at, first = rng.randint(0, len(mine)), rng.randint(0, len(theirs))
    return "\n".join(mine[:at] + theirs[first : first + rng.randint(1, 12)] + mine[at:])


def _swap(text: str, other: str, rng: random.Random) -> str:
    lines = text.split("\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def _on_line(text: str, rng: random.Random, change: Callable[[str], str]) -> str:
    lines = text.split("\n")
    number = rng.randrange(len(lines))
    lines[number] = change(lines[number])
    return "\n".join(lines)


_MUTATIONS = (_insert, _delete, _flip, _indent, _glue, _unquote, _repeat, _value, _splice, _swap)

if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
