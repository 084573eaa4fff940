"""Files that somebody names on the screen: whatever is typed, it is written, read or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ampsandbox.errors import UsageError
from ampsandbox.tui.user_files import read_file, write_file


@pytest.mark.parametrize("content", ["a\nb", "\ud800", b"\xff"], ids=["text", "no-text", "bytes"])
def test_what_is_written_is_read_again(tmp_path: Path, content: str | bytes) -> None:
    write_file(f" {tmp_path}/it ", content)
    expected = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    assert read_file(f"{tmp_path}/it") == expected


@pytest.mark.parametrize("name", ["none/it", "", ".", "a\0b", "~nobody-of-that-name/it", "x" * 300])
def test_a_file_that_cannot_be_is_refused_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for work in (lambda: write_file(name, "it"), lambda: read_file(name)):
        with pytest.raises(UsageError) as refused:
            work()
        assert "None" not in refused.value.message
