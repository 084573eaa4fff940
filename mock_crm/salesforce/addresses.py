"""State and country pick lists: the codes that addresses have with this feature, kept in step with the names.

With it an address has two fields more, such as `BillingStateCode` and `BillingCountryCode`, and a state has
to be one of its country (Salesforce Help, "State and Country/Territory Picklist Field-Syncing Logic").
Sources of the refusals: NPSP issues 994, 2432 and 6405, Salesforce Stack Exchange 122863.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec

from mock_crm.salesforce import errors
from mock_crm.salesforce.catalogue import FOLDER
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.model import Field, PicklistValue, SObject

Document = dict[str, Any]


class Country(msgspec.Struct, frozen=True):
    """A country and its states, by their codes."""

    name: str
    states: dict[str, str] = {}


class _Catalogue(msgspec.Struct):
    sources: str
    countries: dict[str, Country]


@cache
def countries() -> Mapping[str, Country]:
    """All countries by their codes, in the order of their names."""
    text = (FOLDER / "countries.json").read_bytes()
    return msgspec.json.decode(text, type=_Catalogue).countries


class Address(NamedTuple):
    """The four fields of one address of an object."""

    country: Field
    country_code: Field
    state: Field
    state_code: Field


def with_codes(sobject: SObject) -> SObject:
    """The object with the fields for codes behind the country of each of its addresses."""
    fields: list[Field] = []
    for field in sobject.fields:
        fields.append(field)
        if field.name.endswith("Country") and field.compound.endswith("Address"):
            fields += _codes(field, sobject)
    return sobject.with_fields(fields) if len(fields) > len(sobject.fields) else sobject


def _codes(country: Field, sobject: SObject) -> Iterator[Field]:
    start = country.name.removesuffix("Country")
    state = sobject.field(f"{start}State")
    if state is None:
        return
    states = tuple(
        PicklistValue(code, name, goes_with=(of,))
        for of, found in countries().items()
        for code, name in found.states.items()
    )
    names = tuple(PicklistValue(code, found.name) for code, found in countries().items())
    for name, values, controller in (
        (f"{start}StateCode", states, f"{start}CountryCode"),
        (f"{start}CountryCode", names, ""),
    ):
        source = state if controller else country
        yield Field(
            name=name, label=f"{source.label} Code", type="picklist", length=10, values=values,
            createable=source.createable, updateable=source.updateable, compound=country.compound,
            controlled_by=controller,
        )  # fmt: skip


def addresses_of(sobject: SObject) -> tuple[Address, ...]:
    """The addresses of an object that have codes."""
    starts = (name.removesuffix("countrycode") for name in sobject.by_name if name.endswith("countrycode"))
    return tuple(
        Address(
            sobject.by_name[f"{start}country"],
            sobject.by_name[f"{start}countrycode"],
            sobject.by_name[f"{start}state"],
            sobject.by_name[f"{start}statecode"],
        )
        for start in starts
        if f"{start}statecode" in sobject.by_name
    )


def keep_in_step(address: Address, new: Document, old: Document | None) -> SalesforceError | None:
    """Let the names of an address follow its codes and the codes its names, or say why they cannot."""
    before = old or {}
    changed = {field.name for field in address if new.get(field.name) != before.get(field.name)}
    if not changed:
        return None
    return _country(address, new, changed, is_new=old is None) or _state(
        address, new, changed, is_new=old is None
    )


def _country(address: Address, new: Document, changed: set[str], *, is_new: bool) -> SalesforceError | None:
    country, country_code, state, state_code = address
    by_code = country_code.name in changed
    if not by_code and country.name not in changed:
        return None
    given = new.get(country_code.name if by_code else country.name)
    if given is None:
        for field in (country, country_code):
            new[field.name] = None
        for name in {state.name, state_code.name} - changed:
            new[name] = None
        return None
    code = _code(given, {code: found.name for code, found in countries().items()}, by_code=by_code)
    if code is None:
        return errors.no_such_country_code(country_code.name, given) if by_code else _no_country(country)
    name = countries()[code].name
    if by_code and country.name in changed and not is_new and not _same(new.get(country.name), name):
        return _no_country(country)
    new[country.name], new[country_code.name] = name, code
    return None


def _state(address: Address, new: Document, changed: set[str], *, is_new: bool) -> SalesforceError | None:
    _, country_code, state, state_code = address
    by_code = state_code.name in changed and new.get(state_code.name) is not None
    if state.name in changed and new.get(state.name) is None and not by_code:
        new[state_code.name] = None
    if state_code.name in changed and not by_code and state.name not in changed:
        new[state.name] = None
    field = state_code if by_code or state.name not in changed else state
    given = new.get(field.name)
    if given is None:
        return None
    in_country = countries().get(str(new.get(country_code.name)))
    if in_country is None:
        return errors.state_without_country(field.label, field.name)
    code = _code(given, in_country.states, by_code=field is state_code)
    if code is None and field is state:
        return errors.no_such_state(state.label, state.name)
    if code is None:
        is_known = any(str(given).upper() in found.states for found in countries().values())
        if is_known:
            return errors.state_of_another_country(state_code.label, state_code.name)
        return errors.no_such_state_code(state_code.name, str(given))
    name = in_country.states[code]
    if by_code and state.name in changed and not is_new and not _same(new.get(state.name), name):
        return errors.no_such_state(state.label, state.name)
    new[state.name], new[state_code.name] = name, code
    return None


def _no_country(country: Field) -> SalesforceError:
    return errors.no_such_country(country.label, country.name)


def _code(given: Any, names: Mapping[str, str], *, by_code: bool) -> str | None:
    """The code that is given in any case, or whose name is."""
    if by_code:
        return str(given).upper() if str(given).upper() in names else None
    return next((code for code, name in names.items() if _same(given, name)), None)


def _same(given: Any, name: str) -> bool:
    return str(given).casefold() == name.casefold()
