"""The measures of the code's structure, each on a small tree."""

from pathlib import Path
from textwrap import dedent

import pytest
from scripts.structure import LIMITS, NAME_LIMITS, Row, main, measure, violations


@pytest.fixture
def rows(tmp_path):
    def of(**sources: str) -> dict[str, Row]:
        package = tmp_path / "house"
        package.mkdir()
        for name, source in {"__init__": "", **sources}.items():
            path = package / (name.replace("__", "/") if name != "__init__" else name)
            path.parent.mkdir(exist_ok=True)
            path.with_suffix(".py").write_text(dedent(source))
        return measure(package)

    return of


def values(rows: dict[str, Row], *keys: str) -> list[float]:
    return [rows[key].value for key in keys]


def places(row: Row) -> list[str]:
    return [str(site.name) for site in row.sites]


def test_sizes(rows):
    source = '''\
        """Two lines
        of docstring."""

        # a comment
        class Shelf:
            """A docstring."""

            books = """one
            string"""

            def count(self):
                return 1

            def close(self): ...
        '''
    result = rows(shelf=source, room__door="WIDTH = 3\n")
    assert values(result, "files", "lines", "code_lines", "biggest_file_lines") == [3, 15, 7, 14]
    assert values(result, "biggest_class_lines", "biggest_class_methods") == [10, 2]
    assert values(result, "lines:room", "code_lines:room") == [1, 1]
    assert "lines:shelf" not in result
    assert places(result["biggest_class_methods"]) == ["Shelf"]


def test_functions_are_measured_without_signature_and_docstring(rows):
    source = '''
        def short(
            width,
            height,
        ):
            """A docstring."""
            return width
    '''
    long = "def long():\n" + "    print()\n" * 31
    result = rows(short=source, long=long)
    assert values(result, "functions", "function_lines_median", "function_lines_max") == [2, 16, 31]
    assert places(result["functions_over_30_lines"]) == ["long"]


def test_complexity(rows):
    source = """
        def tangle(rows):
            for row in rows:
                if row and rows or row:
                    continue
            return [row for row in rows if row] if rows else []
    """
    # The function, the loop, its condition with two further operands (one of `and`, one of `or`), the comprehension
    # with its condition, and the conditional expression.
    assert rows(tangle=source)["complexity_max"].value == 8


def test_annotations_and_docstrings(rows):
    source = '''
        """A docstring."""

        def full(self, width: int) -> int:
            """A docstring."""

        def half(width: int): ...

        def _private() -> None: ...
    '''
    result = rows(functions=source)
    assert result["annotated_percent"].value == pytest.approx(100 * 4 / 5)
    assert places(result["annotated_percent"]) == ["half"]
    assert places(result["public_docstring_percent"]) == ["house", "half"]


def test_comments_and_broad_excepts(rows):
    source = """
        try:  # a comment
            print("# no comment")
        except (OSError, Exception):
            pass
        except ValueError:
            pass
        try:
            pass
        except:
            pass
    """
    result = rows(errors=source)
    assert values(result, "comments_per_100_code_lines", "broad_excepts_per_1000") == [10, 200]


def test_import_cycles(rows):
    result = rows(
        left="from house import right\n",
        right="from house.left import width\n",
        typed="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house import lazy\n",
        lazy="import house.lonely\n",
        lonely="def load():\n    import house.lazy\n",
    )
    assert places(result["import_cycles"]) == ["house.left house.right"]
    assert places(result["import_cycles_with_lazy"]) == ["house.lazy house.lonely", "house.left house.right"]


def test_private_functions_with_one_caller(rows):
    source = """
        def _passed(row): ...
        def _twice(): ...
        def _recursive(): return _recursive()
        def _imported(): ...
        def public(): return _twice() + _twice()
        print(map(_passed, []))

        class Shelf:
            def _method(self):
                print()
                print()
                print()
                print()
            def __init__(self): self._method()

        class Stack:
            def _method(self): ...
    """
    result = rows(functions=source, user="from house.functions import _imported\n_imported()\n")
    assert places(result["one_caller_percent"]) == ["_passed", "_imported", "_method"]
    assert places(result["short_one_caller_percent"]) == ["_passed", "_imported"]
    assert result["one_caller_percent"].value == pytest.approx(100 * 3 / 8)


def test_bare_bindings(rows):
    source = """
        import json as other

        FOUND = width = 1

        class Shelf:
            kept: int

            def open(self, given, *, height):
                self._said = given
                with height as these:
                    pass
                for one, row in []:
                    pass
                match height:
                    case [known, *rest]:
                        pass
                    case {"width": 1, **others}:
                        pass
                if there := [each for each in height]:
                    pass
                try:
                    pass
                except ValueError as that:
                    pass
    """
    result = rows(names=source, sides="left, right = 0, 1\n", rest="left = 1\n")
    words = "FOUND _said each given kept known left one other others rest that there these"
    assert " ".join(sorted(places(result["bare_bindings_percent"]))) == words
    assert result["bindings"].value == 14 + len(["width", "height", "row", "left", "right"])


def test_bare_definitions(rows):
    result = rows(found="class Said: ...\n", shelf="def _named(): ...\ndef named_row(): ...\n")
    assert sorted(places(result["bare_definitions"])) == ["Said", "_named", "found"]


def test_repeated_definitions(rows):
    result = rows(
        first="class Wish: ...\nclass Row: ...\ndef lines(): ...\ndef pages(): ...\n",
        second="class _Wish: ...\ndef lines(): ...\ndef pages(): ...\n",
        third="def lines(): ...\nclass Sheet:\n    def pages(self): ...\n",
    )
    assert values(result, "repeated_classes", "repeated_functions") == [1, 1]
    assert places(result["repeated_classes"]) == ["Wish", "_Wish"]
    assert places(result["repeated_functions"]) == ["lines"] * 3


def test_positional_arguments(rows):
    source = """
        def wide(a, b, c, *, d, e, f, **rest): ...
        def narrow(self, a, b, c, d, e, *rest): ...
        wide(1, 2, 3, 4, 5)
        wide(1, 2, 3, 4, *[5], d=6)
    """
    result = rows(calls=source)
    assert values(result, "calls_with_5_positional", "calls_with_5_positional_percent") == [1, 50]
    assert values(result, "functions_over_5_parameters", "most_parameters") == [1, 6]
    assert places(result["functions_over_5_parameters"]) == ["wide"]


def test_positional_dataclasses(rows):
    fields = "".join(f"    {name}: int\n" for name in "abc")
    source = (
        "import dataclasses\nfrom dataclasses import dataclass\nfrom typing import ClassVar\n"
        f"@dataclass\nclass Short:\n{fields}    z: ClassVar[int] = 1\n"
        f"@dataclass(frozen=True)\nclass Wide:\n{fields}    d: int\n"
        f"@dataclasses.dataclass\nclass Dotted:\n{fields}    d: int\n"
        f"@dataclass(kw_only=True)\nclass Named:\n{fields}    d: int\n"
        f"class Plain:\n{fields}    d: int\n"
    )
    assert places(rows(classes=source)["positional_dataclasses"]) == ["Wide", "Dotted"]


def test_violations_are_above_the_limit():
    limit = LIMITS["bare_bindings_percent"]
    above = Row("bare_bindings_percent", limit + 0.1)
    assert violations([Row("bare_bindings_percent", limit), above, Row("no_limit", 1000)]) == [above]


def test_what_is_run_by_hand_keeps_to_the_limits_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    for tree in ("src/recto", "bench", "scripts"):
        folder = tmp_path / tree
        folder.mkdir(parents=True)
        (folder / "shelf.py").write_text("class Row: ...\nclass Row: ...\n" + "def long():\n" + "    print()\n" * 31)
    assert set(NAME_LIMITS) < set(LIMITS)
    assert main(["--check"]) == 1
    shown = capsys.readouterr().out
    assert [line.split(" is ")[0] for line in shown.splitlines()] == [
        "src/recto: functions_over_30_lines",
        "src/recto: repeated_classes",
        "bench: repeated_classes",
        "scripts: repeated_classes",
    ]
    assert "(see bench --list repeated_classes)" in shown


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "shelf.py").write_text("class Row: ...\nclass Row: ...\n")
    assert main([str(tmp_path)]) == 0
    assert "repeated_classes" in capsys.readouterr().out
    assert main([str(tmp_path), "--json"]) == 0
    assert '"repeated_classes": 1' in capsys.readouterr().out
    assert main([str(tmp_path), "--list", "repeated_classes"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'shelf.py'}:1 Row\n{tmp_path / 'shelf.py'}:2 Row\n"
    assert main([str(tmp_path), "--check"]) == 1
    assert "repeated_classes is 1; the limit is 0" in capsys.readouterr().out
    (tmp_path / "shelf.py").write_text("class Row: ...\n")
    assert main([str(tmp_path), "--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("arguments", [["nowhere"], ["--list", "no_row"]])
def test_the_command_refuses_what_is_not_there(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src" / "recto").mkdir(parents=True)
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert arguments[-1] in capsys.readouterr().err
