"""Where the coverage of manifests goes after a test run: the terminal, a JSON file, JUnit properties."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ampsandbox.errors import UsageError
from ampsandbox.testing.coverage import Coverage

_FORMS = "text, json:PATH or junit"


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """What `--ampsandbox-report` asks for.

    Attributes:
        text: A summary at the end of the terminal's output.
        junit: Properties in the file of `--junit-xml`.
        path: A JSON file.
    """

    text: bool = False
    junit: bool = False
    path: Path | None = None

    @classmethod
    def of(cls, wishes: list[str]) -> ReportPlan:
        """The plan for the values of the option.

        Raises:
            UsageError: One of them is not a form of report.
        """
        path: Path | None = None
        for wish in wishes:
            form, _, place = wish.partition(":")
            if form == "json" and place:
                path = Path(place)
            elif wish not in ("text", "junit"):
                raise UsageError(f"--ampsandbox-report {wish} is not a report.", f"Give {_FORMS}.")
        return cls("text" in wishes, "junit" in wishes, path)


def write_json(coverage: Coverage, path: Path) -> None:
    """Write the report for programs.

    Raises:
        OSError: The file cannot be written.
    """
    share = coverage.share()
    content: dict[str, Any] = {
        "covered": share.seen,
        "total": share.total,
        "endpoints": coverage.as_json(),
        "untested": coverage.untested(),
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def junit_properties(coverage: Coverage) -> list[tuple[str, str]]:
    """The properties of the whole suite: the share, and each endpoint's untested aspects."""
    untested = [
        (f"ampsandbox.untested.{endpoint}", ", ".join(aspects))
        for endpoint, aspects in coverage.untested().items()
    ]
    return [("ampsandbox.coverage", str(coverage.share())), *untested]
