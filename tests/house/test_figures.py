"""The figures of scripts/figures.py count what their labels say."""

from __future__ import annotations

from pathlib import Path

import figures
import pytest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of four modules, three of which import each other."""
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "till.py").write_text(
        '"""The till."""\n'
        "from typing import TYPE_CHECKING\n"
        "from . import stock\n"
        "if TYPE_CHECKING:\n"
        "    from shop.clerk import Clerk\n"
        "# Why: the tax office wants whole cents.\n"
        "def _cents(x):\n    return x * 100\n"
        "def _twice(x):\n    return x * 2\n"
        "def total(x):\n    return _cents(x) + _twice(x) + _twice(x)\n"
    )
    (folder / "stock.py").write_text("def count():\n    import shop.till\n    from json import dumps\n")
    (folder / "clerk.py").write_text("from shop.till import total\nclass Clerk: ...\n")
    (folder / "boss.py").write_text(
        "from shop.clerk import total\nclass Clerk:\n"
        + "".join(f"  def do_{n}(self): ...\n" for n in range(26))
    )
    return folder


def rows(folder: Path) -> dict[str, figures.Row]:
    return {row.key: row for row in figures.rows(figures.read([folder]), [])}


def test_a_circle_closes_over_relative_late_and_type_checking_imports(package: Path) -> None:
    assert rows(package)["circles"].items == ("3: shop.clerk shop.stock shop.till",)


def test_each_row_names_the_places_that_it_counts(package: Path) -> None:
    found = rows(package)
    assert found["helpers"].items == ("shop/till.py:7 _cents",)
    assert found["late"].items == ("shop/stock.py:2", "shop/stock.py:3")
    assert found["classes"].items == ("shop/boss.py:2 Clerk 26",)
    assert found["names"].items == ("Clerk: shop/boss.py:2 shop/clerk.py:2",)
    assert found["docstrings"].items == ("shop/till.py:1 The till.",)


def test_a_fixture_without_a_type_is_counted_and_a_parametrised_value_is_not(tmp_path: Path) -> None:
    file = figures.ROOT / "tests" / "house" / "test_figures.py"
    assert figures.fixture_row(figures.read([file])).items == ()
    source = tmp_path / "test_x.py"
    source.write_text(
        "@pytest.mark.parametrize(('a', 'b'), [(1, 2)])\n"
        "def test_it(a: Any, b, sandbox, tmp_path: Path): ...\n"
        "def helper(x): ...\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "ROOT", tmp_path)
        row = figures.fixture_row(figures.read([source]))
    assert row.items == ("test_x.py:2 test_it(sandbox)",)


def test_an_unknown_row_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        figures.main(["--list", "nope", "scripts"])
    assert "there are lines, functions, classes" in capsys.readouterr().err
