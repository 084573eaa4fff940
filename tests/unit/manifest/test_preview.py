"""What the customer sees at installation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import load_manifest, usable_manifest
from ampsandbox.manifest.preview import (
    Button,
    Chip,
    Chips,
    Choice,
    Divider,
    FieldMapping,
    Heading,
    Layout,
    PreviewDocument,
    Prompt,
    SearchField,
    Sentence,
    TextSpan,
    html,
    preview,
    previews,
    text,
)
from ampsandbox.manifest.preview import json as json_format
from ampsandbox.manifest.preview.notes import DRAWING

Load = Callable[[str], LoadResult]


def _screens(path: Path, **options: str) -> list[PreviewDocument]:
    manifest = usable_manifest(path)
    return [preview(item, manifest, **options) for item in manifest.integrations]


def test_the_card_says_what_the_founding_pages_example_asks_for(samples: Path) -> None:
    (screen,) = _screens(samples / "write-actions.yaml", app_name="MailMonkey", group="acme")
    assert screen.layout is Layout.CARD
    assert screen.blocks == (
        Heading(
            (
                TextSpan("Let's integrate MailMonkey with your Salesforce instance "),
                TextSpan("acme", is_strong=True),
                TextSpan("."),
            )
        ),
        Divider(),
        Sentence(
            (
                TextSpan("MailMonkey will save "),
                TextSpan("Accounts", is_strong=True),
                TextSpan(" to Salesforce."),
            )
        ),
        Divider(),
        Sentence(
            (
                TextSpan("MailMonkey will update "),
                TextSpan("Contacts", is_strong=True),
                TextSpan(" in Salesforce."),
            )
        ),
        Sentence(
            (
                TextSpan("The following custom fields will be created on "),
                TextSpan("Contact", is_strong=True),
                TextSpan(":"),
            )
        ),
        Chips((Chip("Warmth Score", "This is the warmth score we calculate for each contact."),)),
        Divider(),
        Sentence(
            (
                TextSpan("MailMonkey will create the custom object "),
                TextSpan("Mail Monkey Campaigns", is_strong=True),
                TextSpan(" in your Salesforce."),
            )
        ),
        Prompt("When you create campaigns in MailMonkey, we will sync it to your Salesforce."),
        Sentence(
            (
                TextSpan("Each "),
                TextSpan("Mail Monkey Campaign", is_strong=True),
                TextSpan(" will include the following fields:"),
            )
        ),
        Chips((Chip("Campaign Name"), Chip("Campaign Description"))),
        Divider(),
        Button("Install"),
    )


def test_an_app_without_a_name_is_this_app(samples: Path) -> None:
    (screen,) = _screens(samples / "write-actions.yaml")
    output = text.render([screen])
    assert "Let's integrate this app with" in output
    assert "This app will save *Accounts* to Salesforce." in output


def test_standard_objects_come_before_custom_ones(load: Load) -> None:
    manifest = load("""\
        integrations:
          - name: a
            displayName: A
            api: hubspot
            actions:
              - type: write
                customObjects:
                  - {objectName: pets, displayName: Pets, mode: insert, endpoint: one, customFields: []}
              - type: write
                standardObjects:
                  - {objectName: deal, mode: insert, endpoint: two}
        """).manifest
    assert manifest is not None
    output = text.render([preview(manifest.integrations[0], manifest)])
    assert output.index("Deals") < output.index("Pets")


def test_a_second_endpoint_for_the_same_writes_asks_nothing_new(load: Load) -> None:
    manifest = load("""\
        field: &f {fieldName: x, displayName: X}
        integrations:
          - name: a
            displayName: A
            api: hubspot
            actions:
              - type: write
                standardObjects:
                  - {objectName: deal, mode: insert, endpoint: one, customFields: &x [*f]}
                  - {objectName: deal, mode: insert, endpoint: two, customFields: *x}
        """).manifest
    assert manifest is not None
    output = text.render([preview(manifest.integrations[0], manifest)])
    assert output.count("will save *Deals*") == 1
    assert output.count("[X]") == 1


def test_todays_format_shows_the_tab_write(samples: Path) -> None:
    salesforce, hubspot = _screens(samples / "today.yaml", app_name="Walrus")
    assert hubspot.layout is Layout.WRITE_TAB
    assert hubspot.tabs == ("Person", "Write", "Manage")
    assert hubspot.selected_tab == "Write"
    assert hubspot.blocks == (
        Button("Reset", is_primary=False),
        Button("Install"),
        Heading((TextSpan("Allow Walrus to write to these objects"),)),
        SearchField("Search objects..."),
        Choice("Select all 3 objects", selects_all=True),
        Choice("Contact"),
        Choice("Company"),
        Choice("Deal"),
    )
    assert hubspot.notes[0].startswith("Also in this integration, not exercised by the sandbox: read")
    assert salesforce.notes[-1] == hubspot.notes[-1] == DRAWING


def test_names_cannot_switch_emphasis(samples: Path) -> None:
    screens = _screens(samples / "mailmonkey.yaml", app_name="**A** <b>", group="*acme*")
    page = html.render(screens)
    assert "integrate **A** &lt;b&gt; with your Salesforce instance <strong>*acme*</strong>." in page


def test_json_names_the_type_of_each_block(samples: Path) -> None:
    (screen,) = json.loads(json_format.render(_screens(samples / "write-actions.yaml")))
    assert [block["type"] for block in screen["blocks"]][:3] == ["heading", "divider", "sentence"]
    assert screen["layout"] == "card"
    assert screen["blocks"][2]["spans"][1] == {"text": "Accounts", "is_strong": True}


def test_the_page_loads_nothing_from_anywhere(samples: Path) -> None:
    page = html.render(_screens(samples / "mailmonkey.yaml"))
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=|url\(|@import|https?://", page)


def test_every_sample_renders(samples: Path) -> None:
    for path in samples.glob("*.yaml"):
        assert load_manifest(path).manifest is not None
        screens = _screens(path)
        for render in (text.render, html.render, json_format.render):
            assert "Install" in render(screens)


@pytest.mark.parametrize("name", ["write-actions.yaml", "today.yaml"])
def test_the_text_fits_a_narrow_terminal(samples: Path, name: str) -> None:
    assert all(len(line) <= 80 for line in text.render(_screens(samples / name)).split("\n"))


def test_todays_reads_show_their_fields_and_ask_for_mappings(load: Load) -> None:
    manifest = load("""\
        specVersion: 1.0.0
        integrations:
          - name: read-only
            provider: hubspot
            read:
              objects:
                - objectName: contacts
                  mapToName: people
                  mapToDisplayName: People
                  destination: hook
                  schedule: "0 */2 * * *"
                  requiredFields:
                    - fieldName: email
                    - mapToName: priority
                      prompt: Which field holds the priority?
                      default: hs_priority
                  optionalFields:
                    - fieldName: phone
                    - mapToName: score
        """).manifest
    assert manifest is not None
    (screen,) = previews(manifest.integrations[0], manifest, app_name="Walrus")
    assert screen.layout is Layout.READ_TAB
    assert screen.tabs == ("People", "Manage")
    mappings = [block for block in screen.blocks if isinstance(block, FieldMapping)]
    assert mappings == [
        FieldMapping("Priority", "Which field holds the priority?", "hs_priority", is_required=True),
        FieldMapping("Score"),
    ]
    shown = text.render([screen])
    assert "*People* in Walrus is mapped to *Contact* in HubSpot." in shown
    assert "Priority *  ( hs_priority v )" in shown
    assert "Score  ( Please select one v )" in shown
    page = html.render([screen])
    assert "<select><option>Please select one</option></select>" in page
    assert DRAWING.split(":")[0].replace("'", "&#x27;") in page


def test_a_proxy_alone_asks_nothing(load: Load) -> None:
    manifest = load("""\
        specVersion: 1.0.0
        integrations: [{name: a, provider: hubspot, proxy: {enabled: true}}]
        """).manifest
    assert manifest is not None
    (screen,) = previews(manifest.integrations[0], manifest)
    assert screen.blocks == (
        Sentence((TextSpan("You have successfully installed your HubSpot integration."),)),
    )
