"""Opportunities, orders, their lines, and the price books that these are priced by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mock_crm.salesforce import errors
from mock_crm.salesforce.catalogue.stages import STAGES
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.standard_objects.behaviour import (
    Behaviour,
    Check,
    Derive,
    Document,
    Follow,
    NaturalKey,
    RecordChange,
    has_changed,
    is_given,
    parent_of,
    rows_below,
    touched,
)
from mock_crm.salesforce.standard_objects.campaigns import count_opportunities
from mock_crm.salesforce.standard_objects.service import activated
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.values import format_moment

_STAGES = {stage.name.lower(): stage[1:] for stage in STAGES}
_UNKNOWN_STAGE = (False, False, 0.0, "Pipeline", "Pipeline")
_FORECASTS = {
    "Omitted": "Omitted", "Pipeline": "Pipeline", "Best Case": "BestCase", "Commit": "Forecast",
    "Closed": "Closed",
}  # fmt: skip


# -- opportunities -------------------------------------------------------------------------------------------


def _opportunity(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    closed, won, probability, category, category_name = _STAGES.get(
        str(new.get("StageName")).lower(), _UNKNOWN_STAGE
    )
    if has_changed("StageName", new, old):
        new["IsClosed"], new["IsWon"] = closed, won
        if not is_given("Probability", new, old):
            new["Probability"] = probability
        if not is_given("ForecastCategoryName", new, old):
            new["ForecastCategory"], new["ForecastCategoryName"] = category, category_name
        if old is not None:
            new["LastStageChangeDate"] = format_moment(state.clock.now())
    if is_given("ForecastCategoryName", new, old):
        new["ForecastCategory"] = _FORECASTS.get(new["ForecastCategoryName"], "Pipeline")
    if old is not None and old.get("HasOpportunityLineItem"):
        new["Amount"] = old.get("Amount")  # the products make it; what is sent is left aside [D]
    amount, probability = new.get("Amount"), new.get("Probability") or 0
    new["ExpectedRevenue"] = None if amount is None else round(amount * probability / 100, 2)
    closes = date.fromisoformat(new["CloseDate"])
    new["FiscalYear"], new["FiscalQuarter"] = closes.year, (closes.month + 2) // 3
    new["Fiscal"] = f"{closes.year} {new['FiscalQuarter']}"


def _check_opportunity(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if old is not None and old.get("HasOpportunityLineItem") and has_changed("Pricebook2Id", new, old):
        return [errors.price_book_in_use()]
    return []


def _follow_opportunity(state: OrgState, changes: Sequence[RecordChange]) -> None:
    """The contact that a new opportunity names becomes its first contact role [D]; campaigns count it."""
    for change in changes:
        if change.old is None and change.new and change.new.get("ContactId"):
            role = {"OpportunityId": change.id, "ContactId": change.new["ContactId"], "IsPrimary": True}
            state.store.insert("OpportunityContactRole", state.ids.next("00K"), role, state.now_ms())
    count_opportunities(state, changes)


def _one_primary(state: OrgState, changes: Sequence[RecordChange]) -> None:
    """A primary contact takes the place of the one before."""
    for change in changes:
        if not (change.new and change.new.get("IsPrimary")):
            continue
        for row in rows_below(state, "OpportunityContactRole", "OpportunityId", change.new["OpportunityId"]):
            if row.id != change.id and row.document.get("IsPrimary"):
                document = {**row.document, "IsPrimary": False}
                state.store.update("OpportunityContactRole", row.id, document, state.now_ms())


# -- lines ---------------------------------------------------------------------------------------------------


def _check_prices(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if not (is_given("UnitPrice", new, old) and is_given("TotalPrice", new, old)):
        return []
    return [errors.two_prices_of_new_line() if old is None else errors.two_prices_of_line()]


def _line(parent: str) -> Derive:
    """Price and product of a line follow from its price book entry, and one price from the other."""

    def derive(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
        whole = parent_of(state, parent, new, f"{parent}Id")
        if not new.get("PricebookEntryId") and new.get("Product2Id"):
            book = whole.get("Pricebook2Id") or state.identity.standard_pricebook_id
            new["PricebookEntryId"] = _entry_of(state, book, new["Product2Id"])
        entry = parent_of(state, "PricebookEntry", new, "PricebookEntryId")
        if entry:
            new["ListPrice"], new["Product2Id"] = entry.get("UnitPrice"), entry.get("Product2Id")
            if new.get("UnitPrice") is None and new.get("TotalPrice") is None:
                new["UnitPrice"] = new["ListPrice"]
        product = parent_of(state, "Product2", new, "Product2Id")
        new["ProductCode"] = product.get("ProductCode")
        if parent == "Opportunity":
            new["Name"] = f"{whole.get('Name')} {product.get('Name')}"
        quantity = new.get("Quantity") or 0
        sold = quantity * (1 - (new.get("Discount") or 0) / 100)
        if is_given("TotalPrice", new, old) and sold:
            new["UnitPrice"] = round(new["TotalPrice"] / sold, 2)
        elif new.get("UnitPrice") is not None:
            new["TotalPrice"] = round(new["UnitPrice"] * sold, 2)
        new["Subtotal"] = round((new.get("UnitPrice") or 0) * quantity, 2)

    return derive


def _entry_of(state: OrgState, book: str, product: str) -> str | None:
    rows = rows_below(state, "PricebookEntry", "Product2Id", product)
    return next((row.id for row in rows if row.document.get("Pricebook2Id") == book), None)


def _check_line(parent: str) -> Check:
    """A line names an active entry of the price book that its opportunity or order is priced by."""

    def check(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
        entry = parent_of(state, "PricebookEntry", new, "PricebookEntryId")
        if not entry:
            return [errors.no_price_book_entry()]
        book = parent_of(state, parent, new, f"{parent}Id").get("Pricebook2Id")
        if book and entry["Pricebook2Id"] != book:
            return [errors.entry_of_another_price_book(parent.lower())]
        if old is None and not entry.get("IsActive"):
            return [errors.inactive_price_book_entry()]
        return []

    return check


def _follow_lines(parent: str, lines: str) -> Follow:
    """The lines make the amount of their opportunity or order, and the first one chooses its price book."""

    def follow(state: OrgState, changes: Sequence[RecordChange]) -> None:
        for parent_id in touched(changes, f"{parent}Id"):
            row = state.store.get(parent, parent_id)
            if row is None:
                continue
            items = [item.document for item in rows_below(state, lines, f"{parent}Id", parent_id)]
            total = round(sum(item.get("TotalPrice") or 0 for item in items), 2)
            document = dict(row.document)
            if items and not document.get("Pricebook2Id"):
                entry = parent_of(state, "PricebookEntry", items[0], "PricebookEntryId")
                document["Pricebook2Id"] = entry.get("Pricebook2Id")
            if parent == "Order":
                document["TotalAmount"] = float(total)
            elif parent == "Quote":
                document["LineItemCount"], document["TotalPrice"] = len(items), float(total)
                document["Subtotal"] = round(sum(item.get("Subtotal") or 0 for item in items), 2)
                document["GrandTotal"] = _grand_total(document)
            else:
                document["HasOpportunityLineItem"], document["Amount"] = bool(items), float(total)
                document["ExpectedRevenue"] = round(total * (document.get("Probability") or 0) / 100, 2)
            if document != row.document:
                state.store.update(parent, parent_id, document, state.now_ms())

    return follow


def _quote(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    new["AccountId"] = parent_of(state, "Opportunity", new, "OpportunityId").get("AccountId")
    new["LineItemCount"] = new.get("LineItemCount") or 0
    new["TotalPrice"] = new.get("TotalPrice") or 0.0
    new["GrandTotal"] = _grand_total(new)


def _grand_total(quote: Document) -> float:
    parts = (quote.get(name) or 0 for name in ("TotalPrice", "Tax", "ShippingHandling"))
    return round(float(sum(parts)), 2)


# -- price books and orders ----------------------------------------------------------------------------------


def _entry(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    product = parent_of(state, "Product2", new, "Product2Id")
    new["Name"], new["ProductCode"] = product.get("Name"), product.get("ProductCode")


def _check_entry(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    standard_book = state.identity.standard_pricebook_id
    if new["Pricebook2Id"] == standard_book:
        return []
    standard = _entry_of(state, standard_book, new["Product2Id"])
    if old is None and standard is None:
        return [
            SalesforceError(
                "STANDARD_PRICE_NOT_DEFINED",
                "Before creating a custom price, create a standard price.",
                (),
            )
        ]
    price = parent_of(state, "PricebookEntry", {"Id": standard}, "Id").get("UnitPrice")
    if new.get("UseStandardPrice") and new["UnitPrice"] != price:
        return [errors.price_beside_standard_price()]
    return []


def _order(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    activated({"activated": "Activated"})(new, old, state, record_id)
    new["TotalAmount"] = new.get("TotalAmount") or 0.0
    if not new.get("AccountId"):
        new["AccountId"] = parent_of(state, "Contract", new, "ContractId").get("AccountId")


def _check_order(new: Document, old: Document | None, state: OrgState) -> list[SalesforceError]:
    if not new.get("AccountId"):
        return [errors.required_fields_missing(["AccountId"])]
    contract_begins = parent_of(state, "Contract", new, "ContractId").get("StartDate")
    if contract_begins and new["EffectiveDate"] < contract_begins:
        return [errors.order_before_contract()]
    if new["StatusCode"] != "Activated" or not has_changed("StatusCode", new, old):
        return []
    if old is None:
        return [errors.status_not_valid("order")]
    same = rows_below(state, "Order", "OrderNumber", new["OrderNumber"])  # a check knows no ids
    has_items = any(rows_below(state, "OrderItem", "OrderId", row.id) for row in same)
    return [] if has_items else [errors.order_without_products()]


BEHAVIOURS = {
    "Opportunity": Behaviour(_opportunity, _check_opportunity, _follow_opportunity),
    "OpportunityContactRole": Behaviour(follow=_one_primary),
    "OpportunityLineItem": Behaviour(
        _line("Opportunity"),
        _check_line("Opportunity"),
        _follow_lines("Opportunity", "OpportunityLineItem"),
        check_given=_check_prices,
    ),
    "Order": Behaviour(_order, _check_order),
    "OrderItem": Behaviour(_line("Order"), _check_line("Order"), _follow_lines("Order", "OrderItem")),
    "Quote": Behaviour(_quote),
    "QuoteLineItem": Behaviour(_line("Quote"), _check_line("Quote"), _follow_lines("Quote", "QuoteLineItem")),
    "PricebookEntry": Behaviour(
        _entry,
        _check_entry,
        keys=(NaturalKey(("Product2Id", "Pricebook2Id"), lambda other, new: errors.price_already_defined()),),
    ),
}
