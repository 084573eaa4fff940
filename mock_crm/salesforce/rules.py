"""The rules that an org's own people make: validation rules, duplicate rules, and calculated fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mock_crm.core.clock import Clock
from mock_crm.core.store import Row, Store
from mock_crm.salesforce import errors
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.formula import Formula, compile_formula
from mock_crm.salesforce.formula_functions import FormulaError
from mock_crm.salesforce.model import Field, SObject
from mock_crm.salesforce.schema import Schema

_META = "rules"
_MATCHES_SHOWN = 5


class ValidationRule(msgspec.Struct, frozen=True, kw_only=True):
    """Refuses a record for which `condition`, a formula, is true.

    `field` is the API name of the field that the message belongs to; empty for the whole record.
    """

    name: str
    condition: str
    message: str
    field: str = ""
    is_active: bool = True


class DuplicateRule(msgspec.Struct, frozen=True, kw_only=True):
    """Refuses a new record that is equal in all `fields`, without regard to case, to one that exists.

    `is_blocking` rules cannot be bypassed by `Sforce-Duplicate-Rule-Header: allowSave=true`.
    """

    name: str
    fields: tuple[str, ...]
    message: str = "Use one of these records?"
    is_blocking: bool = False
    is_active: bool = True


class _ObjectRules(msgspec.Struct):
    validation: dict[str, ValidationRule] = {}
    duplicates: dict[str, DuplicateRule] = {}


class Rules:
    """The rules of one org, by object.

    Args:
        store: Keeps them.
        schema: The objects that they are about.
        clock: The time that formulas read.
    """

    def __init__(self, store: Store, schema: Schema, clock: Clock) -> None:
        self._store = store
        self._schema = schema
        self._clock = clock
        self._formulas: dict[str, Formula | None] = {}
        self.reload()

    def reload(self) -> None:
        """Read the rules again from the store."""
        kept = self._store.meta(_META, {})
        self._rules = msgspec.convert(kept, dict[str, _ObjectRules])

    # -- changing --------------------------------------------------------------------------------------------

    def put_validation_rule(self, object_name: str, rule: ValidationRule) -> None:
        """Add a validation rule, or replace the one of the same name.

        Raises:
            FormulaError: The condition cannot be read, or uses what the mock does not simulate.
        """
        compile_formula(rule.condition)
        self._of(object_name).validation[rule.name.lower()] = rule
        self._keep()

    def drop_validation_rule(self, object_name: str, name: str) -> bool:
        """Remove a validation rule; False when there is none of this name."""
        return self._drop(self._of(object_name).validation, name)

    def validation_rules(self, object_name: str) -> list[ValidationRule]:
        """The validation rules of an object, in the order in which they were added."""
        return list(self._of(object_name).validation.values())

    def put_duplicate_rule(self, object_name: str, rule: DuplicateRule) -> None:
        """Add a duplicate rule, or replace the one of the same name."""
        self._of(object_name).duplicates[rule.name.lower()] = rule
        self._keep()

    def drop_duplicate_rule(self, object_name: str, name: str) -> bool:
        """Remove a duplicate rule; False when there is none of this name."""
        return self._drop(self._of(object_name).duplicates, name)

    # -- applying --------------------------------------------------------------------------------------------

    def check(
        self,
        sobject: SObject,
        record_id: str,
        new: dict[str, Any],
        old: dict[str, Any] | None,
        *,
        allow_duplicates: bool,
    ) -> list[SalesforceError]:
        """What an object's rules say against a record that is about to be saved."""
        rules = self._rules.get(sobject.name)
        if rules is None:
            return []
        return self._check_validation(rules, sobject, new, old) or self._check_duplicates(
            rules, sobject, record_id, new, old, allow_duplicates=allow_duplicates
        )

    def calculate(self, sobject: SObject, fields: Iterable[Field], record: dict[str, Any]) -> None:
        """Put the values of calculated fields into a whole record; null where that fails."""
        for field in fields:
            formula = self._formula(field.formula)
            if formula is None:
                continue
            try:
                value = formula.evaluate(record, None, self._clock.now())
            except FormulaError:
                value = None
            record[field.name] = bool(value) if field.type == "boolean" else value

    # -- inside ----------------------------------------------------------------------------------------------

    def _of(self, object_name: str) -> _ObjectRules:
        item = self._schema.definition(object_name)
        name = item.name if item else object_name
        return self._rules.setdefault(name, _ObjectRules())

    def _drop(self, rules: dict[str, Any], name: str) -> bool:
        found = rules.pop(name.lower(), None) is not None
        self._keep()
        return found

    def _keep(self) -> None:
        self._store.set_meta(_META, msgspec.to_builtins(self._rules))

    def _formula(self, text: str) -> Formula | None:
        """A formula, read once; None for one that cannot be read."""
        if text not in self._formulas:
            try:
                self._formulas[text] = compile_formula(text)
            except FormulaError:
                self._formulas[text] = None
        return self._formulas[text]

    def _check_validation(
        self, rules: _ObjectRules, sobject: SObject, new: dict[str, Any], old: dict[str, Any] | None
    ) -> list[SalesforceError]:
        if not rules.validation:
            return []
        values = {field.name: new.get(field.name) for field in sobject.by_name.values()}
        refused: list[SalesforceError] = []
        for rule in rules.validation.values():
            formula = self._formula(rule.condition) if rule.is_active else None
            if formula is None:
                continue
            try:
                is_refused = bool(formula.evaluate(values, old, self._clock.now()))
            except FormulaError as error:
                return [errors.formula_failed(rule.name, str(error))]
            if is_refused:
                refused.append(errors.validation_rule(rule.message, rule.field))
        return refused  # every rule has its say (jsforce issue 861)

    def _check_duplicates(
        self,
        rules: _ObjectRules,
        sobject: SObject,
        record_id: str,
        new: dict[str, Any],
        old: dict[str, Any] | None,
        *,
        allow_duplicates: bool,
    ) -> list[SalesforceError]:
        for rule in rules.duplicates.values():
            if not rule.is_active or (allow_duplicates and not rule.is_blocking):
                continue
            if old is not None and all(new.get(name) == old.get(name) for name in rule.fields):
                continue
            matches = self._matches(sobject, rule, record_id, new)
            if matches:
                return [errors.duplicates_detected(rule.message, _result(sobject, rule, matches))]
        return []

    def _matches(
        self, sobject: SObject, rule: DuplicateRule, record_id: str, new: Mapping[str, Any]
    ) -> list[Row]:
        wanted = {name: new.get(name) for name in rule.fields}
        if any(value is None for value in wanted.values()):
            return []
        first = rule.fields[0]
        self._store.declare(sobject.name, (first,))
        found = self._store.lookup(sobject.name, first, wanted[first], limit=1000)
        same = [
            row
            for row in found
            if row.id != record_id
            and all(str(row.document.get(n)).lower() == str(v).lower() for n, v in wanted.items())
        ]
        return same[:_MATCHES_SHOWN]


def _result(sobject: SObject, rule: DuplicateRule, matches: list[Row]) -> dict[str, Any]:
    """What DUPLICATES_DETECTED carries about the matches (evidence/salesforce.md#errors, [P K])."""
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {
                    "type": sobject.name,
                    "url": f"/services/data/sobjects/{sobject.name}/{row.id}",
                },
                "Id": row.id,
            },
        }
        for row in matches
    ]
    match = {
        "entityType": sobject.name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": records,
        "rule": rule.name,
        "size": len(records),
        "success": True,
    }
    return {
        "allowSave": not rule.is_blocking,
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": sobject.name,
        "errorMessage": rule.message,
        "matchResults": [match],
    }
