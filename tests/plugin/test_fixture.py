"""The fixture `amp_sandbox`: how it is made, configured, reset and kept apart."""

from __future__ import annotations

import pytest

# Each of them may run in any order and see the same.
INDEPENDENT = """
    import pytest

    @pytest.mark.parametrize("number", range(6))
    def test_ids(amp_sandbox, number, record_property):
        operation = amp_sandbox.send("create-lead", {"lastName": "Ann", "company": "Big Co."})
        amp_sandbox.advance(hours=2)
        [lead] = amp_sandbox.crm().records("Lead")
        print("SEEN", operation.id, lead["Id"], amp_sandbox.now, len(amp_sandbox.exchanges))
        if number % 2:
            amp_sandbox.install(f"group-{number}")
"""


def test_the_three_line_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_a_lead_reaches_the_crm(amp_sandbox):
            amp_sandbox.send("create-lead", {"lastName": "Ann", "company": "Big Co."})
            amp_sandbox.advance(hours=2)
            amp_sandbox.assert_written("lead", {"lastName": "Ann"})
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_nothing_of_one_test_is_left_for_the_next(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", (1, 2, 3))
        def test_alone(amp_sandbox, turn):
            assert amp_sandbox.operations == amp_sandbox.exchanges == amp_sandbox.requests == []
            assert amp_sandbox.crm().records("Account") == []
            assert [item.group for item in amp_sandbox.installations] == ["demo"]
            assert amp_sandbox.now.isoformat() == "2026-01-01T00:00:00+00:00"
            amp_sandbox.send("create-account", {"name": "Big Co."})
            amp_sandbox.crm().faults.add("outage")
            amp_sandbox.run_clock(1000)
            if turn == 1:
                amp_sandbox.uninstall("demo")
            if turn == 2:
                amp_sandbox.install("acme")
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.slow
def test_ids_times_and_requests_are_the_same_in_every_worker(project: pytest.Pytester) -> None:
    project.makepyfile(INDEPENDENT)
    alone = project.runpytest_subprocess("-rP", "-p", "no:xdist")
    shared = project.runpytest_subprocess("-rP", "-n", "2")
    for result in (alone, shared):
        result.assert_outcomes(passed=6)
    seen = {line for result in (alone, shared) for line in result.outlines if line.startswith("SEEN")}
    assert len(seen) == 1


def test_another_seed_gives_other_ids(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.ampsandbox(seed=7)
        def test_marked(amp_sandbox):
            print("SEEN", amp_sandbox.send("create-account", {"name": "Big Co."}).id)

        def test_not_marked(amp_sandbox):
            print("SEEN", amp_sandbox.send("create-account", {"name": "Big Co."}).id)
        """
    )
    result = project.runpytest_inprocess("-rP")
    other = project.runpytest_inprocess("-rP", "--ampsandbox-seed", "8")
    assert len({line for r in (result, other) for line in r.outlines if line.startswith("SEEN")}) == 3


def test_markers_beat_the_command_line_which_beats_the_project(project: pytest.Pytester) -> None:
    text = project.path.joinpath("amp.yaml").read_text()
    for name in ("ini", "cli", "marker"):
        project.path.joinpath(f"{name}.yaml").write_text(text.replace("create-account", f"from-{name}"))
    folder = project.path.joinpath("tests")
    folder.mkdir()
    project.path.joinpath("marker.yaml").rename(folder / "marker.yaml")
    folder.joinpath("test_it.py").write_text(
        "import pytest\n\n"
        "def first(sandbox):\n"
        "    return next(iter(sandbox.manifest.endpoints()))\n\n"
        "def test_plain(amp_sandbox):\n"
        "    print('PLAIN', first(amp_sandbox))\n\n"
        "@pytest.mark.ampsandbox(manifest='marker.yaml')\n"
        "def test_marked(amp_sandbox):\n"
        "    print('MARKED', first(amp_sandbox))\n"
    )
    with project.path.joinpath("tox.ini").open("a") as ini:
        ini.write("\nampsandbox_manifest = ini.yaml\n")
    project.runpytest_inprocess("-rP").stdout.fnmatch_lines_random(["PLAIN from-ini", "MARKED from-marker"])
    project.runpytest_inprocess("-rP", "--ampsandbox-manifest", "cli.yaml").stdout.fnmatch_lines_random(
        ["PLAIN from-cli", "MARKED from-marker"]
    )


def test_the_manifest_fixture_can_be_overridden(project: pytest.Pytester) -> None:
    project.path.joinpath("amp.yaml").rename(project.path / "other.yaml")
    project.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def amp_sandbox_manifest():
            return "other.yaml"
        """
    )
    project.makepyfile("def test_it(amp_sandbox): assert amp_sandbox.manifest.path.name == 'other.yaml'")
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_groups_come_from_the_marker_or_the_project(project: pytest.Pytester) -> None:
    with project.path.joinpath("tox.ini").open("a") as ini:
        ini.write("\nampsandbox_groups = acme umbrella\n")
    project.makepyfile(
        """
        import pytest

        def groups(sandbox):
            return [item.group for item in sandbox.installations]

        def test_project(amp_sandbox):
            assert groups(amp_sandbox) == ["acme", "umbrella"]

        @pytest.mark.ampsandbox(groups=["initech"])
        class TestMarked:
            def test_class(self, amp_sandbox):
                assert groups(amp_sandbox) == ["initech"]

            @pytest.mark.ampsandbox(groups=["hooli"])
            def test_closest(self, amp_sandbox):
                assert groups(amp_sandbox) == ["hooli"]
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)


def test_the_clock_starts_where_the_marker_says(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import datetime
        import pytest

        @pytest.mark.ampsandbox(clock="2026-03-01T09:00:00Z")
        def test_text(amp_sandbox):
            assert str(amp_sandbox.now) == "2026-03-01 09:00:00+00:00"

        @pytest.mark.ampsandbox(clock=datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC))
        def test_moment(amp_sandbox):
            assert amp_sandbox.now.year == 2027

        @pytest.mark.ampsandbox(clock="real")
        def test_real(amp_sandbox):
            now = datetime.datetime.now(datetime.UTC)
            assert abs(amp_sandbox.now - now) < datetime.timedelta(minutes=1)
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)


def test_faults_of_the_marker_strike_the_crms_that_they_name(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        RULE = {"kind": "error", "method": "POST", "code": "INVALID_FIELD", "group": "acme"}

        @pytest.mark.ampsandbox(groups=["acme", "umbrella"], faults=[RULE])
        def test_named(amp_sandbox):
            assert amp_sandbox.send("create-account", {"name": "A"}, group="acme").state == "failed"
            assert amp_sandbox.send("create-account", {"name": "A"}, group="umbrella").state == "succeeded"

        @pytest.mark.ampsandbox(groups=["acme", "umbrella"], faults=[{"kind": "outage", "method": "POST"}])
        def test_all(amp_sandbox):
            for group in ("acme", "umbrella"):
                assert amp_sandbox.send("create-account", {"name": "A"}, group=group).state != "succeeded"
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("manifst='x.yaml'", "@pytest.mark.ampsandbox does not take manifst. It is"),
        ("'amp.yaml'", "@pytest.mark.ampsandbox does not take positional arguments. It is"),
        ("manifest='absent.yaml'", "*absent.yaml*"),
        ("clock='tomorrow'", "The clock cannot be 'tomorrow'."),
        ("clock='2026-03-01'", "The clock cannot be '2026-03-01'."),
        ("faults=[{'kind': 'flood'}]", "*flood*"),
        ("faults=[{'kind': 'outage', 'group': 'nobody'}]", "Nothing is installed for group 'nobody'*"),
        ("strict={'unflushd': False}", "There is no check 'unflushd'."),
    ],
)
def test_wrong_settings_are_told_in_a_line(project: pytest.Pytester, arguments: str, message: str) -> None:
    project.makepyfile(
        f"""
        import pytest

        @pytest.mark.ampsandbox({arguments})
        def test_it(amp_sandbox):
            pass
        """
    )
    result = project.runpytest_inprocess()
    assert result.ret == 1
    result.stdout.fnmatch_lines([message])
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_manifest_with_errors_is_told_with_its_places(project: pytest.Pytester) -> None:
    project.path.joinpath("amp.yaml").write_text("specVersion: 0.1.0\nintegrations: 3\n")
    project.makepyfile("def test_it(amp_sandbox): pass")
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["The manifest has errors:", "*amp.yaml:2: *", "'ampsandbox check' says more."]
    )


def test_the_factory_makes_isolated_sandboxes(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_two(amp_sandbox, amp_sandbox_factory):
            other = amp_sandbox_factory(groups=["acme"])
            assert other.url != amp_sandbox.url
            other.send("create-account", {"name": "Big Co."})
            other.assert_written("account")
            amp_sandbox.assert_not_written("account")
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_run_without_sandboxes_imports_nothing_of_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import sys

        def test_it():
            ours = [n for n in sys.modules if n.partition(".")[0] in ("ampsandbox", "mock_crm", "httptools")]
            assert sorted(ours) == ["ampsandbox", "ampsandbox.pytest_plugin"]
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=1)
