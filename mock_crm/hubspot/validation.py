"""What clients send for a record, checked and in the form in which it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from mock_crm.hubspot import errors
from mock_crm.hubspot.derivation import hold_lifecycle, is_self_contained
from mock_crm.hubspot.documents import Columns
from mock_crm.hubspot.errors import Problem
from mock_crm.hubspot.references import References
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.values import MOST_CHARACTERS, InvalidValueError, Scalar, text

Given = Mapping[str, Scalar | None]
LINE_ITEMS = "0-8"


def new_values(schema: TypeSchema, given: Given, references: References) -> dict[str, str]:
    """The values of a new record.

    Raises:
        HubSpotError: Some are not valid, refer to nothing, or are missing.
    """
    values = set_values(_read(schema, given, references.portal_id))
    kind = schema.type
    references.complete(kind, values, {})
    if kind.id == LINE_ITEMS and "hs_product_id" in values:
        _inherit(schema, values, references.product(values["hs_product_id"]))
    if kind.required and (missing := [name for name in kind.required if name not in values]):
        raise errors.required_not_set(kind.name, missing)
    if not given and not kind.is_custom:
        raise errors.nothing_to_set()
    return values


def new_columns(schema: TypeSchema, given: Sequence[Given]) -> Columns | None:
    """The values of new records that all give texts to the same properties, and refer to nothing by them.

    None where they do otherwise, and where a value is not valid: `new_values` then tells for each record.
    """
    names = tuple(given[0])
    if set(map(tuple, given)) != {names} or not is_self_contained(schema.type, names):
        return None
    if not names or not schema.readers.keys() >= set(names) >= set(schema.type.required):
        return None
    by_name = zip(*[values.values() for values in given], strict=True)
    columns: dict[str, Sequence[str]] = dict(zip(names, by_name, strict=True))
    values = list(chain.from_iterable(columns.values()))
    if set(map(type, values)) != {str} or not all(values) or max(map(len, values)) > MOST_CHARACTERS:
        return None
    for name in names:
        if name not in schema.texts:
            try:
                columns[name] = list(map(schema.readers[name], columns[name]))
            except InvalidValueError:
                return None
            if not all(columns[name]):
                return None
    return columns


def _inherit(schema: TypeSchema, values: dict[str, str], product: Mapping[str, str]) -> None:
    """Let a line item begin with what its product has and it does not say itself, such as the price.

    Documented by HubSpot in the guide to the products API.
    """
    for name, value in product.items():
        prop = schema.properties.get(name)
        if prop is not None and not (prop.read_only or prop.calculated or name.startswith("hs_object_")):
            values.setdefault(name, value)


def changed_values(
    schema: TypeSchema, before: Mapping[str, str], given: Given, references: References
) -> dict[str, str]:
    """The values that a change sets or, by the empty text, clears.

    Raises:
        HubSpotError: Some are not valid or refer to nothing, or there are none.
    """
    if not given:
        raise errors.nothing_to_set()
    changed = _read(schema, given, references.portal_id)
    for name, value in changed.items():
        if value.startswith(";") and schema.properties[name].field_type == "checkbox":
            # A leading semicolon adds options to those that are chosen.
            chosen = dict.fromkeys(part for part in (before.get(name, "") + value).split(";") if part)
            changed[name] = ";".join(chosen)
    references.complete(schema.type, changed, before)
    hold_lifecycle(before, changed)
    return changed


def set_values(values: dict[str, str]) -> dict[str, str]:
    """The values that are set, without those that are cleared."""
    if "" not in values.values():
        return values
    return {name: value for name, value in values.items() if value}


def _read(schema: TypeSchema, given: Given, portal_id: int) -> dict[str, str]:
    readers, texts = schema.readers, schema.texts
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        if name in texts and type(value) is str and len(value) <= MOST_CHARACTERS:
            values[name] = value  # as its reader would say, in a third of the time
            continue
        reader = readers.get(name)
        if reader is None:
            problems.append(errors.unknown_property(name))
            continue
        try:
            if value is None or value == "":
                prop = schema.properties[name]
                if prop.read_only or prop.calculated:
                    reader("")
                values[name] = ""
            else:
                values[name] = reader(value)
        except InvalidValueError as error:
            sent = None if value is None else text(value)
            problems.append(error.problem._replace(value=sent))
    if problems:
        raise errors.invalid_values(problems, portal_id)
    return values
