"""What is said of a simulation: the sentence, the table of 80 columns, the JSON and the page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from ampsandbox.capacity.assembly import RunOptions, make_plan
from ampsandbox.capacity.evaluation import summarise
from ampsandbox.capacity.reports import FORMATS, format_of, renderer
from ampsandbox.capacity.reports.svg import bar, time_plot
from ampsandbox.capacity.reports.text import in_ascii, render
from ampsandbox.capacity.summary import Summary
from ampsandbox.capacity.traffic import parse_traffic
from ampsandbox.capacity.words import bytes_words, percent, short_span, span_words
from ampsandbox.manifest.loader import parse_manifest
from tests.unit.capacity.made_up import made_up_results, sample_plan


def _summary(**results: int) -> Summary:
    plan = sample_plan(schedules=("every 15 minutes",))
    return summarise(plan, made_up_results(plan, **results), "amp.yaml")


# -- the answer ---------------------------------------------------------------------------------------------


def test_where_nobody_runs_dry_the_answer_is_yes_with_the_share_of_the_busiest() -> None:
    summary = _summary()
    assert summary.holds
    assert summary.answer.startswith(
        "Yes: all 40 groups stay within the day's calls; the busiest uses <1 % of them. A write is in the "
        "CRM after 37 minutes"
    )


def test_where_groups_run_dry_the_answer_is_no_with_how_many_and_when() -> None:
    summary = _summary(dry=12)
    assert not summary.holds
    assert summary.answer.startswith("No: 12 of 40 groups run out of calls, mostly at about 16:40.")
    assert [each.group for each in summary.variants[0].dry_groups[:2]] == ["group 1", "group 2"]
    assert summary.variants[0].dry_groups[0].hours == 2


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ({"lost": 5}, "No: 5 writes are given up after every retry failed. All 40 groups stay"),
        ({"refused": 1}, "No: 1 write without a schedule is refused"),
        ({"dry": 1, "lost": 1}, "No: 1 of 40 groups runs out of calls, mostly at about 16:40. 1 write is"),
    ],
)
def test_writes_that_fail_make_the_answer_no(results: dict[str, int], words: str) -> None:
    assert _summary(**results).answer.startswith(words)


def test_a_partial_answer_says_of_how_many_groups_it_is() -> None:
    summary = _summary(done=3)
    assert summary.is_partial
    assert summary.answer.startswith("Only 3 of 40 groups were simulated. Yes: all 3 groups")


def test_each_other_variant_gets_a_sentence_that_compares() -> None:
    assert _summary(dry=1).advice == (
        "Without batches: 1 of 40 groups would run out of calls, at 2.0 times the requests; a write would "
        "wait 40 minutes at most.",
        "“every 15 minutes”: 1 of 40 groups would run out of calls, at 3.0 times the requests; a write would "
        "wait 40 minutes at most.",
    )


def test_what_nobody_knows_for_certain_stands_there_with_its_source() -> None:
    plan = sample_plan()
    assumed = summarise(plan, made_up_results(plan), "amp.yaml", assumed_traffic=True).assumptions
    assert "made up" in assumed[0].text
    assert "105,000 (Salesforce Professional, 5 licences)" in assumed[1].text
    assert "docs/evidence/salesforce.md" in assumed[1].source
    assert assumed[2].text == (
        "Salesforce is down for 30 minutes on Fri 2026-01-09 at 14:00; writes of a batch are tried for "
        "10 minutes."
    )


def test_the_figures_of_a_quota_are_by_kind_of_crm() -> None:
    given = _summary(dry=2).variants[0]
    assert [(each.crm, each.groups, each.dry_groups) for each in given.crms] == [
        ("Salesforce Professional, 5 licences", 14, 1),
        ("Salesforce Enterprise, 50 licences", 13, 1),
        ("HubSpot Professional, public app", 13, 0),
    ]
    assert given.crms[2].quota_share is None


# -- forms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [75, 80, 120])
def test_the_text_keeps_its_width(width: int) -> None:
    lines = render(_summary(dry=12, lost=3), width).split("\n")
    assert max(map(len, lines)) <= width
    assert any("█" in line or "▏" in line for line in lines)


def test_the_text_can_be_written_in_ascii() -> None:
    text = in_ascii(render(_summary(dry=12)))
    assert text.isascii()
    assert "?" not in text
    assert '"every 15 minutes"' in text


def test_the_json_reads_back_as_the_summary() -> None:
    summary = _summary(dry=2, lost=1)
    text = renderer("json")(summary)
    assert msgspec.json.decode(text, type=Summary) == summary
    document = json.loads(text)
    assert document["version"] == 1
    assert document["variants"][0]["requestsPerGroupAndDay"] == {"p50": 0, "p95": 1000, "max": 1000}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.loaded += [name for name, _ in attrs if name in ("src", "href", "style", "onload", "onclick")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing() -> None:
    page = renderer("html")(_summary(dry=12))
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.loaded == []
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert "<script" not in page


HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m"


@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_names_are_just_text(format_: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(f'"{HOSTILE}",5\n', encoding="utf-8")
    source = "integrations: [{name: a, api: salesforce, actions: [{type: write, standardObjects: " + (
        "[{objectName: lead, mode: insert, endpoint: e}]}]}]"
    )
    manifest = parse_manifest(source, "amp.yaml").manifest
    assert manifest is not None
    text = "groups: 1\nsizes: {csv: c.csv}\ntraffic: [{endpoint: e, writes_per_day: 1}]"
    plan = make_plan(parse_traffic(text.encode(), "t", manifest, tmp_path), RunOptions())
    shown = renderer(format_)(summarise(plan, made_up_results(plan, dry=1), HOSTILE))
    assert "\x1b" not in shown
    assert format_ == "json" or "\u202e" not in shown
    assert format_ != "html" or "<img" not in shown


def test_a_plot_thins_many_hours_and_names_few_days() -> None:
    plot = time_plot([list(range(8_784))], [f"day {number}" for number in range(366)], "requests")
    assert plot.count("H") <= 801
    assert plot.count("<text") <= 3 + 7
    assert "10,000" in plot


def test_a_bar_never_leaves_its_track() -> None:
    assert 'width="100.00%"' in bar(7, "over")
    assert 'width="0.00%"' in bar(-1, "used")


def test_a_format_is_taken_from_the_name_of_a_file() -> None:
    names = {"a.html": "html", "a.HTM": "html", "a.json": "json", "a.txt": "text", "a": "text"}
    assert {name: format_of(Path(name)) for name in names} == names
    assert format_of(None) == "text"


@pytest.mark.parametrize(
    ("seconds", "words", "short"),
    [
        (0, "0 ms", "0 ms"), (0.3, "300 ms", "300 ms"), (1, "1 second", "1.0 s"), (59, "59 seconds", "59 s"),
        (60, "1 minute", "1 min"), (125, "2 minutes 5 seconds", "2 min"), (3600, "1 hour", "1 h"),
        (7500, "2 hours 5 minutes", "2 h 05"), (90_000, "1 day 1 hour", "25 h"),
        (864_000, "10 days", "10.0 days"),
    ],
)  # fmt: skip
def test_lengths_of_time_read_well(seconds: float, words: str, short: str) -> None:
    assert (span_words(seconds), short_span(seconds)) == (words, short)


def test_a_share_is_never_rounded_to_none_or_all() -> None:
    shares = (0, 0.004, 0.43, 0.996, 1, 14)
    assert [percent(share) for share in shares] == ["0 %", "<1 %", "43 %", ">99 %", "100 %", "1,400 %"]


def test_sizes_read_well() -> None:
    assert [bytes_words(size) for size in (5, 1234, 56_000_000, 7.8e9, 3e15)] == [
        "5 bytes", "1.2 kB", "56 MB", "7.8 GB", "3,000.0 TB",
    ]  # fmt: skip


def test_every_field_of_the_json_is_explained() -> None:
    for part in _parts(Summary):
        about = part.__doc__ or ""
        fields = part.__struct_fields__
        assert "Attributes:" not in about or all(re.search(rf"\b{name}:", about) for name in fields)


def _parts(part: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    found = {part}
    for field in msgspec.structs.fields(part):
        for kind in (field.type, *getattr(field.type, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
                found |= _parts(kind)
    return found
