"""`ampsandbox init`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ampsandbox.cli.main import main
from ampsandbox.errors import UsageError
from ampsandbox.manifest.findings import Target
from ampsandbox.manifest.loader import load_manifest, parse_manifest
from ampsandbox.manifest.model import Mode, Provider
from ampsandbox.manifest.new_manifest import NewWrite, new_manifest, parse_write


@given(
    app_name=st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1).map(
        str.strip
    ),
    providers=st.sampled_from([[Provider.SALESFORCE], [Provider.HUBSPOT], list(Provider)]),
    schedule=st.sampled_from([None, "every 2 hours", "*/15 * * * *"]),
)
def test_a_new_manifest_is_clean(app_name: str, providers: list[Provider], schedule: str | None) -> None:
    writes = [NewWrite("contact", Mode.INSERT, schedule), NewWrite("contact", Mode.INSERT, schedule)]
    if not app_name:
        return
    result = parse_manifest(
        new_manifest(app_name, [(provider, writes) for provider in providers]), "amp.yaml"
    )
    assert result.findings == ()
    assert result.manifest is not None
    assert result.manifest.app_name == app_name
    assert len(result.manifest.endpoints()) == 2 * len(providers)


def test_flags_answer_every_question(tmp_path: Path) -> None:
    path = tmp_path / "amp.yaml"
    flags = [
        "--app-name",
        "Otter",
        "--provider",
        "hubspot",
        "--write",
        "lineItem",
        "--write",
        "deal:update:@daily",
    ]
    assert main(["init", str(path), *flags]) == 0
    manifest = load_manifest(path).manifest
    assert manifest is not None
    assert list(manifest.endpoints()) == ["create-line-item", "update-deal"]


def test_a_file_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text("precious")
    assert main(["init", str(tmp_path), "--yes"]) == 2
    assert path.read_text() == "precious"
    assert "--force" in capsys.readouterr().err
    assert main(["init", str(tmp_path), "--yes", "--force"]) == 0
    assert load_manifest(path).findings == ()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_questions_are_asked_in_a_terminal_and_wrong_answers_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = "Walrus", "pipedrive", "hubspot", "2023", "contcat", "contact:insert:every 5 minutes", ""
    monkeypatch.setattr(sys, "stdin", Terminal("\n".join(answers) + "\n"))
    assert main(["init", "-"]) == 0
    output = capsys.readouterr()
    assert "appName: Walrus" in output.out
    assert "schedule: every 5 minutes" in output.out
    assert "Name of the app [My App]" in output.err
    assert "'pipedrive' is not a CRM of the sandbox" in output.err
    assert "Did you mean contact?" in output.err


def test_both_crms_and_todays_format_can_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("Walrus\nboth\ntoday\ncontact\n\ncontact\ndeal\n\n"))
    assert main(["init", "-"]) == 0
    result = parse_manifest(capsys.readouterr().out, "amp.yaml", target=Target.DEPLOY)
    assert result.findings == ()
    assert result.manifest is not None
    assert [[item.name for item in each.objects] for each in result.manifest.integrations] == [
        ["Contact"],
        ["contacts", "deals"],
    ]


def test_the_end_of_the_input_takes_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("Walrus\npipedrive"))
    assert main(["init", "-"]) == 0


@pytest.mark.parametrize("text", ["contcat", "contact:delete", "contact:insert:sometimes"])
def test_an_object_that_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_write(text, Provider.SALESFORCE)
