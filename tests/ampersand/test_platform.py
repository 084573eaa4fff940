"""Projects, integrations, connections, installations and metadata, as Ampersand's API has them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import httpx
import pytest

from ampsandbox.server.runner import Runner
from ampsandbox.server.runner_options import RunnerOptions
from tests.ampersand import schemas
from tests.ampersand.conformance import row
from tests.ampersand.conftest import ORIGIN, SAMPLE, Answer, Api
from tests.ampersand.schemas import departures

OBJECT = {"salesforce": "Contact", "hubspot": "contacts"}
LAST_NAME = {"salesforce": "LastName", "hubspot": "lastname"}
PHONE = {"salesforce": "Phone", "hubspot": "phone"}
TITLE = {"salesforce": "Title", "hubspot": "jobtitle"}


def conforms(answer: Answer, status: int, schema: Any) -> Any:
    """The JSON of an answer that has this status and schema."""
    assert answer.status == status, answer.text
    assert departures(answer.json, schema) == []
    return answer.json


def refused(answer: Answer, status: int) -> dict[str, Any]:
    """The problem that an answer states."""
    problem: dict[str, Any] = conforms(answer, status, schemas.PROBLEM)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    return problem


def integration(provider: str) -> str:
    return f"{{p}}/integrations/webinar-walrus-{provider}"


def content(provider: str, **parts: Any) -> dict[str, Any]:
    return {"provider": provider, **parts}


def write_config(provider: str, **settings: Any) -> dict[str, Any]:
    name = OBJECT[provider]
    return {"objects": {name: {"objectName": name, **settings}}}


def install(api: Api, provider: str, group: str, **parts: Any) -> dict[str, Any]:
    api.connect(provider, group)
    body = {"groupRef": group, "config": {"createdBy": "consumer:ada", "content": content(provider, **parts)}}
    installed: dict[str, Any] = conforms(
        api.post(f"{integration(provider)}/installations", body), 201, schemas.INSTALLATION
    )
    return installed


def write(api: Api, provider: str, group: str, record: dict[str, Any], kind: str = "create") -> Answer:
    body = {"groupRef": group, "type": kind, "record": record}
    return api.post(f"{integration(provider)}/objects/{OBJECT[provider]}", body)


def record(runner: Runner, provider: str, group: str, record_id: str) -> dict[str, Any]:
    """A record's fields as the mock org has them, read through the CRM's own API."""
    for each in runner.run(runner.server.service.installations.list()):
        if each.crm and (each.installation.provider, each.installation.group) == (provider, group):
            names = f"{LAST_NAME[provider]},{TITLE[provider]},{PHONE[provider]}"
            path = {
                "salesforce": f"/services/data/v60.0/sobjects/Contact/{record_id}?fields={names}",
                "hubspot": f"/crm/v3/objects/contacts/{record_id}?properties={names}",
            }[provider]
            headers = {"Authorization": f"Bearer {each.crm.access_token}"}
            found: dict[str, Any] = httpx.get(each.crm.url + path, headers=headers, trust_env=False).json()
            fields: dict[str, Any] = found.get("properties", found)
            return fields
    raise AssertionError("not installed")


# -- projects and integrations -----------------------------------------------------------------------------


@row("Projects and integrations", "`GET /projects`, `GET /projects/{p}`", "simplified", "the one project")
def test_the_project_goes_by_name_and_id(api: Api) -> None:
    (listed,) = conforms(api.get("/projects"), 200, [schemas.PROJECT])
    for name in ("demo", listed["id"]):
        found = conforms(api.get(f"/projects/{name}?includeEntitlements=true"), 200, schemas.PROJECT)
        assert found["entitlements"] == {"brandingRemoval": {"value": False}}
        assert found["id"] == listed["id"]
    assert UUID(listed["id"])
    assert "--project nope" in refused(api.get("/projects/nope"), 404)["remedy"]


@row("Projects and integrations", "list and get integrations, by name or id", "same")
def test_integrations_are_those_of_the_manifest(api: Api) -> None:
    listed = conforms(api.get("{p}/integrations"), 200, [schemas.INTEGRATION])
    assert [each["name"] for each in listed] == ["webinar-walrus-salesforce", "webinar-walrus-hubspot"]
    for name in (listed[0]["name"], listed[0]["id"]):
        found = conforms(api.get(f"{{p}}/integrations/{name}"), 200, schemas.INTEGRATION)
        assert found == listed[0]
    assert listed[0]["latestRevision"]["content"]["write"]["objects"][0]["inheritMapping"] is True
    problem = refused(api.get("{p}/integrations/webinar-walrus-hubspt"), 404)
    assert "Did you mean 'webinar-walrus-hubspot'?" in problem["remedy"]


@row(
    "Projects and integrations",
    "`GET …/revisions/{r}:hydrate`",
    "same",
    "labels and fields of the group's CRM",
)
def test_a_hydrated_revision_has_the_crms_labels_and_fields(api: Api, provider: str) -> None:
    listed = api.get(integration(provider)).json
    revision = listed["latestRevision"]["id"]
    connection = api.connect(provider, "newcomer")
    path = f"{integration(provider)}/revisions/{revision}:hydrate?connectionId={connection}"
    found = conforms(api.get(path), 200, schemas.REVISION)["content"]
    (read,) = found["read"]["objects"]
    assert {"objectName", "displayName", "destination", "schedule"} <= read.keys()
    assert departures(read["allFieldsMetadata"], {"*": schemas.FIELD}) == []
    title = read["allFieldsMetadata"][TITLE[provider].lower()]
    assert title["displayName"].endswith("Title")
    assert read["requiredFields"][0]["displayName"] == "Last Name"
    assert found["write"]["objects"][0]["displayName"].startswith("Contact")
    assert refused(api.get(f"{integration(provider)}/revisions/x:hydrate"), 404)["remedy"]


@row("Projects and integrations", "`amp deploy`: upload URL, zip, `integrations:batch`", "same",
     "the file on disk stays as it is")  # fmt: skip
def test_amp_deploy_makes_the_manifest_the_current_one() -> None:
    options = RunnerOptions(manifest=SAMPLE, watch=False, use_environment=False)
    with Runner(options) as runner, ExitStack() as stack:
        api = Api(runner.url)
        stack.callback(api.client.close)
        text = SAMPLE.read_text("utf-8").replace("webinar-walrus-hubspot", "deployed")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("amp/amp.yaml", text)
        md5 = base64.b64encode(hashlib.md5(packed.getvalue()).digest()).decode()
        signed = conforms(
            api.get("/generate-upload-url?md5=" + md5.replace("+", "%2B")), 200, schemas.SIGNED_URL
        )
        assert api.client.put(signed["url"], content=b"another").status_code == 400
        assert api.client.put(signed["url"], content=packed.getvalue()).status_code == 200
        source = {"sourceZipUrl": f"gs://{signed['bucket']}/{signed['path']}"}
        deployed = conforms(api.call("PUT", "{p}/integrations:batch", source), 200, [schemas.INTEGRATION])
        assert [each["name"] for each in deployed] == ["webinar-walrus-salesforce", "deployed"]
        assert api.get("{p}/integrations/deployed").status == 200
        bad = refused(api.call("PUT", "{p}/integrations:batch", {"sourceYaml": "specVersion: 1.0.0"}), 422)
        assert bad["issues"][0]["name"].startswith("amp.yaml:")
        for source in ({}, {"sourceZipUrl": "gs://ampsandbox/nope"}):
            assert refused(api.call("PUT", "{p}/integrations:batch", source), 422)["issues"]
        assert api.get("{p}/integrations/deployed").status == 200


@row("Projects and integrations", "`GET /providers`, `GET /providers/{p}`, `GET …/provider-apps`",
     "simplified", "Salesforce and HubSpot")  # fmt: skip
def test_providers_are_the_two_that_have_a_crm(api: Api, provider: str) -> None:
    conforms(api.get("/providers"), 200, {"salesforce": schemas.PROVIDER, "hubspot": schemas.PROVIDER})
    assert conforms(api.get(f"/providers/{provider}"), 200, schemas.PROVIDER)["name"] == provider
    apps = conforms(api.get("{p}/provider-apps"), 200, [schemas.PROVIDER_APP])
    assert [each["provider"] for each in apps] == ["salesforce", "hubspot"]
    assert "salesforce, hubspot" in refused(api.get("/providers/zoho"), 404)["remedy"]


@row("Projects and integrations", "organisations, API and JWT keys, destinations, topics, creating projects, "
     "integrations and provider apps", "not served", "501, with what to do instead")  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "{p}/destinations"),
        ("POST", "/projects"),
        ("GET", "/my-info"),
        ("DELETE", "{p}/integrations/x"),
    ],
)
def test_what_is_not_served_says_what_to_do_instead(api: Api, method: str, path: str) -> None:
    assert refused(api.call(method, path), 501)["remedy"]


# -- connections -------------------------------------------------------------------------------------------


@row(
    "Connections",
    "generate, list, get, update, delete",
    "simplified",
    "credentials are not looked at, nor kept",
)
def test_connections_live_and_end(api: Api, provider: str) -> None:
    body = {
        "provider": provider,
        "groupRef": "lifecycle",
        "groupName": "Life Inc.",
        "consumerRef": "ada",
        "apiKey": "very-secret",
        "unknownMember": None,
    }
    made = conforms(api.post("{p}/connections:generate", body), 201, schemas.CONNECTION)
    assert (made["authScheme"], made["group"]["groupName"]) == ("apiKey", "Life Inc.")
    path = f"{{p}}/connections/{made['id']}"
    assert conforms(api.get(path), 200, schemas.CONNECTION) == made
    listed = conforms(
        api.get(f"{{p}}/connections?groupRef=lifecycle&provider={provider}"), 200, [schemas.CONNECTION]
    )
    assert listed == [made]
    change = {"updateMask": ["providerWorkspaceRef"], "connection": {"providerWorkspaceRef": "acme"}}
    changed = conforms(api.call("PATCH", path, change), 200, schemas.CONNECTION)
    assert changed["providerWorkspaceRef"] == "acme"
    wrong = {"updateMask": ["nope", "apiKey"], "connection": {}}
    assert len(refused(api.call("PATCH", path, wrong), 400)["issues"]) == 3
    assert api.call("DELETE", path).status == 204
    assert refused(api.get(path), 404)["remedy"]


@row("Connections", "deleting a connection that installations use", "not public", "they are uninstalled")
def test_deleting_a_connection_uninstalls_what_uses_it(api: Api, provider: str) -> None:
    installed = install(api, provider, "leaving", write=write_config(provider))
    assert api.call("DELETE", f"{{p}}/connections/{installed['connection']['id']}").status == 204
    assert api.get(f"{integration(provider)}/installations?groupRef=leaving").json == []


@row(
    "Connections", "`POST /oauth-connect`, consent in a popup", "same", "a consent page of the sandbox's own"
)
@pytest.mark.parametrize(
    ("decision", "event"), [("allow", "AUTHORIZATION_SUCCEEDED"), ("deny", "AUTHORIZATION_FAILED")]
)
def test_consent_is_asked_for_and_told_to_the_page_that_asked(
    api: Api, provider: str, decision: str, event: str
) -> None:
    group = f"<b>{decision}</b>"
    body = {"projectIdOrName": "demo", "provider": provider, "groupRef": group, "consumerRef": "ada"}
    asked = api.post("/oauth-connect", body, Origin=ORIGIN)
    assert (asked.status, asked.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    page = api.client.get(asked.text)
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    answer = api.client.post(asked.text, data={"decision": decision})
    assert event in answer.text
    assert json.dumps([ORIGIN]) in answer.text
    found = api.client.get("/v1/projects/demo/connections", params={"groupRef": group, "provider": provider})
    assert len(found.json()) == (decision == "allow")
    assert api.client.post(asked.text, data={"decision": "allow"}).status_code == 404


def test_a_consent_for_a_provider_without_a_crm_is_refused(api: Api) -> None:
    body = {"projectIdOrName": "demo", "provider": "zoho", "groupRef": "g", "consumerRef": "a"}
    assert "zoho" in refused(api.post("/oauth-connect", body), 400)["detail"]


# -- installations -----------------------------------------------------------------------------------------


@row("Installations", "create, get, list per integration and for the project", "same")
def test_an_installation_keeps_what_the_customer_chose(api: Api, provider: str) -> None:
    made = install(api, provider, "chooser", write=write_config(provider))
    assert made["config"]["createdBy"] == "consumer:ada"
    assert made["config"]["content"]["write"] == write_config(provider)
    one = f"{integration(provider)}/installations/{made['id']}"
    assert conforms(api.get(one), 200, schemas.INSTALLATION) == made
    for path in (f"{integration(provider)}/installations", "{p}/installations"):
        assert made in conforms(api.get(f"{path}?groupRef=chooser"), 200, [schemas.INSTALLATION])
    assert refused(api.get(f"{integration(provider)}/installations/nope"), 404)["remedy"]


@row("Installations", "creating one without a connection, or with another's", "not public", "400")
def test_a_group_connects_before_it_installs(api: Api, provider: str) -> None:
    body = {"groupRef": "stranger", "config": {"content": content(provider)}}
    problem = refused(api.post(f"{integration(provider)}/installations", body), 400)
    assert "/connections:generate" in problem["remedy"]
    api.connect(provider, "stranger")
    problem = refused(api.post(f"{integration(provider)}/installations", body | {"connectionId": "x"}), 400)
    assert "has no connection x" in problem["detail"]


@row("Installations", "creating one that exists", "not public", "409")
def test_installing_twice_is_a_conflict(api: Api, provider: str) -> None:
    body = {"groupRef": "acme", "config": {"content": content(provider)}}
    assert refused(api.post(f"{integration(provider)}/installations", body), 409)["remedy"]


@row("Installations", "a config that does not fit the manifest", "same", "422 with issues")
@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"write": {"objects": {"nope": {"objectName": "nope"}}}}, "config.content.write.objects.nope"),
        ({"write": {"objects": []}}, "config.content.write.objects"),
        ({"provider": "zoho"}, "config.content.provider"),
    ],
)
def test_a_wrong_config_is_refused_with_its_place(
    api: Api, provider: str, parts: dict[str, Any], name: str
) -> None:
    api.connect(provider, "wrong")
    body = {"groupRef": "wrong", "config": {"content": content(provider) | parts}}
    problem = refused(api.post(f"{integration(provider)}/installations", body), 422)
    assert [each["name"] for each in problem["issues"]] == [name]


@row(
    "Installations",
    "sampling: a chosen field that the CRM does not show",
    "same",
    "422, unless skipSampling=true",
)
def test_a_chosen_field_that_is_not_there_is_refused(api: Api, provider: str) -> None:
    api.connect(provider, "sampler")
    name = OBJECT[provider]
    read = {"objects": {name: {"objectName": name, "selectedFieldMappings": {"role": "not_there"}}}}
    body = {"groupRef": "sampler", "config": {"content": content(provider, read=read)}}
    path = f"{integration(provider)}/installations"
    problem = refused(api.post(path, body), 422)
    assert problem["issues"][0]["value"] == "not_there"
    conforms(api.post(f"{path}?skipSampling=true", body), 201, schemas.INSTALLATION)


@pytest.mark.parametrize(
    "body",
    [{}, {"groupRef": 1, "config": {"content": {}}}, {"groupRef": "g", "config": []}, [], {"groupRef": ""}],
)
def test_wrong_types_are_told_with_their_place(api: Api, provider: str, body: Any) -> None:
    problem = refused(api.post(f"{integration(provider)}/installations", body), 400)
    assert problem["issues"][0]["detail"]


@row("Installations", "`PATCH` with `updateMask`", "same", "values that are not masked are ignored")
def test_a_patch_changes_what_its_masks_name_alone(api: Api, provider: str) -> None:
    made = install(api, provider, "patcher", write=write_config(provider))
    one = f"{integration(provider)}/installations/{made['id']}"
    name = OBJECT[provider]
    new = {"objectName": name, "deletionSettings": {"enabled": True}}
    change = {
        "updateMask": [f"config.content.write.objects.{name}", "config.createdBy"],
        "installation": {
            "config": {
                "createdBy": "builder:bob",
                "content": {"write": {"objects": {name: new}}, "proxy": {"enabled": True}},
            }
        },
    }
    changed = conforms(api.call("PATCH", one, change), 200, schemas.INSTALLATION)
    assert changed["config"]["createdBy"] == "builder:bob"
    assert changed["config"]["content"] == content(provider, write={"objects": {name: new}})
    assert changed["config"]["id"] != made["config"]["id"]


@row("Installations", "an unknown mask, a mask without a value", "same", "400; nothing is changed")
@pytest.mark.parametrize(
    "mask", ["config.nope", "config.content.read.objects.x", "config.content.write.objects."]
)
def test_a_mask_that_names_nothing_is_refused(api: Api, provider: str, mask: str) -> None:
    (acme,) = api.get(f"{integration(provider)}/installations?groupRef=acme").json
    one = f"{integration(provider)}/installations/{acme['id']}"
    change = {"updateMask": [mask, "config.createdBy"], "installation": {"config": {"createdBy": "x"}}}
    assert refused(api.call("PATCH", one, change), 400)["issues"][0]["value"] == mask
    assert api.get(one).json == acme


@row("Installations", "JSON Patch of one object's `config-content`", "same")
def test_json_patch_changes_one_object(api: Api, provider: str) -> None:
    made = install(api, provider, "json", write=write_config(provider))
    name = OBJECT[provider]
    path = f"{integration(provider)}/objects/{name}/config-content"
    add = {"op": "add", "path": "/deletionSettings", "value": {"enabled": True}}
    change = {"groupRef": "json", "action": "write", "changes": [add]}
    changed = conforms(api.call("PATCH", path, change), 200, schemas.INSTALLATION)
    assert changed["config"]["content"]["write"]["objects"][name]["deletionSettings"] == {"enabled": True}
    remove = {"op": "remove", "path": "/deletionSettings"}
    by_id = {"installationId": made["id"], "action": "write", "changes": [remove]}
    assert conforms(api.call("PATCH", path, by_id), 200, schemas.INSTALLATION)["config"][
        "content"
    ] == content(provider, write=write_config(provider))
    for changes in ([remove], [{"op": "move", "path": "/a"}], [{"op": "add", "path": "x"}], []):
        assert refused(api.call("PATCH", path, by_id | {"changes": changes}), 400)["issues"]
    nowhere = path.replace(name, "nope")
    assert refused(api.call("PATCH", nowhere, change), 404)["remedy"]


@row("Installations", "`DELETE`; the connection goes with the last installation", "same")
def test_deleting_the_last_installation_deletes_the_connection(api: Api, provider: str) -> None:
    made = install(api, provider, "goner")
    assert api.call("DELETE", f"{integration(provider)}/installations/{made['id']}").status == 204
    assert api.get("{p}/connections?groupRef=goner").json == []
    assert write(api, provider, "goner", {"last_name": "R"}).status == 404


# -- what writes obey --------------------------------------------------------------------------------------


@row("Config and writes", "an object that is not ticked", "not public", "404 with the way out")
def test_an_object_that_is_not_ticked_is_refused(api: Api, provider: str) -> None:
    install(api, provider, "unticked", write={"objects": {}})
    answer = write(api, provider, "unticked", {LAST_NAME[provider]: "R"})
    assert answer.status == 404
    assert f"config.content.write.objects.{OBJECT[provider]}" in answer.json["remedy"]


@row(
    "Config and writes", "installed from the command line or the screen", "simplified", "everything is ticked"
)
def test_what_was_installed_from_the_shell_has_everything_ticked(api: Api, provider: str) -> None:
    assert write(api, provider, "acme", {"last_name": "R"}).status == 200


@row("Config and writes", "`inheritMapping`: object and field names", "same")
@row("Config and writes", "a mapping that the customer skipped", "same", "left out of the write")
def test_names_are_mapped_by_what_the_customer_chose(api: Api, runner: Runner, provider: str) -> None:
    name = OBJECT[provider]
    read = {"objects": {name: {"objectName": name, "selectedFieldMappings": {"role": TITLE[provider]}}}}
    install(api, provider, "mapper", read=read, write=write_config(provider))
    body = {
        "groupRef": "mapper",
        "type": "create",
        "record": {"last_name": "Hopper", "role": "Admiral", "webinars_attended": 3},
    }
    answer = api.post(f"{integration(provider)}/objects/person", body)
    assert answer.status == 200, answer.text
    kept = record(runner, provider, "mapper", answer.json["result"]["recordId"])
    assert (kept[LAST_NAME[provider]], kept[TITLE[provider]]) == ("Hopper", "Admiral")


@row("Config and writes", "value mappings, one to one", "same")
def test_values_are_mapped_by_what_the_customer_chose(api: Api, runner: Runner, provider: str) -> None:
    name = OBJECT[provider]
    chosen = {
        "objectName": name,
        "selectedFieldMappings": {"role": TITLE[provider]},
        "selectedValueMappings": {"role": {"boss": "Chief Executive"}},
    }
    install(api, provider, "valuer", read={"objects": {name: chosen}}, write=write_config(provider))
    answer = write(api, provider, "valuer", {"last_name": "Hopper", "role": "boss"})
    kept = record(runner, provider, "valuer", answer.json["result"]["recordId"])
    assert kept[TITLE[provider]] == "Chief Executive"


@row("Config and writes", "`selectedFieldSettings`: default, writeOnCreate, writeOnUpdate with ifEmpty",
     "same")  # fmt: skip
def test_fields_are_written_when_their_settings_say_so(api: Api, runner: Runner, provider: str) -> None:
    last, title, phone = LAST_NAME[provider], TITLE[provider], PHONE[provider]
    settings = {
        title: {"default": {"stringValue": "Guest"}, "writeOnUpdate": "never"},
        phone: {"writeOnCreate": "never", "writeOnUpdate": "ifEmpty"},
    }
    config = write_config(provider, selectedFieldSettings=settings)
    install(api, provider, "settings", write=config)
    made = write(api, provider, "settings", {last: "Hopper", phone: "1"}).json["result"]["recordId"]
    kept = record(runner, provider, "settings", made)
    assert (kept[title], kept.get(phone)) == ("Guest", None)
    assert write(api, provider, "settings", {"id": made, title: "X", phone: "2"}, "update").status == 200
    kept = record(runner, provider, "settings", made)
    assert (kept[title], kept[phone]) == ("Guest", "2")
    assert write(api, provider, "settings", {"id": made, last: "H", phone: "3"}, "update").status == 200
    kept = record(runner, provider, "settings", made)
    assert (kept[last], kept[phone]) == ("H", "2")


# -- metadata and search -----------------------------------------------------------------------------------


@row("Metadata", "object metadata, by native or mapped name, by installation or connection", "same")
def test_object_metadata_is_the_crms(api: Api, provider: str) -> None:
    for path in (integration(provider), f"{{p}}/providers/{provider}"):
        found = conforms(
            api.get(f"{path}/objects/{OBJECT[provider]}/metadata?groupRef=acme"), 200, schemas.OBJECT
        )
        assert found["fields"][LAST_NAME[provider].lower()]["displayName"] == "Last Name"
    mapped = api.get(f"{integration(provider)}/objects/person/metadata?groupRef=acme&excludeReadOnly=true")
    found = conforms(mapped, 200, schemas.OBJECT)
    assert (found["name"], found["mappedObjectName"]) == (OBJECT[provider], "person")
    assert not any(each["readOnly"] for each in found["fields"].values())
    path = f"{integration(provider)}/objects"
    assert refused(api.get(f"{path}/nothing/metadata?groupRef=acme"), 404)["remedy"]
    assert refused(api.get(f"{path}/person/metadata"), 400)["remedy"]
    assert refused(api.get(f"{path}/person/metadata?groupRef=nobody"), 404)["remedy"]


@row("Metadata", "`PUT …/object-metadata` for fields of every type, result per field", "same",
     "a required Salesforce field stays visible to all; HubSpot has no references")  # fmt: skip
def test_custom_fields_are_created_once(api: Api, provider: str) -> None:
    name, suffix = OBJECT[provider], "__c" if provider == "salesforce" else ""
    kinds = ("string", "boolean", "date", "datetime", "int", "float")
    fields: list[dict[str, Any]] = [
        {"fieldName": f"probe_{kind}{suffix}", "displayName": f"Probe {kind}", "valueType": kind}
        for kind in kinds
    ]
    options = {"values": ["a", "b"], "valuesRestricted": True}
    fields += [
        {"fieldName": f"probe_{kind.lower()}{suffix}", "displayName": kind, "valueType": kind}
        | {"stringOptions": options}
        for kind in ("singleSelect", "multiSelect")
    ]
    body = {"groupRef": "acme", "fields": {name: fields}}
    path = f"{integration(provider)}/object-metadata"
    for action in ("create", "none"):
        found = conforms(api.call("PUT", path, body), 200, schemas.UPSERT)
        assert {each["action"] for each in found["fields"][name].values()} == {action}
    bad = {"fieldName": "bad name", "displayName": "Bad", "valueType": "string"}
    problem = refused(api.call("PUT", path, {"groupRef": "acme", "fields": {name: [bad]}}), 400)
    assert problem["causes"][0].startswith(f"{name}.bad name: ")
    for wrong in ({"valueType": "x"}, {"valueType": "singleSelect"}, {"valueType": "reference"}):
        field = {"fieldName": "f", "displayName": "F"} | wrong
        body = {"groupRef": "acme", "fields": {name: [field]}}
        assert refused(api.call("PUT", path, body), 400)["issues"]


@row(
    "Metadata",
    "custom fields before there is an installation",
    "simplified",
    "created by the next installation",
)
def test_fields_that_were_asked_for_before_installing_are_there_afterwards(api: Api, provider: str) -> None:
    name, suffix = OBJECT[provider], "__c" if provider == "salesforce" else ""
    field = {"fieldName": f"early{suffix}", "displayName": "Early", "valueType": "string"}
    body = {"groupRef": "early", "fields": {name: [field]}}
    path = f"{{p}}/providers/{provider}/object-metadata"
    assert refused(api.call("PUT", path, body), 404)["remedy"]
    api.connect(provider, "early")
    conforms(api.call("PUT", path, body), 200, schemas.UPSERT)
    install(api, provider, "early")
    found = api.get(f"{integration(provider)}/objects/{name}/metadata?groupRef=early")
    assert found.json["fields"][field["fieldName"]]["displayName"] == "Early"


@row("Search", "`POST search.withampersand.com/…`, operator `eq`", "same", "100 or 200 records, one page")
def test_records_are_found_by_value(api: Api, provider: str) -> None:
    made = write(api, provider, "acme", {"last_name": "O'Search", "role": "Finder"}).json["result"][
        "recordId"
    ]
    filters = [
        {"fieldName": "last_name", "operator": "eq", "value": "O'Search"},
        {"fieldName": TITLE[provider], "operator": "eq", "value": "Finder"},
    ]
    body = {"objectName": "person", "fieldFilters": filters}
    found = conforms(api.post(f"{integration(provider)}?groupRef=acme", body), 200, schemas.SEARCH)
    (entry,) = found["result"]
    assert entry["fields"]["id"] == made
    assert entry["mappedFields"]["role"] == "Finder"
    bad = {"objectName": "person", "fieldFilters": [{"fieldName": "x", "operator": "gt", "value": 1}]}
    assert refused(api.post(f"{integration(provider)}?groupRef=acme", bad), 400)["remedy"]
    assert refused(api.post(integration(provider), body), 400)["remedy"]


# -- aliases, keys and pages -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    settings = tmp_path_factory.mktemp("settings") / "sandbox.yaml"
    real = "113e9685-9a51-42cc-8662-9d9725b17f14"
    text = f"ids: {{webinar-walrus-hubspot: {real}, demo: [my-project, '66438162']}}\n"
    settings.write_text(text, "utf-8")
    options = RunnerOptions(
        manifest=SAMPLE, groups=("acme",), settings=settings, api_key="k", watch=False, use_environment=False
    )
    with Runner(options) as runner:
        api = Api(runner.url)
        yield api
        api.client.close()


@row("Everywhere", "names and ids of project and integration", "same",
     "ids follow from names; `ids:` of sandbox.yaml maps real ones")  # fmt: skip
def test_real_ids_stand_for_names(keyed: Api) -> None:
    real = "113e9685-9a51-42cc-8662-9d9725b17f14"
    body = {"groupRef": "acme", "type": "create", "record": {"email": "x@x.com"}}
    for project in ("demo", "my-project", "66438162"):
        path = f"/projects/{project}/integrations/{real}/objects/contacts"
        written = keyed.post(path, body | {"record": {"email": f"{project}@x.com"}}, X_Api_Key="k")
        assert written.status == 200, written.text
    operation = keyed.get(f"{{p}}/operations/{written.json['operationId']}", X_Api_Key="k").json
    assert operation["integrationId"] == real
    assert operation["projectId"] == "my-project"
    assert UUID(operation["configId"])


@row("Everywhere", "`X-Api-Key`", "simplified", "any key, or the one of `--api-key`; 401 problem")
def test_a_missing_key_is_refused(keyed: Api) -> None:
    assert "--api-key" in refused(keyed.get("{p}/integrations"), 401)["remedy"]
    assert keyed.get("{p}/integrations", X_Api_Key="k").status == 200


@row("Everywhere", "problem+json with remedy, time and requestId", "same")
def test_every_problem_has_an_id_of_its_own(api: Api) -> None:
    ids = {refused(api.get("{p}/nothing"), 404)["requestId"] for _ in range(3)}
    assert len(ids) == 3


@row("Everywhere", "calls of browsers", "simplified", "from origins named with `--allow-origin`")
def test_pages_of_named_origins_alone_may_call(api: Api) -> None:
    asked = {"Access-Control-Request-Method": "GET"}
    path = "/v1/projects/demo"
    allowed = api.client.options(path, headers={"Origin": ORIGIN, **asked})
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert "x-amp-client" in allowed.headers["access-control-allow-headers"]
    assert api.client.get(path, headers={"Origin": ORIGIN}).headers["access-control-allow-origin"] == ORIGIN
    for origin in ("http://localhost:5174", "https://evil.example", "null"):
        denied = api.client.options(path, headers={"Origin": origin, **asked})
        assert denied.status_code == 403
        assert "access-control-allow-origin" not in denied.headers
    for closed in ("/_sandbox/v1/state", "/projects/demo/x", "/_crm/x/acme/", "/openapi.json"):
        assert api.client.get(closed, headers={"Origin": ORIGIN}).status_code == 403
