"""What standard objects ask, refuse and work out beyond their describe; each test names its source."""

from __future__ import annotations

from typing import Any

import pytest

from mock_crm.core.errors import CrmError
from mock_crm.salesforce.org import SalesforceOrg

from .conftest import BASE, Ask

DAY = "2026-03-02"
AT_TEN = {"StartDateTime": f"{DAY}T10:00:00Z"}


@pytest.fixture
def ids(org: SalesforceOrg) -> dict[str, str]:
    """Records that others refer to, by short names."""
    book = org.identity.standard_pricebook_id
    made = {"account": org.create("Account", {"Name": "A"})["id"], "book": book}
    made["contact"] = org.create("Contact", {"LastName": "C", "AccountId": made["account"]})["id"]
    made["lead"] = org.create("Lead", {"LastName": "L", "Company": "C", "City": "Bonn"})["id"]
    made["campaign"] = org.create("Campaign", {"Name": "Fair"})["id"]
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": DAY}
    made["deal"] = org.create("Opportunity", {**deal, "Amount": 7, "CampaignId": made["campaign"]})["id"]
    for name, is_active in (("price", True), ("old", False)):
        product = org.create("Product2", {"Name": name})["id"]
        price = {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 10, "IsActive": is_active}
        made |= {f"{name}_product": product, name: org.create("PricebookEntry", price)["id"]}
    return made


def refusal(org: SalesforceOrg, name: str, values: dict[str, Any], record_id: str = "") -> tuple[Any, ...]:
    with pytest.raises(CrmError) as caught:
        org.update(name, record_id, values) if record_id else org.create(name, values)
    return caught.value.code, caught.value.message, tuple(caught.value.fields)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {**AT_TEN, "EndDateTime": f"{DAY}T11:30:00Z"},
            (f"{DAY}T10:00", f"{DAY}T11:30", f"{DAY}T10:00", 90, DAY, DAY),
        ),
        (
            {"ActivityDateTime": f"{DAY}T23:30:00Z", "DurationInMinutes": 60},
            (f"{DAY}T23:30", "2026-03-03T00:30", f"{DAY}T23:30", 60, DAY, "2026-03-03"),
        ),
        (
            {"IsAllDayEvent": True, "ActivityDate": DAY},
            (f"{DAY}T00:00", f"{DAY}T00:00", f"{DAY}T00:00", 1440, DAY, DAY),
        ),
        (
            {"IsAllDayEvent": True, **AT_TEN, "EndDateTime": "2026-03-03T00:00:00Z"},
            (f"{DAY}T00:00", "2026-03-03T00:00", f"{DAY}T00:00", 2880, DAY, "2026-03-03"),
        ),
    ],
)
def test_the_times_of_an_event_follow_from_each_other(
    org: SalesforceOrg, values: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    # Object Reference on Event
    event = org.create("Event", {"Subject": "s", **values})
    moments = (event[name][:16] for name in ("StartDateTime", "EndDateTime", "ActivityDateTime"))
    days = (event[name] for name in ("DurationInMinutes", "ActivityDate", "EndDate"))
    assert (*moments, *days) == expected


def test_an_event_that_is_moved_keeps_its_duration(org: SalesforceOrg) -> None:
    event = org.create("Event", {**AT_TEN, "DurationInMinutes": 30})["id"]
    moved = org.update("Event", event, {"StartDateTime": f"{DAY}T12:00:00Z"})
    assert moved["EndDateTime"] == f"{DAY}T12:30:00.000+0000"
    assert org.update("Event", event, {"EndDateTime": f"{DAY}T12:10:00Z"})["DurationInMinutes"] == 10
    assert org.update("Event", event, {"Subject": "other"})["DurationInMinutes"] == 10


@pytest.mark.parametrize(
    ("name", "values", "code", "message", "fields"),
    [
        # support.rivasync.com, article 24498086130836, with the longest that events of several days may be
        ("Event", {**AT_TEN, "EndDateTime": f"{DAY}T09:00:00Z"}, "FIELD_INTEGRITY_EXCEPTION",
         "Duration must be between 0 and 20160 minutes: Duration", ("DurationInMinutes",)),
        ("Event", {**AT_TEN, "DurationInMinutes": 20161}, "FIELD_INTEGRITY_EXCEPTION",
         "Duration must be between 0 and 20160 minutes: Duration", ("DurationInMinutes",)),
        # emcasa/backend pull request 720
        ("Event", {**AT_TEN, "EndDateTime": f"{DAY}T11:00:00Z", "DurationInMinutes": 30},
         "INVALID_FIELD_FOR_INSERT_UPDATE",
         "EndDateTime and DurationInMinutes must match, or one of them must be null",
         ("EndDateTime", "DurationInMinutes")),
        # Object Reference on Event
        ("Event", {**AT_TEN, "ActivityDateTime": f"{DAY}T11:00:00Z", "DurationInMinutes": 30},
         "INVALID_FIELD_FOR_INSERT_UPDATE",
         "StartDateTime and ActivityDateTime must match, or one of them must be null",
         ("StartDateTime", "ActivityDateTime")),
        # rioeducation.com on WhatId and WhoId
        ("Task", {"WhoId": "lead", "WhatId": "account"}, "FIELD_INTEGRITY_EXCEPTION",
         "field integrity exception: unknown (if you specify a whatId, the whoId has to be a contact)",
         ("unknown",)),
        ("Task", {"WhatId": "contact"}, "FIELD_INTEGRITY_EXCEPTION",
         "Related To ID: id value of incorrect type: {contact}", ("WhatId",)),
        # A public notebook on loading tasks into a live org
        ("Task", {"IsRecurrence": True, "ActivityDate": DAY}, "INVALID_FIELD_FOR_INSERT_UPDATE",
         "You cannot insert or update ActivityDate for a recurring task", ("ActivityDate",)),
        ("Task", {"IsRecurrence": True}, "FIELD_INTEGRITY_EXCEPTION",
         "Choose a type of date for repeating this task.", ("RecurrenceType",)),
        ("Task", {"IsRecurrence": True, "RecurrenceType": "RecursMonthly", "RecurrenceDayOfWeekMask": 2},
         "FIELD_INTEGRITY_EXCEPTION", "Day of week must be blank for type Recurs Monthly",
         ("RecurrenceDayOfWeekMask",)),
        # bgaldino/rlm-base-dev pull request 54, and a public list of results of SFDMU
        ("OpportunityLineItem",
         {"OpportunityId": "deal", "PricebookEntryId": "price", "Quantity": 1, "UnitPrice": 1,
          "TotalPrice": 1},
         "FIELD_INTEGRITY_EXCEPTION",
         "field integrity exception: unknown (only one of unit price or total price may be specified)",
         ("unknown",)),
        # dataloadercliq issue 85; help.salesforce.com, article 000383141
        ("OpportunityLineItem", {"OpportunityId": "deal", "Quantity": 1, "UnitPrice": 1},
         "FIELD_INTEGRITY_EXCEPTION",
         "field integrity exception: PricebookEntryId, unknown (versions 3.0 and higher must specify "
         "pricebook entry id; others must specify product id)", ("PricebookEntryId", "unknown")),
        ("OpportunityLineItem",
         {"OpportunityId": "deal", "PricebookEntryId": "old", "Quantity": 1, "UnitPrice": 1},
         "FIELD_INTEGRITY_EXCEPTION",
         "field integrity exception: PricebookEntryId (pricebook entry is inactive)", ("PricebookEntryId",)),
        # The same list of results of SFDMU
        ("Account", {"Name": "x", "OwnerId": None}, "INVALID_CROSS_REFERENCE_KEY",
         "Owner ID: owner cannot be blank", ("OwnerId",)),
        ("Event", {**AT_TEN, "DurationInMinutes": 1, "OwnerId": None}, "INVALID_CROSS_REFERENCE_KEY",
         "Assigned To ID: owner cannot be blank", ("OwnerId",)),
        # The rules of names for developers, as deployments quote them
        ("PermissionSet", {"Name": "a b", "Label": "x"}, "FIELD_INTEGRITY_EXCEPTION",
         "The Permission Set API Name field can only contain underscores and alphanumeric characters. It "
         "must be unique, begin with a letter, not include spaces, not end with an underscore, and not "
         "contain two consecutive underscores.", ("Name",)),
        ("Lead", {"LastName": "x", "Company": "x", "IsConverted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE",
         "Unable to create/update fields: IsConverted. Please check the security settings of this field and "
         "verify that it is read/write for your profile or permission set.", ("IsConverted",)),
        # Object Reference on Order
        ("Order", {"EffectiveDate": DAY, "Status": "Draft"}, "REQUIRED_FIELD_MISSING",
         "Required fields are missing: [AccountId]", ("AccountId",)),
        ("Order", {"EffectiveDate": DAY, "Status": "Activated", "AccountId": "account"}, "FAILED_ACTIVATION",
         "Choose a valid order status and save your changes. Ask your admin for details.", ("Status",)),
    ],
)  # fmt: skip
def test_a_record_is_refused_for_what_its_object_asks(
    org: SalesforceOrg,
    ids: dict[str, str],
    name: str,
    values: dict[str, Any],
    code: str,
    message: str,
    fields: tuple[str, ...],
) -> None:
    given = {key: ids.get(value, value) if isinstance(value, str) else value for key, value in values.items()}
    before = org.count(name)
    assert refusal(org, name, given) == (code, message.format(**ids), fields)
    assert org.count(name) == before


def test_the_lines_of_an_opportunity_make_its_amount(org: SalesforceOrg, ids: dict[str, str]) -> None:
    # Object Reference on Opportunity.Amount and OpportunityLineItem
    line = {"OpportunityId": ids["deal"], "Quantity": 2}
    first = org.create("OpportunityLineItem", {**line, "Product2Id": ids["price_product"], "Discount": 10})
    assert (first["PricebookEntryId"], first["Name"]) == (ids["price"], "Deal price")
    assert (first["UnitPrice"], first["TotalPrice"], first["Subtotal"]) == (10.0, 18.0, 20.0)
    second = org.create("OpportunityLineItem", {**line, "PricebookEntryId": ids["price"], "TotalPrice": 30})[
        "id"
    ]
    deal = org.update("Opportunity", ids["deal"], {"Amount": 1, "NextStep": "call"})
    assert (deal["Amount"], deal["NextStep"], deal["ExpectedRevenue"]) == (48.0, "call", 4.8)
    assert (deal["HasOpportunityLineItem"], deal["Pricebook2Id"]) == (True, ids["book"])
    changed = org.update("OpportunityLineItem", second, {"TotalPrice": 20})
    assert (changed["UnitPrice"], changed["TotalPrice"]) == (10.0, 20.0)
    # fishofprey.com, 2012
    both = refusal(org, "OpportunityLineItem", {"TotalPrice": 1, "UnitPrice": 1}, second)
    assert both == (
        "INVALID_FIELD", "Cannot change both 'UnitPrice' and 'TotalPrice' in update call", ("UnitPrice",),
    )  # fmt: skip
    assert refusal(org, "Opportunity", {"Pricebook2Id": None}, ids["deal"])[2] == ("Pricebook2Id",)
    campaign = org.record("Campaign", ids["campaign"])
    assert campaign is not None
    assert (campaign["NumberOfOpportunities"], campaign["NumberOfLeads"]) == (1, 0)
    org.delete("OpportunityLineItem", second)
    assert (org.record("Opportunity", ids["deal"]) or {})["Amount"] == 18.0
    org.undelete("OpportunityLineItem", second)
    assert (org.record("Opportunity", ids["deal"]) or {})["Amount"] == 38.0


def test_a_price_that_is_used_is_not_deleted(org: SalesforceOrg, ids: dict[str, str]) -> None:
    line = {"OpportunityId": ids["deal"], "Quantity": 1, "PricebookEntryId": ids["price"]}
    org.create("OpportunityLineItem", line)
    with pytest.raises(CrmError, match=r"associated with the following opportunity products\.: Deal price"):
        org.delete("PricebookEntry", ids["price"])
    with pytest.raises(CrmError, match="insufficient access rights"):
        org.delete("Pricebook2", ids["book"])


def test_a_price_that_is_the_standard_price_has_none_of_its_own(
    org: SalesforceOrg, ids: dict[str, str]
) -> None:
    # fishofprey.com, 2012; help.salesforce.com, article 000193277
    book = org.create("Pricebook2", {"Name": "Own"})["id"]
    price = {"Product2Id": ids["price_product"], "Pricebook2Id": book, "UseStandardPrice": True}
    assert refusal(org, "PricebookEntry", {**price, "UnitPrice": 9})[:2] == (
        "FIELD_INTEGRITY_EXCEPTION", "field integrity exception",
    )  # fmt: skip
    assert org.create("PricebookEntry", {**price, "UnitPrice": 10})["UseStandardPrice"]


def test_an_order_is_activated_once_it_has_products(org: SalesforceOrg, ids: dict[str, str]) -> None:
    contract = {"AccountId": ids["account"], "StartDate": "2026-01-31", "ContractTerm": 1}
    signed = org.create("Contract", contract)
    assert signed["EndDate"] == "2026-02-27"
    order = {"EffectiveDate": DAY, "Status": "Draft", "ContractId": signed["id"]}
    early = refusal(org, "Order", {**order, "EffectiveDate": "2026-01-30"})
    assert (early[0], early[2]) == ("FIELD_INTEGRITY_EXCEPTION", ("EffectiveDate",))
    made = org.create("Order", order)
    assert (made["AccountId"], made["OrderNumber"], made["TotalAmount"]) == (ids["account"], "00000002", 0.0)
    assert refusal(org, "Order", {"Status": "Activated"}, made["id"])[:2] == (
        "FAILED_ACTIVATION", "An order must have at least one product.",
    )  # fmt: skip
    item = {"OrderId": made["id"], "PricebookEntryId": ids["price"], "Quantity": 3, "UnitPrice": 2}
    assert org.create("OrderItem", item)["OrderItemNumber"] == "0000000001"
    active = org.update("Order", made["id"], {"Status": "Activated"})
    assert (active["TotalAmount"], active["StatusCode"], active["Pricebook2Id"]) == (
        6.0, "Activated", ids["book"],
    )  # fmt: skip


def test_a_quote_adds_up_its_lines(org: SalesforceOrg, ids: dict[str, str]) -> None:
    # Object Reference on Quote and QuoteLineItem
    quote = org.create("Quote", {"Name": "Q", "OpportunityId": ids["deal"], "Tax": 1, "ShippingHandling": 2})
    assert (quote["QuoteNumber"], quote["GrandTotal"], quote["LineItemCount"]) == ("00000001", 3.0, 0)
    line = {"QuoteId": quote["id"], "PricebookEntryId": ids["price"], "Quantity": 2, "UnitPrice": 5}
    org.create("QuoteLineItem", {**line, "Discount": 50})
    whole = org.record("Quote", quote["id"]) or {}
    names = ("LineItemCount", "Subtotal", "TotalPrice", "GrandTotal", "Pricebook2Id")
    assert [whole[name] for name in names] == [1, 10.0, 5.0, 8.0, ids["book"]]


def test_a_campaign_has_statuses_and_counts_its_members(org: SalesforceOrg, ids: dict[str, str]) -> None:
    # Object Reference on CampaignMember and CampaignMemberStatus
    statuses = org.query(
        "SELECT Label, IsDefault, HasResponded FROM CampaignMemberStatus "
        f"WHERE CampaignId = '{ids['campaign']}' ORDER BY SortOrder"
    )
    assert [(s["Label"], s["IsDefault"], s["HasResponded"]) for s in statuses] == [
        ("Sent", True, False), ("Responded", False, True),
    ]  # fmt: skip
    member = {"CampaignId": ids["campaign"], "LeadId": ids["lead"], "Status": "Unheard of"}
    lead = org.create("CampaignMember", member)
    assert (lead["Status"], lead["City"], lead["CompanyOrAccount"]) == ("Sent", "Bonn", "C")
    both = {"ContactId": ids["contact"], "LeadId": ids["lead"], "Status": "responded"}
    responded = org.create("CampaignMember", {"CampaignId": ids["campaign"], **both})
    assert responded["LeadId"] is None
    assert (responded["Status"], responded["HasResponded"]) == ("Responded", True)
    assert responded["CompanyOrAccount"] == "A"
    org.delete("CampaignMember", lead["id"])
    campaign = org.record("Campaign", ids["campaign"]) or {}
    names = ("NumberOfLeads", "NumberOfContacts", "NumberOfResponses")
    assert [campaign[name] for name in names] == [0, 1, 1]


def test_the_contact_of_an_opportunity_is_its_primary_role(org: SalesforceOrg, ids: dict[str, str]) -> None:
    # Object Reference on Opportunity.ContactId and OpportunityContactRole.IsPrimary
    deal = {"Name": "x", "StageName": "Prospecting", "CloseDate": DAY, "ContactId": ids["contact"]}
    made = org.create("Opportunity", deal)["id"]
    other = org.create("Contact", {"LastName": "other"})["id"]
    org.create("OpportunityContactRole", {"OpportunityId": made, "ContactId": other, "IsPrimary": True})
    roles = org.query(
        f"SELECT ContactId, IsPrimary FROM OpportunityContactRole WHERE OpportunityId = '{made}'"
    )
    assert [(role["ContactId"], role["IsPrimary"]) for role in roles] == [
        (ids["contact"], False), (other, True),
    ]  # fmt: skip


def test_nobody_gives_himself_another_profile(org: SalesforceOrg) -> None:
    # jamesward/salesforce-webhook-creator issue 2
    other = next(p["id"] for p in org.records("Profile") if p["id"] != org.identity.profile_id)
    assert refusal(org, "User", {"ProfileId": other}, org.identity.user_id) == (
        "FIELD_INTEGRITY_EXCEPTION", "Cannot change profile for current user", ("ProfileId",),
    )  # fmt: skip
    assert org.update("User", org.identity.user_id, {"Title": "x"})["Title"] == "x"


def test_a_contact_is_related_to_an_account_once(org: SalesforceOrg, ids: dict[str, str]) -> None:
    # Object Reference on AccountContactRelation
    other = org.create("Account", {"Name": "B"})["id"]
    relation = {"ContactId": ids["contact"], "AccountId": other}
    org.create("AccountContactRelation", relation)
    assert refusal(org, "AccountContactRelation", relation) == (
        "DUPLICATE_VALUE", "This contact already has a relationship with this account.",
        ("ContactId", "AccountId"),
    )  # fmt: skip


def test_a_forecast_category_is_one_thing_by_two_names(org: SalesforceOrg, ids: dict[str, str]) -> None:
    made = org.update("Opportunity", ids["deal"], {"ForecastCategoryName": "Best Case"})
    assert made["ForecastCategory"] == "BestCase"


@pytest.mark.anyio
async def test_what_is_only_read_takes_no_writes(ask: Ask, org: SalesforceOrg) -> None:
    # A public guide on migrations quotes the first; the labels are those of the objects
    answer = await ask("POST", "sobjects/OpportunityHistory", {})
    assert (answer.status_code, answer.json()) == (
        400,
        [
            {
                "message": "entity type Opportunity History does not support create",
                "errorCode": "INVALID_TYPE_FOR_OPERATION",
                "fields": [],
            }
        ],
    )
    stage = org.records("OpportunityStage")[0]["id"]
    version = org.create("ContentVersion", {"PathOnClient": "a", "VersionData": "eA=="})["id"]
    for method, path in (
        ("PATCH", f"OpportunityStage/{stage}"), ("DELETE", f"ContentVersion/{version}"),
        ("POST", "ContentDocument"),
    ):  # fmt: skip
        refused = await ask(method, f"sobjects/{path}", {})
        assert refused.json()[0]["errorCode"] == "INVALID_TYPE_FOR_OPERATION", path
    described = (await ask("GET", f"{BASE}/sobjects/ContentVersion/describe")).json()
    assert (described["createable"], described["deletable"]) == (True, False)


@pytest.mark.anyio
async def test_what_is_no_base64_is_refused(ask: Ask, org: SalesforceOrg, ids: dict[str, str]) -> None:
    body = {"Name": "a", "ParentId": ids["account"], "Body": "@@"}
    answer = await ask("POST", "sobjects/Attachment", body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    assert answer.json()[0]["message"].startswith("Cannot deserialize instance of base64 from VALUE_STRING")
    made = await ask("POST", "sobjects/Attachment", {**body, "Body": "aGk=\n"})
    assert (org.record("Attachment", made.json()["id"]) or {})["BodyLength"] == 2
