"""What is wrong with a traffic file, as findings with their place."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, get_args

from ampsandbox.capacity.located_yaml import LocatedYaml, Place
from ampsandbox.errors import AmpSandboxError, nearest
from ampsandbox.manifest.findings import Finding, LoadResult, Severity
from ampsandbox.manifest.quoting import visible

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

_MOST_FINDINGS: Final = 100


class TrafficInvalidError(AmpSandboxError):
    """The traffic file breaks rules; `result` has every finding, and the text to show them in."""

    exit_code = 2

    def __init__(self, result: LoadResult) -> None:
        first = result.errors[0]
        place = f"{result.source}:{first.position.line}:{first.position.column}"
        more = f" (and {len(result.errors) - 1} more)" if len(result.errors) > 1 else ""
        super().__init__(f"{place}: {first.message} [{first.rule}]{more}", first.suggestion)
        self.result = result


class TrafficReport:
    """Collects the findings of one traffic file.

    Args:
        document: The file as it was read.
        source: What to call it.
    """

    def __init__(self, document: LocatedYaml, source: str) -> None:
        self._document = document
        self._source = source
        self._findings = list(document.findings)

    def add(
        self,
        rule: str,
        at: Place,
        message: str,
        suggestion: str = "",
        *,
        of_key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note one finding about the value, or the key, at a place."""
        position = self._document.position(at, of_key)
        self._findings.append(Finding(rule, severity, visible(message), position, visible(suggestion)))

    def result(self) -> LoadResult:
        ordered = sorted(self._findings, key=lambda each: (each.position.line, each.position.column))
        return LoadResult(None, tuple(ordered[:_MOST_FINDINGS]), self._document.text, self._source)

    def stop_at_errors(self) -> None:
        """Go on only without errors.

        Raises:
            TrafficInvalidError: There are some.
        """
        result = self.result()
        if result.errors:
            raise TrafficInvalidError(result)

    def add_invalid(self, error: ValidationError, model: type[BaseModel]) -> None:
        """Note what pydantic found, each at its place."""
        for item in error.errors(include_url=False)[:_MOST_FINDINGS]:
            context: dict[str, Any] = item.get("ctx", {})
            place: Place = (*item["loc"], *([context["at"]] if context.get("at") is not None else []))
            self._add_item(item["type"], place, item["msg"], item["input"], context, model)

    def _add_item(
        self,
        kind: str,
        place: Place,
        message: str,
        given: Any,
        context: dict[str, Any],
        model: type[BaseModel],
    ) -> None:
        key = str(place[-1]) if place else ""
        name = "The file" if not place else "This" if isinstance(place[-1], int) else f"“{key:.60}”"
        match kind:
            case "extra_forbidden":
                self.add(
                    "unknown-key", place, f"“{key:.60}” means nothing here.",
                    near_miss(key, _keys_at(model, place[:-1])), of_key=True,
                )  # fmt: skip
            case "missing":
                self.add("required-field", place, f"“{key}” is missing.", f"Add “{key}: …”.")
            case "bad-value":
                self.add("bad-value", place, message, context["hint"])
            case _:
                wanted = _wanted(kind, context)
                self.add(
                    "wrong-type", place, f"{name} {wanted or message}; it is {given!r:.60}.", _way_out(given)
                )


def near_miss(name: str, choices: Collection[str], most: int = 12) -> str:
    """The suggestion for a name that does not exist: what was probably meant, or what there is."""
    if near := nearest(name, choices):
        return f"Did you mean “{near}”?"
    known = sorted(choices)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"There is: {', '.join(known[:most])}{more}." if known else ""


def _wanted(kind: str, context: dict[str, Any]) -> str:
    match kind:
        case "int_type" | "int_from_float" | "int_parsing":
            return "must be a whole number"
        case "float_type" | "float_parsing" | "finite_number":
            return "must be a number"
        case "string_type":
            return "must be text"
        case "list_type":
            return "must be a list"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be a mapping"
        case "greater_than_equal":
            return f"must be at least {context['ge']:,g}"
        case "greater_than":
            return f"must be more than {context['gt']:,g}"
        case "less_than_equal":
            return f"must be at most {context['le']:,g}"
        case "literal_error":
            return f"must be {context['expected'].replace(chr(39), '')}"
        case "too_long":
            return f"may have {context['max_length']:,} entries"
        case _:
            return ""


def _way_out(given: Any) -> str:
    if isinstance(given, str) and given.strip().endswith("%"):
        return "Write a share as a number: 0.1 for 10%."
    return ""


def _keys_at(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that the part at a place of the file may have."""
    part: Any = model
    for key in place:
        if isinstance(key, int):
            part = get_args(part)[0]
        else:
            fields = {field.alias or name: field for name, field in part.model_fields.items()}
            part = fields[key].annotation
    return [field.alias or name for name, field in part.model_fields.items()]
