"""Saving records with their children, all of them or none (evidence/salesforce.md#trees, [D M])."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.dml import DmlOptions, RowResult
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.standard_objects.operations import SETUP

_MAX_RECORDS = 200
_MAX_LEVELS = 5
_MAX_TYPES = 5

Node = dict[str, Any]


class TreeError(Exception):
    """Some records cannot be saved.

    Attributes:
        failed: Their reference ids and refusals.
    """

    def __init__(self, failed: list[tuple[str, Sequence[SalesforceError]]]) -> None:
        super().__init__()
        self.failed = failed


class TreeInserter:
    """Saves trees level by level; to be used inside a transaction of the store.

    Args:
        org: Where the records go.
        options: How rows are saved.
        is_bounded: Whether the limits of the REST resource apply.

    Attributes:
        results: `referenceId` and `id` of each saved record, parents before their children.
    """

    def __init__(self, org: SalesforceContext, options: DmlOptions, *, is_bounded: bool = True) -> None:
        self._org = org
        self._is_bounded = is_bounded
        self._options = options
        self._saved = 0
        self._types: set[str] = set()
        self._references: set[str] = set()
        self.results: list[dict[str, Any]] = []

    def insert(self, sobject: SObject, nodes: list[Node], parent: tuple[str, str] | None, level: int) -> None:
        """Save the nodes, then their children; `parent` is the field and id that they hang on.

        Raises:
            TreeError: Some of them are refused.
            SalesforceError: The tree is too large, refers to itself wrongly, or names an unknown field.
        """
        self._check(sobject, nodes, level)
        rows, branches = [], []
        for node in nodes:
            values, children = self._parted(sobject, node)
            rows.append({**values, parent[0]: parent[1]} if parent else values)
            branches.append(children)
        results = self._org.dml.insert(sobject, rows, self._options)
        self._note(nodes, results)
        for result, children in zip(results, branches, strict=True):
            for child, field, grandchildren in children:
                self.insert(child, grandchildren, (field, str(result.id)), level + 1)

    def _check(self, sobject: SObject, nodes: list[Node], level: int) -> None:
        if self._is_bounded and sobject.name in SETUP:
            refusal = errors.not_in_trees(sobject.name)
            raise TreeError([(_reference(node), [refusal]) for node in nodes])
        self._types.add(sobject.name)
        self._saved += len(nodes)
        if self._is_bounded and self._saved > _MAX_RECORDS:
            raise errors.too_many_records()
        if self._is_bounded and (level > _MAX_LEVELS or len(self._types) > _MAX_TYPES):
            raise errors.tree_too_large(_MAX_LEVELS, _MAX_TYPES)
        for node in nodes:
            reference = _reference(node)
            if not reference or reference in self._references:
                raise errors.invalid_tree_reference(reference)
            self._references.add(reference)

    def _parted(self, sobject: SObject, node: Node) -> tuple[Node, list[tuple[SObject, str, list[Node]]]]:
        """A node's own values, and its children with their object and the field that points back."""
        by_name = {c.name.lower(): c for c in self._org.schema.children(sobject.name) if c.name}
        values: Node = {}
        children = []
        for key, value in node.items():
            relationship = by_name.get(key.lower())
            holder = self._org.schema.find(relationship.child) if relationship else None
            if relationship and holder and isinstance(value, dict) and "records" in value:
                children.append((holder, relationship.field, list(value["records"])))
                continue
            if self._is_bounded and not self._is_known(sobject, key):
                raise errors.no_access_in_tree(key, sobject.name)
            values[key] = value
        return values, children

    @staticmethod
    def _is_known(sobject: SObject, key: str) -> bool:
        return bool(
            key.lower() == "attributes"
            or sobject.field(key)
            or key.partition(".")[0].partition(":")[0].lower() in sobject.relationships
        )

    def _note(self, nodes: list[Node], results: list[RowResult]) -> None:
        failed = [(_reference(n), r.errors) for n, r in zip(nodes, results, strict=True) if r.errors]
        if failed:
            raise TreeError(failed)
        self.results += [
            {"referenceId": _reference(node), "id": result.id}
            for node, result in zip(nodes, results, strict=True)
        ]


def _reference(node: Node) -> str:
    attributes = node.get("attributes") if isinstance(node, dict) else None
    return str(attributes.get("referenceId", "")) if isinstance(attributes, dict) else ""


def insert_trees(org: SalesforceContext, records: list[Any]) -> list[str]:
    """Save trees whose roots name their types themselves; returns the ids, parents before their children.

    Raises:
        SalesforceError: One of the records is refused; nothing is saved.
    """
    inserter = TreeInserter(org, DmlOptions(), is_bounded=False)
    try:
        with org.store.transaction():
            for record in records:
                attributes = record.get("attributes") if isinstance(record, dict) else None
                name = attributes.get("type") if isinstance(attributes, dict) else None
                inserter.insert(org.schema.named(str(name)), [record], None, 1)
    except TreeError as error:
        reference, refusals = error.failed[0]
        first = refusals[0]
        raise SalesforceError(first.code, f"{reference}: {first.message}", first.fields) from error
    return [result["id"] for result in inserter.results]
