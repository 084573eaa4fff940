"""Associations in both generations (evidence/hubspot.md#answers; HubSpot's associations v4 documentation)."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest

from mock_crm.hubspot.org import HubSpotOrg

New = Callable[..., Awaitable[str]]
Call = Callable[..., Awaitable[httpx.Response]]

pytestmark = pytest.mark.anyio


async def test_an_association_of_no_kind_is_refused(call: Call, new: New) -> None:
    contact, company = await new("contacts", firstname="A"), await new("companies", name="C")
    path = "/crm/v4/associations/contacts/companies/batch/create"
    inputs = [{"from": {"id": contact}, "to": {"id": company}, "types": []}]
    answer = await call("POST", path, {"inputs": inputs})
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_TYPES"
    single = await call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}", [])
    assert (single.status_code, single.json()["subCategory"]) == (400, "crm.associations.NO_TYPES")


V4 = "/crm/v4/associations/contacts/companies"
Pair = tuple[str, str]


@pytest.fixture
async def pair(new: New) -> Pair:
    """A contact and a company."""
    return await new("contacts", email="a@example.com"), await new("companies", name="Acme")


async def linked(call: Any, contact: str, version: str = "v4") -> list[Any]:
    path = f"/crm/{version}/objects/contacts/{contact}/associations/companies"
    answer = await call("GET", path)
    assert answer.status_code == 200
    return list(answer.json()["results"])


async def test_a_default_association_answers_both_directions(call: Call, pair: Pair) -> None:
    contact, company = pair
    path = f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}"
    answer = await call("PUT", path)
    assert answer.status_code == 200
    assert answer.json()["results"] == [
        {
            "from": {"id": contact},
            "to": {"id": company},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279},
        },
        {
            "from": {"id": company},
            "to": {"id": contact},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280},
        },
    ]


async def test_a_primary_link_is_an_unlabelled_one_too(call: Call, pair: Pair) -> None:
    # Recorded in search/contacts/contacts-to-companies.json
    contact, company = pair
    path = f"/crm/objects/2026-03/contacts/{contact}/associations/companies/{company}"
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    answer = await call("PUT", path, spec)
    assert answer.status_code == 201
    assert answer.json() == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": int(contact),
        "toObjectTypeId": "0-2",
        "toObjectId": int(company),
        "labels": ["Primary"],
    }
    assert await linked(call, contact) == [
        {
            "toObjectId": int(company),
            "associationTypes": [
                {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
                {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
            ],
        }
    ]
    names = [entry["type"] for entry in await linked(call, contact, "v3")]
    assert names == ["contact_to_company", "contact_to_company_unlabeled"]


async def test_a_contact_has_one_primary_company(call: Call, pair: Pair, new: New) -> None:
    contact, company = pair
    other = await new("companies", name="Other")
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    for target in (company, other):
        await call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/companies/{target}", spec)
    kinds = [[kind["typeId"] for kind in one["associationTypes"]] for one in await linked(call, contact)]
    assert kinds == [[1, 279], [279]]


async def test_labels_work_in_both_directions_until_they_are_deleted(call: Call, pair: Pair) -> None:
    contact, company = pair
    created = await call("POST", f"{V4}/labels", {"name": "boss", "label": "Boss", "inverseLabel": "Firm"})
    assert created.status_code == 200
    there, back = (spec["typeId"] for spec in created.json()["results"])
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": there}]
    await call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}", spec)
    inverse = await call("GET", f"/crm/v4/objects/companies/{company}/associations/contacts")
    assert [kind["typeId"] for kind in inverse.json()["results"][0]["associationTypes"]] == [2, back, 280]
    assert {"category": "USER_DEFINED", "typeId": back, "label": "Firm"} in (
        inverse.json()["results"][0]["associationTypes"]
    )
    changed = await call("PUT", f"{V4}/labels", {"associationTypeId": there, "label": "Chief"})
    assert changed.status_code == 204
    assert [kind["label"] for kind in (await linked(call, contact))[0]["associationTypes"]] == [
        "Primary", "Chief", None,
    ]  # fmt: skip
    assert (await call("DELETE", f"{V4}/labels/{there}")).status_code == 204
    assert [kind["typeId"] for kind in (await linked(call, contact))[0]["associationTypes"]] == [1, 279]


async def test_a_label_that_is_given_takes_the_place_of_the_users_others(call: Call, new: New) -> None:
    """HubSpot's guide to associations v4; live: StanfordCorporation/Conveyancing-Portal-Hubspot (2025)."""
    one, other = await new("contacts", firstname="A"), await new("contacts", firstname="B")
    path = "/crm/v4/associations/contacts/contacts"
    ids = []
    for label in ("Admin", "Viewer"):
        made = await call("POST", f"{path}/labels", {"name": label.lower(), "label": label})
        ids.append(made.json()["results"][0]["typeId"])
    first, second = ([{"associationCategory": "USER_DEFINED", "associationTypeId": each}] for each in ids)
    single = f"/crm/v4/objects/contacts/{one}/associations/contacts"
    ends = {"from": {"id": one}, "to": {"id": other}}

    async def labels() -> list[str | None]:
        (linked,) = (await call("GET", single)).json()["results"]
        return [kind["label"] for kind in linked["associationTypes"]]

    # With a label, two records are also associated without one.
    await call("PUT", f"{single}/{other}", first)
    assert await labels() == ["Admin", None]
    await call("PUT", f"{single}/{other}", second)
    assert await labels() == ["Viewer", None]
    await call("POST", f"{path}/batch/create", {"inputs": [ends | {"types": first}]})
    assert await labels() == ["Admin", None]
    both = {"inputs": [ends | {"types": first}, ends | {"types": second}]}
    assert (await call("POST", f"{path}/batch/create", both)).status_code == 201
    assert await labels() == ["Admin", "Viewer", None]
    await call("PUT", f"/crm/v4/objects/contacts/{one}/associations/default/contacts/{other}")
    assert await labels() == ["Admin", "Viewer", None]
    await call("POST", f"{path}/batch/labels/archive", {"inputs": [ends | {"types": first + second}]})
    assert await labels() == [None]


async def test_a_single_association_of_an_unknown_type_is_refused(call: Call, pair: Pair) -> None:
    """cesc1989/apuntes (2024), with the answer."""
    contact, company = pair
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": 3}]
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
    body = {"properties": {"firstname": "A"}, "associations": [{"to": {"id": company}, "types": spec}]}
    for method, where, given in (("PUT", path, spec), ("POST", "/crm/v3/objects/contacts", body)):
        answer = await call(method, where, given)
        assert answer.status_code == 400
        assert {name: answer.json()[name] for name in ("message", "context", "category")} == {
            "message": "One or more associations are invalid",
            "context": {
                "associationSpec": ["USER_DEFINED=3"],
                "INVALID_ASSOCIATION_TYPE_ID": ["USER_DEFINED=3 is not a valid association definition id"],
            },
            "category": "VALIDATION_ERROR",
        }


async def test_batches_make_read_relabel_and_break_links(call: Call, pair: Pair) -> None:
    contact, company = pair
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number} for number in (1, 279)]
    one = {"from": {"id": contact}, "to": {"id": company}}
    made = await call("POST", f"{V4}/batch/create", {"inputs": [one | {"types": types}]})
    assert (made.status_code, made.json()["results"][0]["labels"]) == (201, ["Primary"])
    read = await call("POST", f"{V4}/batch/read", {"inputs": [{"id": contact}]})
    assert read.json()["results"][0]["to"][0]["toObjectId"] == int(company)
    label = await call("POST", f"{V4}/batch/labels/archive", {"inputs": [one | {"types": types[:1]}]})
    assert label.status_code == 204
    assert [kind["typeId"] for kind in (await linked(call, contact))[0]["associationTypes"]] == [279]
    gone = await call(
        "POST", f"{V4}/batch/archive", {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]}
    )
    assert gone.status_code == 204
    assert await linked(call, contact) == []


async def test_version_3_names_its_types(call: Call, pair: Pair) -> None:
    contact, company = pair
    path = f"/crm/v3/objects/contacts/{contact}/associations/companies/{company}/contact_to_company"
    answer = await call("PUT", path)
    assert answer.status_code == 200
    assert answer.json()["associations"]["companies"]["results"][0]["id"] == company
    inputs = {"inputs": [{"id": contact}]}
    read = await call("POST", "/crm/v3/associations/contacts/companies/batch/read", inputs)
    assert {entry["type"] for entry in read.json()["results"][0]["to"]} == {
        "contact_to_company",
        "contact_to_company_unlabeled",
    }
    assert (await call("DELETE", path)).status_code == 204
    types = await call("GET", "/crm/v3/associations/contacts/companies/types")
    assert {"id": "279", "name": "contact_to_company_unlabeled"} in types.json()["results"]


async def test_links_are_paged_without_loss(call: Call, new: New) -> None:
    company = await new("companies", name="Acme")
    contacts = [await new("contacts", email=f"c{number}@example.com") for number in range(5)]
    inputs = [{"from": {"id": company}, "to": {"id": contact}} for contact in contacts]
    path = "/crm/v4/associations/companies/contacts/batch/associate/default"
    assert len((await call("POST", path, {"inputs": inputs})).json()["results"]) == 10
    seen: list[str] = []
    link = f"/crm/v4/objects/companies/{company}/associations/contacts?limit=2"
    while link:
        body = (await call("GET", link)).json()
        seen += [str(one["toObjectId"]) for one in body["results"]]
        link = body.get("paging", {}).get("next", {}).get("link", "")
    assert seen == contacts


async def test_an_archived_record_has_no_links(call: Call, pair: Pair) -> None:
    contact, company = pair
    await call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    await call("DELETE", f"/crm/v3/objects/companies/{company}")
    assert await linked(call, contact) == []


async def test_a_merge_hands_over_the_links_and_keeps_one_primary_company(call: Call, new: New) -> None:
    contacts = [await new("contacts", email=f"c{number}@example.com") for number in range(2)]
    companies = [await new("companies", name=f"Company {number}") for number in range(2)]
    for contact, company in zip(contacts, companies, strict=True):
        await call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    body = {"primaryObjectId": contacts[0], "objectIdToMerge": contacts[1]}
    merged = (await call("POST", "/crm/v3/objects/contacts/merge", body)).json()["id"]
    for contact in (merged, *contacts):
        found = await linked(call, contact)
        assert [one["toObjectId"] for one in found] == [int(company) for company in companies]
        kinds = [[kind["typeId"] for kind in one["associationTypes"]] for one in found]
        assert kinds == [[1, 279], [279]]
    asked = "associations=contacts&properties=num_associated_contacts"
    record = (await call("GET", f"/crm/v3/objects/companies/{companies[0]}?{asked}")).json()
    assert record["properties"]["num_associated_contacts"] == "1"
    assert {entry["id"] for entry in record["associations"]["contacts"]["results"]} == {merged}
    third = await new("companies", name="Third")
    await call("PUT", f"/crm/v4/objects/contacts/{contacts[1]}/associations/default/companies/{third}")
    assert len(await linked(call, merged)) == 3


async def test_what_is_no_id_has_an_error_of_its_own_in_a_batch(call: Call, new: New) -> None:
    """A monitor of August 2026 tells the two apart: only the first means that there is no association."""
    deal = await new("deals", dealname="A")
    body = {"inputs": [{"id": deal}, {"id": "abc"}]}
    answer = await call("POST", "/crm/v4/associations/deals/companies/batch/read", body)
    assert answer.status_code == 207
    assert [(error["category"], error["subCategory"]) for error in answer.json()["errors"]] == [
        ("OBJECT_NOT_FOUND", "crm.associations.NO_ASSOCIATIONS_FOUND"),
        ("VALIDATION_ERROR", "crm.associations.INVALID_IDENTIFIER"),
    ]


async def test_a_merged_company_counts_the_contacts_of_both(call: Call, new: New) -> None:
    companies = [await new("companies", name=name) for name in ("A", "B")]
    for number, company in enumerate(companies):
        contact = await new("contacts", email=f"c{number}@example.com")
        await call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    body = {"primaryObjectId": companies[0], "objectIdToMerge": companies[1]}
    merged = (await call("POST", "/crm/v3/objects/companies/merge", body)).json()
    assert merged["properties"]["num_associated_contacts"] == "2"


async def test_an_account_may_limit_its_own_associations(call: Call, new: New) -> None:
    # documented: HubSpot's guide to association limits; the refusal's text is unverified
    base = "/crm/v4/associations/definitions/configurations"
    pair = f"{base}/deals/contacts/batch"
    limit = {"category": "HUBSPOT_DEFINED", "typeId": 3, "maxToObjectIds": 1}
    made = await call("POST", f"{pair}/create", {"inputs": [limit]})
    assert made.status_code == 201
    shown = {"category": "HUBSPOT_DEFINED", "typeId": 3, "userEnforcedMaxToObjectIds": 1, "label": None}
    assert made.json()["results"] == [shown]
    for path in ("all", "deals/contacts"):
        assert (await call("GET", f"{base}/{path}")).json() == {"results": [shown]}
    deal = await new("deals", dealname="One")
    first, second = await new("contacts", email="a@example.com"), await new("contacts", email="b@example.com")
    default = "/crm/v4/associations/contacts/deals/batch/associate/default"
    inputs = [{"from": {"id": contact}, "to": {"id": deal}} for contact in (first, first, second)]
    answer = await call("POST", default, {"inputs": inputs})
    assert answer.status_code == 207
    assert [error["subCategory"] for error in answer.json()["errors"]] == ["crm.associations.LIMIT_REACHED"]
    assert (await call("POST", f"{pair}/update", {"inputs": [limit | {"maxToObjectIds": 2}]})).json()[
        "results"
    ] == [{"category": "HUBSPOT_DEFINED", "typeId": 3, "userEnforcedMaxToObjectIds": 2}]
    assert (await call("POST", default, {"inputs": inputs})).status_code == 200
    assert (await call("POST", f"{pair}/purge", {"inputs": [limit]})).status_code == 204
    assert (await call("GET", f"{base}/all")).json() == {"results": []}


async def test_a_report_of_association_usage_is_promised(call: Call) -> None:
    answer = await call("POST", "/crm/v4/associations/usage/high-usage-report/7")
    assert (answer.status_code, answer.json()["userId"]) == (200, 7)


async def test_a_batch_of_v3_shows_a_hundred_associations_of_a_record_and_where_the_others_are(
    call: Call, new: New, org: HubSpotOrg
) -> None:
    """HubSpot/hubspot-api-python#135 (2022), with the answer."""
    company = await new("companies", name="C")
    inputs = [{"properties": {"email": f"p{number}@example.com"}} for number in range(101)]
    contacts = []
    for part in (inputs[:100], inputs[100:]):
        made = await call("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": part})
        contacts += [record["id"] for record in made.json()["results"]]
    pairs = [{"from": {"id": company}, "to": {"id": contact}} for contact in contacts]
    for part in (pairs[:100], pairs[100:]):
        path = "/crm/v4/associations/companies/contacts/batch/associate/default"
        assert (await call("POST", path, {"inputs": part})).status_code == 200
    path = "/crm/v3/associations/company/contact/batch/read"
    (result,) = (await call("POST", path, {"inputs": [{"id": company}]})).json()["results"]
    seen = {entry["id"] for entry in result["to"]}
    assert len(seen) == 100
    following = result["paging"]["next"]
    assert re.fullmatch(rb"0-(2|280)-\d+", b64decode(unquote(following["after"])))
    own = f"/crm/v3/objects/0-2/{company}/associations/0-1"
    assert following["link"].endswith(f"{own}?portalId={org.portal_id}&after={following['after']}")
    encoded_again = quote(following["after"])
    for page in (following["link"], f"{own}?after={encoded_again}", f"{own}?after={unquote(encoded_again)}"):
        rest = (await call("GET", page)).json()
        assert seen | {entry["id"] for entry in rest["results"]} == set(contacts)
        assert "paging" not in rest
    for wrong in ("100", "é", "MC0yLXg="):
        assert (await call("GET", f"{own}?after={quote(wrong)}")).status_code == 400


async def test_associations_come_by_their_types_and_the_ids_of_the_other_records(
    call: Call, new: New
) -> None:
    """belong-inc/go-hubspot#27 (2023), with the answer."""
    parent, own, second, first = [await new("companies", name=name) for name in "POBA"]
    path = f"/crm/v3/objects/company/{own}/associations/company"
    for child in (second, first):
        assert (await call("PUT", f"{path}/{child}/parent_to_child_company")).status_code == 200
    assert (await call("PUT", f"{path}/{parent}/child_to_parent_company")).status_code == 200
    children, everyone = sorted([first, second], key=int), sorted([parent, first, second], key=int)
    wanted = [
        *({"id": each, "type": "parent_to_child_company"} for each in children),
        {"id": parent, "type": "child_to_parent_company"},
        *({"id": each, "type": "company_to_company"} for each in everyone),
    ]
    assert (await call("GET", path)).json()["results"] == wanted
    inline = (await call("GET", f"/crm/v3/objects/companies/{own}?associations=companies")).json()
    assert inline["associations"]["companies"]["results"] == wanted
    seen: list[Any] = []
    following = f"{path}?limit=1"
    while following:
        page = (await call("GET", following)).json()
        assert len(page["results"]) == 1
        seen += page["results"]
        following = page.get("paging", {}).get("next", {}).get("link", "")
    assert seen == wanted


async def test_a_record_shows_a_hundred_associations_and_where_the_others_are(call: Call, new: New) -> None:
    """HubSpot's changelog of October 2020, which names the lists and reads of records."""
    deal = await new("deals", dealname="D")
    for first in (0, 100):
        inputs = [{"properties": {"email": f"p{first + number}@example.com"}} for number in range(60)]
        spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 4}]
        for each in inputs:
            each["associations"] = [{"to": {"id": deal}, "types": spec}]  # type: ignore[assignment]
        made = await call("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": inputs})
        assert made.status_code == 201
    record = (await call("GET", f"/crm/v3/objects/deals/{deal}?associations=contacts")).json()
    linked = record["associations"]["contacts"]
    assert (await call("GET", "/crm/v3/objects/deals?associations=contacts")).json()["results"] == [record]
    rest = (await call("GET", linked["paging"]["next"]["link"])).json()
    assert (len(linked["results"]), len(rest["results"])) == (100, 20)
    assert len({entry["id"] for entry in linked["results"] + rest["results"]}) == 120


async def test_a_merge_beyond_the_accounts_own_limit_is_refused(
    call: Call, new: New, org: HubSpotOrg
) -> None:
    """Public test data of 2026 has the answer verbatim."""
    first, second = await new("companies", name="A"), await new("companies", name="B")
    for number, company in enumerate((first, second)):
        contact = await new("contacts", email=f"p{number}@example.com")
        await call("PUT", f"/crm/v4/objects/companies/{company}/associations/default/contacts/{contact}")
    limit = {"category": "HUBSPOT_DEFINED", "typeId": 280, "maxToObjectIds": 1}
    path = "/crm/v4/associations/definitions/configurations/companies/contacts/batch/create"
    await call("POST", path, {"inputs": [limit]})
    body = {"primaryObjectId": first, "objectIdToMerge": second}
    answer = await call("POST", "/crm/v3/objects/companies/merge", body)
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        f"Association configuration limits are exceeded in portal {org.portal_id} when merging {second} into "
        f"{first} of object type 0-2"
    )
    assert (await call("GET", f"/crm/v3/objects/companies/{second}")).status_code == 200


# -- labels, as live runs of October 2026 saw them (kalup; evidence/hubspot.md) ------------------------------

NEW = "/crm/associations/2026-09/contacts/companies/labels"
PET = {"name": "pet", "labels": {"singular": "Pet"}, "primaryDisplayProperty": "hs_object_id"}


async def labels(call: Call, path: str) -> dict[int, str | None]:
    return {each["typeId"]: each["label"] for each in (await call("GET", path)).json()["results"]}


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (("Chief", "boss"), "Association definition named boss already exists for portal"),
        (("Boss", "chief"), "Association definition label Boss already exists on ObjectType pair 0-1-0-2"),
    ],
)
async def test_a_label_needs_a_name_and_a_text_of_its_own(
    call: Call, label: tuple[str, str], message: str
) -> None:
    made = (await call("POST", NEW, {"name": "boss", "label": "Boss"})).json()["results"]
    assert [(each["label"], each["fromObjectTypeId"]) for each in made] == [("Boss", None), ("Boss", None)]
    text, name = label
    answer = await call("POST", NEW, {"name": name, "label": text})
    assert (answer.status_code, answer.json()["message"]) == (400, message)


async def test_a_change_of_a_label_without_the_other_one_changes_both(call: Call) -> None:
    body = {"name": "boss", "label": "Boss", "inverseLabel": "Firm"}
    here, there = [each["typeId"] for each in (await call("POST", NEW, body)).json()["results"]]
    await call("PUT", NEW, {"associationTypeId": here, "label": "Chief"})
    back = "/crm/associations/2026-09/companies/contacts/labels"
    assert ((await labels(call, NEW))[here], (await labels(call, back))[there]) == ("Chief", "Chief")
    assert (await call("PUT", NEW, {"associationTypeId": 1, "label": "x"})).status_code == 400


async def test_two_object_types_have_fifty_labels_at_most(call: Call) -> None:
    for number in range(50):
        await call("POST", NEW, {"name": f"n{number}", "label": f"L{number}"})
    answer = await call("POST", NEW, {"name": "more", "label": "More"})
    assert answer.status_code == 437
    assert answer.json()["message"] == "No more than 50 association types are allowed between 0-1 and 0-2"


async def test_a_custom_object_is_associated_without_a_label_first_and_last(call: Call) -> None:
    await call("POST", "/crm/v3/schemas", PET)
    path = "/crm/associations/2026-09/p_pet/companies/labels"
    assert await labels(call, path) == {}
    made = (await call("POST", path, {"name": "toy", "label": "Toy"})).json()["results"]
    assert [each["label"] for each in made] == ["Toy", "Toy", None, None]
    label, plain = made[0]["typeId"], made[2]["typeId"]
    refused = await call("DELETE", f"{path}/{plain}")
    assert refused.json()["message"] == (
        f"Definition with label still exists; Cannot delete unlabeled type with associationTypeId {plain}"
    )
    again = await call("POST", path, {"name": "plain", "label": ""})
    assert again.json()["subCategory"] == "AssociationValidationError.DUPLICATE_ASSOCIATION_LABEL"
    for type_id in (label, plain):
        assert (await call("DELETE", f"{path}/{type_id}")).status_code == 204
    assert await labels(call, path) == {}
    alone = (await call("POST", path, {"name": "plain", "label": ""})).json()["results"]
    assert [each["label"] for each in alone] == [None, None]
