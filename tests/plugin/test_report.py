"""`--ampsandbox-report`: what of the manifest the tests exercised."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

TESTS = """
    def test_account(amp_sandbox):
        amp_sandbox.send("create-account", {"name": "Big Co.", "tier": "gold"})
        assert amp_sandbox.send("create-account", {}).state == "failed"

    def test_lead(amp_sandbox):
        amp_sandbox.send("create-lead", {"lastName": "Ann", "company": "Big Co."})
        amp_sandbox.faults().add("row-lock", nth=1)
        amp_sandbox.advance(hours=3)

    def test_doubt(amp_sandbox_factory):
        sandbox = amp_sandbox_factory()
        sandbox.faults().add("drop-after", method="POST")
        sandbox.send("create-account", {"name": "Big Co."})

    def test_without():
        pass
"""

SUMMARY = [
    "=* coverage of the manifest =*",
    "   4/5  amp.yaml: insert create-account, untested: retried",
    "   3/5  amp.yaml: insert create-lead, untested: refused, in doubt",
    "   0/3  amp.yaml: update update-contact, untested: written, refused, retried",
    "  7/13  in all",
]


@pytest.mark.parametrize("workers", [(), pytest.param(("-n", "2"), marks=pytest.mark.slow)])
def test_the_summary_adds_up_all_tests_and_workers(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    project.makepyfile(TESTS)
    result = project.runpytest_subprocess("--ampsandbox-report=text", *workers)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(SUMMARY, consecutive=True)


def test_a_run_that_does_not_ask_gets_no_summary(project: pytest.Pytester) -> None:
    project.makepyfile(TESTS)
    assert "coverage of the manifest" not in project.runpytest_inprocess().stdout.str()


def test_a_run_without_sandboxes_says_so(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(): pass")
    result = project.runpytest_inprocess("--ampsandbox-report=text")
    result.stdout.fnmatch_lines(["*coverage of the manifest*", "No test used a sandbox."])


def test_programs_get_json(project: pytest.Pytester) -> None:
    project.makepyfile(TESTS)
    project.runpytest_inprocess("--ampsandbox-report=json:covered.json", "--ampsandbox-report=text")
    report = json.loads(project.path.joinpath("covered.json").read_text())
    assert (report["covered"], report["total"]) == (7, 13)
    assert report["endpoints"]["amp.yaml: insert create-account"] == {
        "written": True,
        "refused": True,
        "retried": False,
        "in doubt": True,
        "field tier": True,
    }
    assert report["untested"]["amp.yaml: insert create-lead"] == ["refused", "in doubt"]


@pytest.mark.parametrize("workers", [(), pytest.param(("-n", "2"), marks=pytest.mark.slow)])
def test_junit_gets_properties_of_the_suite_and_of_each_test(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    project.makepyfile(TESTS)
    project.runpytest_subprocess("--ampsandbox-report=junit", "--junit-xml=junit.xml", *workers)
    suite = ElementTree.parse(project.path / "junit.xml").getroot()[0]
    whole = {item.get("name"): item.get("value") for item in suite.findall("./properties/property")}
    assert whole["ampsandbox.coverage"] == "7/13"
    assert whole["ampsandbox.untested.amp.yaml: insert create-lead"] == "refused, in doubt"
    covered = {
        case.get("name"): [item.get("value") for item in case.findall("./properties/property")]
        for case in suite.findall("testcase")
    }
    assert covered["test_lead"] == [
        "create-lead: retried",
        "create-lead: written",
        "create-lead: scheduled flush",
    ]
    assert covered["test_without"] == []


@pytest.mark.parametrize("form", ["xml", "json", "json:", "text:x"])
def test_an_unknown_form_is_refused(project: pytest.Pytester, form: str) -> None:
    result = project.runpytest_inprocess(f"--ampsandbox-report={form}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*--ampsandbox-report {form} is not a report. Give text, json:PATH or junit.*"]
    )
