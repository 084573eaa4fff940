"""How long checking a manifest takes, against what no checker can do without.

Two ratios, each measured in one run on one machine: checking 1,000 objects against `yaml.load` of the same
text with the same loader class, and `ampsandbox check` on a small file against `import yaml, pydantic` alone.
Run it with `python -m benchmarks.manifest_check`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.yaml_tree import Loader

SAMPLE = Path(__file__).parent.parent / "sample_configs" / "salesforce-only.yaml"
OBJECTS = 1_000
CHECK_TARGET = 3.0
START_TARGET = 2.5
_ROUNDS = 15

_HEAD = """\
specVersion: 0.1.0
appName: Big App
integrations:
  - name: big
    displayName: Big
    api: salesforce
    actions:
      - type: write
        standardObjects:
"""
_OBJECT = """\
          - objectName: contact
            mode: update
            endpoint: update-{letters}
            schedule: every 2 hours
            customFields:
              - fieldName: score-{letters}
                displayName: Score
                prompt: This is the score we calculate for each contact.
              - fieldName: rank-{letters}
                displayName: Rank
"""


def big_manifest(objects: int = OBJECTS) -> str:
    """A manifest without findings, of ten lines an object."""
    return _HEAD + "".join(_OBJECT.format(letters=_letters(number)) for number in range(objects))


def main() -> int:
    """Print both ratios; the exit code says whether they are within their targets."""
    text = big_manifest()
    result = parse_manifest(text, "big.yaml")
    assert result.manifest is not None, result.findings[:3]
    assert not result.findings, result.findings[:3]
    load = _best(lambda: yaml.load(text, Loader=Loader))
    check = _best(lambda: parse_manifest(text, "big.yaml"))
    print(f"{len(text.splitlines()):,} lines with {Loader.__name__}")
    print(f"load {load * 1e3:.0f} ms, check {check * 1e3:.0f} ms")
    print(f"  ratio {check / load:.2f} (target {CHECK_TARGET})")
    bare = _best(_command("-c", "import yaml, pydantic"))
    start = _best(_command("-m", "ampsandbox", "check", str(SAMPLE)))
    print(f"import yaml, pydantic {bare * 1e3:.0f} ms, ampsandbox check {start * 1e3:.0f} ms")
    print(f"  ratio {start / bare:.2f} (target {START_TARGET})")
    return 0 if check / load <= CHECK_TARGET and start / bare <= START_TARGET else 1


def _best(action: Callable[[], object]) -> float:
    """The shortest of several times, in seconds: what the machine can do when nothing else runs."""
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)


def _command(*arguments: str) -> Callable[[], object]:
    def run() -> None:
        with tempfile.TemporaryFile() as output:
            subprocess.run([sys.executable, *arguments], stdout=output, stderr=output, check=True)

    return run


def _letters(number: int) -> str:
    """A number as letters, since names have no digits."""
    return "".join(chr(97 + int(digit)) for digit in str(number))


if __name__ == "__main__":
    sys.exit(main())
