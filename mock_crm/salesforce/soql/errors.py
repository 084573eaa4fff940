"""What SOQL refuses, in Salesforce's codes and words.

Each message that points at a place repeats the text around it, a caret, the row and the column, as the REST
API does. Sources: evidence/salesforce.md#errors, and the public error texts of the SOQL compiler.
"""

from __future__ import annotations

from mock_crm.salesforce.catalogue import absent_objects
from mock_crm.salesforce.errors import SalesforceError, absent_object

_LOOK_IT_UP = "Please reference your WSDL or the describe call for the appropriate names."

_CONTEXT_CHARS = 30
"""How much of the query the message repeats on each side of the caret, and then to the end of the word."""


class SoqlError(SalesforceError):
    """A query that Salesforce would refuse.

    Args:
        code: Salesforce's errorCode, such as MALFORMED_QUERY.
        message: Salesforce's text.
        at: Offset of the offending token in the query; None when the text points nowhere.
        is_syntax: Whether the parser says so, which counts columns from 0.
    """

    def __init__(self, code: str, message: str, at: int | None = None, *, is_syntax: bool = False) -> None:
        super().__init__(code, message)
        self.at = at
        self.is_syntax = is_syntax

    def located(self, text: str) -> SoqlError:
        """The same error with the place in `text` written into its message."""
        if self.at is None:
            return self
        return SoqlError(self.code, pointer(text, self.at, 0 if self.is_syntax else 1) + self.message)


def pointer(text: str, at: int, first_column: int = 1) -> str:
    """The lines that show where `at` is in `text`: the text, a caret, and row and column.

    The caret stands below column - 1: with columns from 0, as the parser counts them, one place before `at`.
    Sources: jsforce 851, restforce 632, SalesforceMobileSDK-ReactNative 82, recorded answers.
    """
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end
    row = text.count("\n", 0, at) + 1
    column = at - line_start + first_column
    start, end = max(line_start, at - _CONTEXT_CHARS), min(line_end, at + _CONTEXT_CHARS)
    at = max(line_start, line_start + column - 1)
    while start > line_start and not (text[start].isspace() or text[start - 1].isspace()):
        start -= 1
    while end < line_end and not text[end].isspace():
        end += 1
    return f"\n{text[start:end].rstrip()}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n"


def malformed(message: str, at: int | None = None) -> SoqlError:
    """The query breaks the grammar or a rule of how clauses combine."""
    return SoqlError("MALFORMED_QUERY", message, at)


def syntax(message: str, at: int | None) -> SoqlError:
    """The parser stops at a token."""
    return SoqlError("MALFORMED_QUERY", message, at, is_syntax=True)


def bind_variable(at: int) -> SoqlError:
    """A name stands where only Apex takes one [P]."""
    return syntax("Bind variables only allowed in Apex code", at)


def semi_join_not_at_top(at: int) -> SoqlError:
    """A subquery of IN stands below OR, NOT or brackets [P]."""
    return malformed(
        "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
        "expressions.",
        at,
    )


def unexpected_token(text: str, at: int | None) -> SoqlError:
    """A token stands where the grammar allows none of its kind."""
    return syntax(f"unexpected token: '{text}'", at)


def no_such_column(name: str, entity: str, at: int) -> SoqlError:
    """The object has no such field, or the user cannot see it."""
    return SoqlError(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure "
        f"to append the '__c' after the custom field name. {_LOOK_IT_UP}",
        at,
    )


_NEVER_QUERIED = frozenset(
    {"activityhistory", "attachedcontentdocument", "combinedattachment", "emailstatus",
     "lookedupfromactivity", "name", "noteandattachment", "openactivity", "ownedcontentdocument"}
)  # fmt: skip
"""What is only read below another record, by a subquery [P]."""


_OF_TOOLING = frozenset(
    {"apexclassmember", "apexcodecoverage", "apexcodecoverageaggregate", "apexorgwidecoverage",
     "apextriggermember", "compactlayout", "containerasyncrequest", "customentitydefinition", "customfield",
     "customobject", "customtab", "fieldset", "flexipage", "flow", "flowdefinition", "globalvalueset",
     "installedsubscriberpackage", "layout", "metadatacomponentdependency", "metadatacontainer", "package2",
     "package2version", "profilelayout", "quickactiondefinition", "releaseupdate", "sourcemember",
     "subscriberpackage", "subscriberpackageversion", "traceflag", "validationrule", "workflowalert",
     "workflowfieldupdate", "workflowrule"}
)  # fmt: skip
"""What the Tooling API alone has; its names are known, so the refusal is short [P] (salesforcecli/mcp 95)."""


def no_such_object(name: str, at: int) -> SoqlError:
    """The org has no such object; of a standard one that the mock lacks it says so."""
    if name.lower() in _NEVER_QUERIED:
        return SoqlError("INVALID_TYPE_FOR_OPERATION", f"entity type {name} does not support query")
    if name.lower() in absent_objects():
        absent = absent_object(name)
        return SoqlError(absent.code, absent.message)
    if name.lower() in _OF_TOOLING:
        return SoqlError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return SoqlError(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
        f"append the '__c' after the entity name. {_LOOK_IT_UP}",
        at,
    )


def no_such_relationship(name: str, place: str, at: int) -> SoqlError:
    """A parent path or a child subquery names a relationship that the object does not have.

    Args:
        name: The relationship as written.
        place: `field path` or `FROM part of query call`.
        at: Offset of the name.
    """
    return SoqlError(
        "INVALID_FIELD" if place == "field path" else "INVALID_TYPE",
        f"Didn't understand relationship '{name}' in {place}. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. " + _LOOK_IT_UP,
        at,
    )


def wrong_operator(kind: str, at: int) -> SoqlError:
    """The operator does not suit the field's type."""
    return SoqlError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {kind} field", at)


def wrong_literal(field: str, kind: str, *, quoted: bool, at: int) -> SoqlError:
    """The literal does not suit the field's type.

    Args:
        field: The field as written in the query.
        kind: The type that a literal must have, in Salesforce's words.
        quoted: Whether such a literal is written in quotes.
        at: Offset of the field.
    """
    verb = "should" if quoted else "should not"
    return SoqlError(
        "INVALID_FIELD",
        f"value of filter criterion for field '{field}' must be of type {kind} "
        f"and {verb} be enclosed in quotes",
        at,
    )


def cannot(field: str, action: str, at: int) -> SoqlError:
    """The field exists but cannot be filtered, sorted, grouped or aggregated."""
    return SoqlError("INVALID_FIELD", f"field '{field}' can not be {action} in a query call", at)
