"""hubspot-api-client against the mock: each operation by what the client returns."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import ApiException as AssociationsApiException
from hubspot.crm.contacts import ApiException as ContactsApiException
from hubspot.crm.objects import ApiException as ObjectsApiException
from hubspot.crm.properties import ApiException as PropertiesApiException
from hubspot.crm.schemas import ApiException as SchemasApiException
from hubspot.oauth import ApiException as OAuthApiException

if TYPE_CHECKING:
    from tests.real_clients.conftest import Mock

pytestmark = pytest.mark.client("hubspot-api-client")

NUMBERS = itertools.count(1)
HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
CONTACT_TO_COMPANY = {"associationCategory": HUBSPOT_DEFINED, "associationTypeId": 279}


@pytest.fixture
def hs(hubspot_mock: Mock) -> Any:
    return HubSpot(access_token="pat-na1-test", host=hubspot_mock.url)


def email() -> str:
    return f"person{next(NUMBERS)}@example.com"


def contact(hs: HubSpot, **properties: str) -> Any:
    values = {"email": email(), "firstname": "Ann"} | properties
    return hs.crm.contacts.basic_api.create({"properties": values, "associations": []})


def company(hs: HubSpot, name: str = "Acme") -> Any:
    return hs.crm.companies.basic_api.create({"properties": {"name": name}, "associations": []})


class TestObjects:
    def test_create_and_get(self, hs: HubSpot) -> None:
        made = contact(hs, lastname="Lee")
        assert made.properties["lastname"] == "Lee"
        assert made.archived is False
        found = hs.crm.contacts.basic_api.get_by_id(made.id, properties=["email", "lastname"])
        assert (found.id, found.properties["lastname"]) == (made.id, "Lee")
        assert found.created_at == made.created_at

    def test_get_by_another_unique_property(self, hs: HubSpot) -> None:
        made = contact(hs)
        address = made.properties["email"]
        assert hs.crm.contacts.basic_api.get_by_id(address, id_property="email").id == made.id

    def test_create_with_an_association(self, hs: HubSpot) -> None:
        acme = company(hs)
        made = hs.crm.contacts.basic_api.create(
            {
                "properties": {"email": email()},
                "associations": [{"to": {"id": acme.id}, "types": [CONTACT_TO_COMPANY]}],
            }
        )
        found = hs.crm.contacts.basic_api.get_by_id(made.id, associations=["companies"])
        assert acme.id in [item.id for item in found.associations["companies"].results]

    def test_update_and_history(self, hs: HubSpot) -> None:
        made = contact(hs, lastname="Old")
        updated = hs.crm.contacts.basic_api.update(made.id, {"properties": {"lastname": "New"}})
        assert updated.properties["lastname"] == "New"
        found = hs.crm.contacts.basic_api.get_by_id(made.id, properties_with_history=["lastname"])
        assert [v.value for v in found.properties_with_history["lastname"]] == ["New", "Old"]

    def test_archive(self, hs: HubSpot) -> None:
        made = contact(hs)
        hs.crm.contacts.basic_api.archive(made.id)
        with pytest.raises(ContactsApiException) as raised:
            hs.crm.contacts.basic_api.get_by_id(made.id)
        assert raised.value.status == 404
        assert hs.crm.contacts.basic_api.get_by_id(made.id, archived=True).archived is True

    def test_all_pages(self, hs: HubSpot) -> None:
        made = {contact(hs).id for _ in range(3)}
        page = hs.crm.contacts.basic_api.get_page(limit=2)
        assert len(page.results) == 2
        assert page.paging.next.after
        assert made <= {item.id for item in hs.crm.contacts.get_all()}

    def test_a_taken_email_is_a_conflict(self, hs: HubSpot) -> None:
        made = contact(hs)
        with pytest.raises(ContactsApiException) as raised:
            contact(hs, email=made.properties["email"])
        assert raised.value.status == 409
        assert f"Contact already exists. Existing ID: {made.id}" in raised.value.body

    def test_an_unknown_property_is_refused(self, hs: HubSpot) -> None:
        with pytest.raises(ContactsApiException) as raised:
            contact(hs, nonsense="x")
        assert raised.value.status == 400
        assert "PROPERTY_DOESNT_EXIST" in raised.value.body

    def post(self, hs: HubSpot, action: str, body: dict[str, str]) -> Any:
        path = f"/crm/v3/objects/contacts/{action}"
        options = {"method": "POST", "path": path, "body": body, "base_url": hs.config["host"]}
        return hs.api_request(options)

    def test_merge(self, hs: HubSpot) -> None:
        kept, merged = contact(hs), contact(hs)
        body = {"primaryObjectId": kept.id, "objectIdToMerge": merged.id}
        assert self.post(hs, "merge", body).status_code == 200

    def test_gdpr_delete(self, hs: HubSpot) -> None:
        made = contact(hs)
        assert self.post(hs, "gdpr-delete", {"objectId": made.id}).status_code == 204
        with pytest.raises(ContactsApiException):
            hs.crm.contacts.basic_api.get_by_id(made.id)

    @pytest.mark.parametrize(
        ("api", "properties"),
        [
            ("deals", {"dealname": "Big", "dealstage": "appointmentscheduled", "pipeline": "default"}),
            ("tickets", {"subject": "Help", "hs_pipeline_stage": "1"}),
            ("products", {"name": "Thing", "price": "10"}),
            ("line_items", {"name": "Thing", "quantity": "2"}),
            ("quotes", {"hs_title": "Quote"}),
        ],
    )
    def test_every_standard_object_is_created(
        self, hs: HubSpot, api: str, properties: dict[str, str]
    ) -> None:
        objects = getattr(hs.crm, api).basic_api
        made = objects.create({"properties": properties, "associations": []})
        assert (
            properties.items() <= objects.get_by_id(made.id, properties=list(properties)).properties.items()
        )

    @pytest.mark.parametrize("kind", ["calls", "emails", "meetings", "notes", "tasks"])
    def test_every_activity_is_created(self, hs: HubSpot, kind: str) -> None:
        values = {"hs_timestamp": "2030-01-01T00:00:00Z"}
        if kind == "emails":
            values["hs_email_direction"] = "EMAIL"
        made = hs.crm.objects.basic_api.create(kind, {"properties": values, "associations": []})
        assert made.properties["hs_timestamp"] == "2030-01-01T00:00:00Z"

    def test_an_unknown_object_type_is_refused(self, hs: HubSpot) -> None:
        with pytest.raises(ObjectsApiException) as raised:
            hs.crm.objects.basic_api.get_page("butterflies")
        assert raised.value.status == 400
        assert "Unable to infer object type from: butterflies" in raised.value.body


class TestBatches:
    def test_create_read_update_archive(self, hs: HubSpot) -> None:
        api = hs.crm.contacts.batch_api
        inputs = [{"properties": {"email": email()}, "associations": []} for _ in range(3)]
        made = api.create({"inputs": inputs})
        assert (made.status, len(made.results)) == ("COMPLETE", 3)
        ids = [{"id": item.id} for item in made.results]
        read = api.read({"inputs": ids, "properties": ["email"], "propertiesWithHistory": []})
        assert len(read.results) == 3
        updated = api.update({"inputs": [item | {"properties": {"city": "Rome"}} for item in ids]})
        assert {item.properties["city"] for item in updated.results} == {"Rome"}
        api.archive({"inputs": ids})
        with pytest.raises(ContactsApiException):
            hs.crm.contacts.basic_api.get_by_id(ids[0]["id"])

    def test_upsert(self, hs: HubSpot) -> None:
        known = contact(hs).properties["email"]
        inputs = [
            {"id": address, "idProperty": "email", "properties": {"email": address, "city": "Oslo"}}
            for address in (known, email())
        ]
        upserted = hs.crm.contacts.batch_api.upsert({"inputs": inputs})
        assert sorted(item.new for item in upserted.results) == [False, True]

    def test_unknown_ids_make_a_multi_status(self, hs: HubSpot) -> None:
        made = contact(hs)
        ids = [{"id": made.id}, {"id": "999999999"}]
        read = hs.crm.contacts.batch_api.read({"inputs": ids, "properties": [], "propertiesWithHistory": []})
        assert [item.id for item in read.results] == [made.id]
        assert (read.num_errors, read.errors[0].category) == (1, "OBJECT_NOT_FOUND")

    def test_one_bad_record_fails_a_batch_without_trace_ids(self, hs: HubSpot) -> None:
        good = email()
        inputs = [
            {"properties": {"email": address}, "associations": []} for address in (good, "not an email")
        ]
        with pytest.raises(ContactsApiException) as raised:
            hs.crm.contacts.batch_api.create({"inputs": inputs})
        assert raised.value.status == 400
        with pytest.raises(ContactsApiException):
            hs.crm.contacts.basic_api.get_by_id(good, id_property="email")


class TestSearch:
    def test_filters_sorts_and_paging(self, hs: HubSpot) -> None:
        for name in ("A", "B", "C"):
            contact(hs, lastname=name, city="Searchville")
        request = {
            "filterGroups": [
                {"filters": [{"propertyName": "city", "operator": "EQ", "value": "Searchville"}]}
            ],
            "sorts": [{"propertyName": "lastname", "direction": "DESCENDING"}],
            "properties": ["lastname"],
            "limit": 2,
        }
        page = hs.crm.contacts.search_api.do_search(request)
        assert (page.total, [item.properties["lastname"] for item in page.results]) == (3, ["C", "B"])
        rest = hs.crm.contacts.search_api.do_search(request | {"after": page.paging.next.after})
        assert [item.properties["lastname"] for item in rest.results] == ["A"]

    def test_a_query(self, hs: HubSpot) -> None:
        contact(hs, lastname="Quetzalcoatl")
        assert hs.crm.contacts.search_api.do_search({"query": "quetzalcoatl", "limit": 5}).total == 1


class TestProperties:
    def test_a_property_and_its_group(self, hs: HubSpot) -> None:
        groups, core = hs.crm.properties.groups_api, hs.crm.properties.core_api
        groups.create("contacts", {"name": "pets", "label": "Pets", "displayOrder": -1})
        made = core.create(
            "contacts",
            {
                "name": "pet",
                "label": "Pet",
                "type": "enumeration",
                "fieldType": "select",
                "groupName": "pets",
                "options": [{"label": "Cat", "value": "cat", "displayOrder": 0, "hidden": False}],
            },
        )
        assert (made.name, made.options[0].value) == ("pet", "cat")
        assert "pet" in [item.name for item in core.get_all("contacts").results]
        assert core.update("contacts", "pet", {"label": "Animal"}).label == "Animal"
        assert contact(hs, pet="cat").properties["pet"] == "cat"
        with pytest.raises(ContactsApiException):
            contact(hs, pet="dog")
        assert "pets" in [group.name for group in groups.get_all("contacts").results]

    def test_a_property_cannot_be_made_twice(self, hs: HubSpot) -> None:
        definition = {
            "name": "twice",
            "label": "Twice",
            "type": "string",
            "fieldType": "text",
            "groupName": "contactinformation",
        }
        hs.crm.properties.core_api.create("contacts", definition)
        with pytest.raises(PropertiesApiException) as raised:
            hs.crm.properties.core_api.create("contacts", definition)
        assert raised.value.status == 409
        assert "A property named 'twice' already exists." in raised.value.body
        hs.crm.properties.core_api.archive("contacts", "twice")
        with pytest.raises(PropertiesApiException):
            hs.crm.properties.core_api.get_by_name("contacts", "twice")

    def test_batches(self, hs: HubSpot) -> None:
        shared = {"type": "string", "fieldType": "text", "groupName": "companyinformation"}
        inputs = [shared | {"name": name, "label": name} for name in ("batch_one", "batch_two")]
        made = hs.crm.properties.batch_api.create("companies", {"inputs": inputs})
        assert [item.name for item in made.results] == ["batch_one", "batch_two"]
        read = hs.crm.properties.batch_api.read(
            "companies", {"inputs": [{"name": "batch_one"}], "archived": False}
        )
        assert read.results[0].label == "batch_one"


class TestSchemas:
    def test_a_custom_object(self, hs: HubSpot) -> None:
        schema = hs.crm.schemas.core_api.create(
            {
                "name": "boat",
                "labels": {"singular": "Boat", "plural": "Boats"},
                "primaryDisplayProperty": "boat_name",
                "requiredProperties": ["boat_name"],
                "properties": [{"name": "boat_name", "label": "Name", "type": "string", "fieldType": "text"}],
                "associatedObjects": ["CONTACT"],
            }
        )
        assert schema.object_type_id.startswith("2-")
        assert schema.fully_qualified_name.endswith("_boat")
        assert "boat" in [item.name for item in hs.crm.schemas.core_api.get_all().results]
        for name in (schema.object_type_id, schema.fully_qualified_name, "p_boat"):
            made = hs.crm.objects.basic_api.create(
                name, {"properties": {"boat_name": "Titanic"}, "associations": []}
            )
            assert made.properties["boat_name"] == "Titanic"
        changed = hs.crm.schemas.core_api.update(
            "p_boat", {"labels": {"singular": "Ship", "plural": "Ships"}}
        )
        assert changed.labels.singular == "Ship"

    def test_an_unknown_schema_raises(self, hs: HubSpot) -> None:
        with pytest.raises(SchemasApiException):
            hs.crm.schemas.core_api.get_by_id("2-999999")


class TestAssociations:
    def test_create_list_and_archive(self, hs: HubSpot) -> None:
        person, acme = contact(hs), company(hs)
        api = hs.crm.associations.v4.basic_api
        made = api.create("contacts", person.id, "companies", acme.id, [CONTACT_TO_COMPANY])
        assert str(made.to_object_id) == acme.id
        found = api.get_page("contacts", person.id, "companies").results
        assert [str(item.to_object_id) for item in found] == [acme.id]
        assert 279 in [kind.type_id for kind in found[0].association_types]
        api.archive("contacts", person.id, "companies", acme.id)
        assert api.get_page("contacts", person.id, "companies").results == []

    def test_default_and_batches(self, hs: HubSpot) -> None:
        person, acme = contact(hs), company(hs)
        pair = {"_from": {"id": person.id}, "to": {"id": acme.id}}
        linked = hs.crm.associations.v4.batch_api.create_default(
            "contacts", "companies", {"inputs": [{"from": pair["_from"], "to": pair["to"]}]}
        )
        assert linked.status == "COMPLETE"
        read = hs.crm.associations.v4.batch_api.get_page(
            "contacts", "companies", {"inputs": [{"id": person.id}]}
        )
        assert str(read.results[0].to[0].to_object_id) == acme.id

    def test_labels(self, hs: HubSpot) -> None:
        definitions = hs.crm.associations.v4.schema.definitions_api
        made = definitions.create("contacts", "companies", {"label": "Advisor", "name": "advisor"})
        assert made.results[0].label == "Advisor"
        listed = definitions.get_all("contacts", "companies").results
        assert "Advisor" in [item.label for item in listed]

    def test_a_missing_record_is_refused(self, hs: HubSpot) -> None:
        person = contact(hs)
        with pytest.raises(AssociationsApiException):
            hs.crm.associations.v4.basic_api.create(
                "contacts", person.id, "companies", "999999999", [CONTACT_TO_COMPANY]
            )


class TestAccount:
    def test_pipelines_and_stages(self, hs: HubSpot) -> None:
        pipelines = hs.crm.pipelines.pipelines_api.get_all("deals").results
        assert "default" in [pipeline.id for pipeline in pipelines]
        made = hs.crm.pipelines.pipelines_api.create(
            "deals",
            {
                "label": "Fast",
                "displayOrder": 1,
                "stages": [{"label": "Go", "displayOrder": 0, "metadata": {"probability": "0.5"}}],
            },
        )
        assert made.stages[0].label == "Go"
        stages = hs.crm.pipelines.pipeline_stages_api.get_all("deals", made.id).results
        assert [stage.label for stage in stages] == ["Go"]

    def test_owners(self, hs: HubSpot) -> None:
        owners = hs.crm.owners.get_all()
        assert owners
        assert hs.crm.owners.owners_api.get_by_id(int(owners[0].id)).email == owners[0].email

    def test_account_details_by_a_plain_request(self, hs: HubSpot, hubspot_mock: Mock) -> None:
        answer = hs.api_request(
            {"path": "/account-info/v3/details", "method": "GET", "base_url": hubspot_mock.url}
        )
        assert answer.status_code == 200
        assert isinstance(answer.json()["portalId"], int)


class TestSigningIn:
    def test_code_refresh_and_token_information(self, hubspot_mock: Mock) -> None:
        hs = HubSpot(host=hubspot_mock.url)
        client = {"client_id": "id", "client_secret": "secret", "redirect_uri": "http://localhost/cb"}
        asked = {"client_id": "id", "redirect_uri": client["redirect_uri"], "scope": "oauth"}
        consent = httpx.get(f"{hubspot_mock.url}/oauth/authorize", params=asked, trust_env=False)
        code = httpx.URL(consent.headers["location"]).params["code"]
        tokens = hs.oauth.tokens_api.create(grant_type="authorization_code", code=code, **client)
        assert (tokens.token_type, tokens.expires_in) == ("bearer", 1800)
        again = hs.oauth.tokens_api.create(
            grant_type="refresh_token", refresh_token=tokens.refresh_token, **client
        )
        assert again.refresh_token == tokens.refresh_token
        assert hs.oauth.access_tokens_api.get(again.access_token).token_type == "access"
        assert hs.oauth.refresh_tokens_api.get(tokens.refresh_token).client_id == "id"
        hs.oauth.refresh_tokens_api.archive(tokens.refresh_token)
        with pytest.raises(OAuthApiException):
            hs.oauth.refresh_tokens_api.get(tokens.refresh_token)

    def test_a_missing_token_is_refused(self, hubspot_mock: Mock) -> None:
        with pytest.raises(ContactsApiException) as raised:
            HubSpot(host=hubspot_mock.url).crm.contacts.basic_api.get_page()
        assert raised.value.status == 401
