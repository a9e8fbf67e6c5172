"""Measure how the code is built, and hold it to the limits below: `python scripts/structure.py [TREE ...]`.

A tree is a folder of Python files, `src/recto` unless others are given; each makes a column of its own. `--json` prints
the values as JSON, and `--list ROW` prints the places behind a row as `file:line name`. `--check` prints the rows above
their limits and exits 1 if there are any; without trees it looks at all that have limits (`TREE_LIMITS`). The product
keeps to all of `LIMITS`. What is run by hand, `bench` and `scripts`, and any other tree keeps to `NAME_LIMITS`: its
names are read as often as the product's, but a benchmark may measure in one long function, and it has no rooms. Only
the syntax is read; nothing is imported.

What the rows mean:

files, lines, code_lines         Python files; their lines; those that hold a token, without comments and docstrings.
biggest_file_lines               Lines of the longest file.
biggest_class_lines, _methods    Lines of the longest class; methods of the class that has most.
functions                        Functions and methods, nested ones too.
function_lines_median, _p90,     Lines from a function's first statement to its last, without signature and docstring.
  _max, functions_over_30_lines
complexity_p90, complexity_max   McCabe's cyclomatic complexity, plus one for each further operand of `and` and `or`.
annotated_percent                Parameters (without self and cls) and returns that are annotated.
public_docstring_percent         Public modules, classes, functions and methods that have a docstring.
comments_per_100_code_lines      Comments, also those at the end of a line.
broad_excepts_per_1000           `except:`, `except Exception`, `except BaseException`, per 1,000 code lines.
import_cycles                    Groups of modules that import each other at module level, not for types alone.
import_cycles_with_lazy          The same, with the imports inside functions.
one_caller_percent               Private functions and methods that are named exactly once in the tree outside their own
                                 definition (called, or passed as a value), of all functions. Nested ones do not count.
short_one_caller_percent         Those of them that have at most 3 lines, of all functions.
bindings                         Names bound: assignments, class fields, attributes of self, loops, comprehensions,
                                 `as`, parameters, match captures.
bare_bindings_percent            Bindings that are a bare pronoun, determiner, adverb or participle (`BARE`). Case and
                                 outer underscores do not count; `left` is a side where the file also binds `right`.
bare_definitions                 Functions, classes and modules that are named with one such word alone.
repeated_classes                 Class names that are defined twice or more, leading underscores apart. Those in
                                 `integrations` do not count: one thing has one name in all frameworks.
repeated_functions               Names of public module-level functions that are defined three times or more.
calls_with_5_positional,         Calls with five or more positional arguments, starred ones not counted; their share of
  _percent                       all calls.
functions_over_5_parameters,     Parameters without self, cls, `*args` and `**kwargs`.
  most_parameters
positional_dataclasses           Dataclasses with more than three fields that can be given by position.
lines:ROOM, code_lines:ROOM      Lines and code lines of each folder at the top of the tree.
"""

import argparse
import ast
import io
import json
import statistics
import sys
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

PRODUCT = Path("src/recto")
NAME_LIMITS: Mapping[str, float] = MappingProxyType(
    {"bare_bindings_percent": 1, "repeated_classes": 0, "calls_with_5_positional_percent": 0.3}
)
LIMITS: Mapping[str, float] = MappingProxyType(
    {
        **NAME_LIMITS,
        "one_caller_percent": 12,
        "functions_over_30_lines": 0,
        "import_cycles": 0,
        "lines:library": 1300,
        "lines:answer": 1800,
    }
)
TREE_LIMITS: Mapping[Path, Mapping[str, float]] = MappingProxyType(
    {PRODUCT: LIMITS, Path("bench"): NAME_LIMITS, Path("scripts"): NAME_LIMITS}
)

INTEGRATIONS = "integrations"  # the folder of what is made for other frameworks
LONG_FUNCTION = 30
SHORT_FUNCTION = 3
MANY_ARGUMENTS = 5
MANY_PARAMETERS = 5
POSITIONAL_FIELDS = 3

# Words that name no thing: pronouns and determiners, adverbs, participles. Those that are also nouns or flags in common
# use (`last`, `now`, `read`, `done`, `closed`) are left out.
BARE_WORDS = """
one ones other others another each both none all any some this that these those it they them such either neither rest
something anything everything nothing someone somebody anybody everybody nobody ours theirs mine
here there again elsewhere everywhere nowhere apart away already meanwhile
found said asked told known wanted kept left held shown chosen seen heard
taken given made begun named listed opened gone
"""
BARE = frozenset(BARE_WORDS.split())

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the code."""

    path: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name}"


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a tree, with the places that made it."""

    key: str
    value: float
    sites: Sequence[Site] = ()


@dataclass(frozen=True, slots=True)
class Scoped:
    """A node with the class around it, and whether it lies inside a function."""

    node: ast.AST
    owner: ast.ClassDef | None
    nested: bool


@dataclass(frozen=True)
class Module:
    """A file that was parsed."""

    path: Path
    text: str

    @cached_property
    def name(self) -> str:
        """The dotted name under which it is imported, as the `__init__.py` files around it tell."""
        parts = [] if self.path.stem == "__init__" else [self.path.stem]
        for folder in self.path.resolve().parents:
            if not (folder / "__init__.py").exists():
                break
            parts.insert(0, folder.name)
        return ".".join(parts)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> list[Scoped]:
        """Every node below the module, from top to bottom."""
        return list(_scoped(self.tree, None, nested=False))

    @cached_property
    def functions(self) -> list["Function"]:
        """Every function and method."""
        return [
            Function(module=self, node=scoped.node, owner=scoped.owner, nested=scoped.nested)
            for scoped in self.nodes
            if isinstance(scoped.node, FunctionNode)
        ]

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        """Every class."""
        return [scoped.node for scoped in self.nodes if isinstance(scoped.node, ast.ClassDef)]

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        """Every token."""
        return list(tokenize.generate_tokens(io.StringIO(self.text).readline))

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())

    @cached_property
    def code_lines(self) -> int:
        """How many lines hold a token that is neither a comment nor a docstring's."""
        layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
        lines = {
            number
            for token in self.tokens
            if token.type not in layout
            for number in range(token.start[0], token.end[0] + 1)
        }
        for scoped in [Scoped(self.tree, None, nested=False), *self.nodes]:
            docstring = _docstring(scoped.node)
            if docstring is not None:
                lines -= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
        return len(lines)

    @property
    def public(self) -> Iterator[tuple[Site, ast.expr | None]]:
        """What others may use, the module itself among it, with its docstring."""
        yield Site(self.path, 1, self.name), _docstring(self.tree)
        for scoped in self.nodes:
            node = scoped.node
            if scoped.nested or not isinstance(node, FunctionNode | ast.ClassDef) or node.name.startswith("_"):
                continue
            if scoped.owner is None or not scoped.owner.name.startswith("_"):
                yield self.site(node, node.name), _docstring(node)

    @property
    def bindings(self) -> list[Site]:
        """Every name that is bound."""
        return [
            Site(self.path, getattr(scoped.node, "lineno", 1), name)
            for scoped in self.nodes
            if (name := _bound(scoped.node)) and name.strip("_") and name not in ("self", "cls")
        ]

    def imports(self, *, lazy: bool) -> Iterator[str]:
        """The modules and names that it imports, at module level or (`lazy`) anywhere, but not for types alone."""
        typing = {
            id(node)
            for scoped in self.nodes
            if isinstance(scoped.node, ast.If) and ast.unparse(scoped.node.test).endswith("TYPE_CHECKING")
            for statement in scoped.node.body
            for node in ast.walk(statement)
        }
        for scoped in self.nodes:
            if id(scoped.node) in typing or (scoped.nested and not lazy):
                continue
            match scoped.node:
                case ast.Import(names=aliases):
                    yield from (alias.name for alias in aliases)
                case ast.ImportFrom(module=str(source), names=aliases, level=0):
                    yield from (f"{source}.{alias.name}" for alias in aliases)

    def site(self, node: ast.stmt | ast.expr | ast.excepthandler, name: str) -> Site:
        """The place of a node."""
        return Site(self.path, node.lineno, name)


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function or method, where it stands."""

    module: Module
    node: FunctionNode
    owner: ast.ClassDef | None
    nested: bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.node.name

    @property
    def site(self) -> Site:
        """Its place."""
        return self.module.site(self.node, self.name)

    @property
    def private(self) -> bool:
        """Whether it is a function of a module or a method, and private."""
        return not self.nested and self.name.startswith("_") and not self.name.endswith("__")

    @cached_property
    def length(self) -> int:
        """Lines from its first statement to its last, without the docstring."""
        body = self.node.body[1:] if _docstring(self.node) else self.node.body
        return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0

    @cached_property
    def complexity(self) -> int:
        """McCabe's cyclomatic complexity, with the operands of `and` and `or`."""
        branches = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)
        count = 1
        for node in ast.walk(self.node):
            match node:
                case ast.BoolOp(values=values):
                    count += len(values) - 1
                case ast.comprehension(ifs=conditions):
                    count += 1 + len(conditions)
                case _:
                    count += isinstance(node, branches)
        return count

    @property
    def parameters(self) -> list[ast.arg]:
        """Its parameters, without self, cls, `*args` and `**kwargs`."""
        arguments = self.node.args
        parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        return [parameter for parameter in parameters if parameter.arg not in ("self", "cls")]

    def covers(self, reference: "Reference") -> bool:
        """Whether the reference lies inside the function."""
        end = self.node.end_lineno or self.node.lineno
        return reference.module is self.module and self.node.lineno <= reference.line <= end


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A private name where it is used; `receiver` is what stands before the dot, "" for a name without one."""

    module: Module
    line: int
    receiver: str
    owner: ast.ClassDef | None

    def means(self, function: Function) -> bool:
        """Whether it refers to this function, as far as names can tell."""
        home = self.module is function.module
        if function.owner is None:
            return self.receiver == ("" if home else function.module.name.rpartition(".")[2]) or (
                not self.receiver and function.name in self.module_imports(function.module)
            )
        if self.receiver in ("self", "cls"):
            classes = [] if self.owner is None else [self.owner.name, *map(ast.unparse, self.owner.bases)]
            return function.owner.name in classes
        return self.receiver != ""

    def module_imports(self, source: Module) -> set[str]:
        """The names that its module imports from another."""
        return {
            alias.name
            for scoped in self.module.nodes
            if isinstance(scoped.node, ast.ImportFrom) and scoped.node.module == source.name
            for alias in scoped.node.names
        }


class Tree:
    """A folder of Python files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules = [Module(path, path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.py"))]
        self.functions = [function for module in self.modules for function in module.functions]
        self.code_lines = sum(module.code_lines for module in self.modules)

    @cached_property
    def classes(self) -> list[tuple[Module, ast.ClassDef]]:
        """Every class with its module."""
        return [(module, definition) for module in self.modules for definition in module.classes]

    @cached_property
    def calls(self) -> list[tuple[Module, ast.Call]]:
        """Every call with its module."""
        return [
            (module, scoped.node)
            for module in self.modules
            for scoped in module.nodes
            if isinstance(scoped.node, ast.Call)
        ]

    @cached_property
    def references(self) -> dict[str, list[Reference]]:
        """Where each private name is used."""
        references = defaultdict(list)
        for module in self.modules:
            for scoped in module.nodes:
                match scoped.node:
                    case ast.Name(id=name, ctx=ast.Load(), lineno=line) if name.startswith("_"):
                        receiver = ""
                    case ast.Attribute(value=value, attr=name, ctx=ast.Load(), lineno=line) if name.startswith("_"):
                        receiver = ast.unparse(value)
                    case _:
                        continue
                references[name].append(
                    Reference(module=module, line=line, receiver=receiver, owner=scoped.owner),
                )
        return references

    def imports(self, *, lazy: bool) -> dict[str, set[str]]:
        """What each module imports from the tree, at module level or (`lazy`) anywhere, but not for types alone."""
        names = {module.name for module in self.modules}
        return {
            module.name: {name if name in names else name.rpartition(".")[0] for name in module.imports(lazy=lazy)}
            & names - {module.name}
            for module in self.modules
        }


def sizes(tree: Tree) -> Iterator[Row]:
    """Files, lines, and the biggest of them."""
    yield Row("files", len(tree.modules))
    yield Row("lines", sum(module.lines for module in tree.modules))
    yield Row("code_lines", tree.code_lines)
    yield _highest("biggest_file_lines", [(module.lines, Site(module.path, 1, module.name)) for module in tree.modules])
    lengths, methods = [], []
    for module, definition in tree.classes:
        site = module.site(definition, definition.name)
        lengths.append(((definition.end_lineno or definition.lineno) - definition.lineno + 1, site))
        methods.append((sum(isinstance(node, FunctionNode) for node in definition.body), site))
    yield _highest("biggest_class_lines", lengths)
    yield _highest("biggest_class_methods", methods)


def function_lengths(tree: Tree) -> Iterator[Row]:
    """How long and how complex functions are."""
    lengths = [function.length for function in tree.functions]
    yield Row("functions", len(lengths), [function.site for function in tree.functions])
    yield Row("function_lines_median", statistics.median(lengths or [0]))
    yield Row("function_lines_p90", _ninetieth(lengths))
    yield _highest("function_lines_max", [(function.length, function.site) for function in tree.functions])
    yield _count(
        "functions_over_30_lines",
        (function.site for function in tree.functions if function.length > LONG_FUNCTION),
    )
    yield Row("complexity_p90", _ninetieth([function.complexity for function in tree.functions]))
    yield _highest("complexity_max", [(function.complexity, function.site) for function in tree.functions])


def annotations(tree: Tree) -> Iterator[Row]:
    """What is annotated, and what has a docstring."""
    bare, count = [], 0
    for function in tree.functions:
        hints = [parameter.annotation for parameter in function.parameters] + [function.node.returns]
        count += len(hints)
        bare += [function.site] * hints.count(None)
    yield Row("annotated_percent", 100 - _percent(len(bare), count), bare)
    public = [site for module in tree.modules for site in module.public]
    silent = [site for site, docstring in public if docstring is None]
    yield Row("public_docstring_percent", 100 - _percent(len(silent), len(public)), silent)


def comments(tree: Tree) -> Iterator[Row]:
    """Comments and broad excepts, for each so many lines of code."""
    count = sum(token.type == tokenize.COMMENT for module in tree.modules for token in module.tokens)
    yield Row("comments_per_100_code_lines", _percent(count, tree.code_lines))
    broad = [
        module.site(scoped.node, "except")
        for module in tree.modules
        for scoped in module.nodes
        if isinstance(scoped.node, ast.ExceptHandler) and _is_broad(scoped.node)
    ]
    yield Row("broad_excepts_per_1000", 10 * _percent(len(broad), tree.code_lines), broad)


def import_cycles(tree: Tree) -> Iterator[Row]:
    """Groups of modules that import each other."""
    paths = {module.name: module.path for module in tree.modules}
    for key, lazy in (("import_cycles", False), ("import_cycles_with_lazy", True)):
        cycles = _cycles(tree.imports(lazy=lazy))
        yield _count(key, (Site(paths[cycle[0]], 1, " ".join(cycle)) for cycle in cycles))


def private_functions(tree: Tree) -> Iterator[Row]:
    """Private functions that have one caller alone."""
    single = [
        function
        for function in tree.functions
        if function.private
        and sum(
            reference.means(function) and not function.covers(reference) for reference in tree.references[function.name]
        )
        == 1
    ]
    short = [function for function in single if function.length <= SHORT_FUNCTION]
    for key, functions in (("one_caller_percent", single), ("short_one_caller_percent", short)):
        yield Row(key, _percent(len(functions), len(tree.functions)), [function.site for function in functions])


def names(tree: Tree) -> Iterator[Row]:
    """Names that are no nouns, and names that are defined again and again."""
    bindings = [module.bindings for module in tree.modules]
    bare = [site for sites in bindings for site in _bare(sites)]
    count = sum(map(len, bindings))
    yield Row("bindings", count)
    yield Row("bare_bindings_percent", _percent(len(bare), count), bare)
    definitions = [Site(module.path, 1, module.path.stem) for module in tree.modules]
    definitions += [function.site for function in tree.functions]
    definitions += [module.site(definition, definition.name) for module, definition in tree.classes]
    yield _count("bare_definitions", _bare(definitions))
    classes = [
        module.site(definition, definition.name)
        for module, definition in tree.classes
        if module.path.parent.name != INTEGRATIONS
    ]
    yield _repeated("repeated_classes", classes, least=2)
    public = [
        function.site
        for function in tree.functions
        if function.owner is None and not function.nested and not function.name.startswith("_")
    ]
    yield _repeated("repeated_functions", public, least=3)


def arguments(tree: Tree) -> Iterator[Row]:
    """Calls and signatures that nobody can keep in mind."""
    long = [
        module.site(call, ast.unparse(call.func))
        for module, call in tree.calls
        if sum(not isinstance(argument, ast.Starred) for argument in call.args) >= MANY_ARGUMENTS
    ]
    yield _count("calls_with_5_positional", long)
    yield Row("calls_with_5_positional_percent", _percent(len(long), len(tree.calls)), long)
    yield _count(
        "functions_over_5_parameters",
        (function.site for function in tree.functions if len(function.parameters) > MANY_PARAMETERS),
    )
    yield _highest("most_parameters", [(len(function.parameters), function.site) for function in tree.functions])
    yield _count(
        "positional_dataclasses",
        (
            module.site(definition, definition.name)
            for module, definition in tree.classes
            if _positional_fields(definition) > POSITIONAL_FIELDS
        ),
    )


def rooms(tree: Tree) -> Iterator[Row]:
    """The lines of each folder at the top."""
    by_room = defaultdict(list)
    for module in tree.modules:
        room, *path = module.path.relative_to(tree.root).parts
        if path:
            by_room[room].append(module)
    for room, modules in sorted(by_room.items()):
        yield Row(f"lines:{room}", sum(module.lines for module in modules))
        yield Row(f"code_lines:{room}", sum(module.code_lines for module in modules))


MEASURES: tuple[Callable[[Tree], Iterator[Row]], ...] = (
    sizes,
    function_lengths,
    annotations,
    comments,
    import_cycles,
    private_functions,
    names,
    arguments,
    rooms,
)


def measure(root: Path) -> dict[str, Row]:
    """Every row of a tree, by its key.

    Raises `SyntaxError` for a file that cannot be parsed.
    """
    tree = Tree(root)
    return {row.key: row for rows in MEASURES for row in rows(tree)}


def violations(rows: Iterable[Row], limits: Mapping[str, float] = LIMITS) -> list[Row]:
    """The rows that are above their limit."""
    return [row for row in rows if row.key in limits and row.value > limits[row.key]]


def table(columns: Mapping[str, Mapping[str, Row]]) -> str:
    """The rows as aligned text, with a column for each tree."""
    keys = dict.fromkeys(key for rows in columns.values() for key in rows)
    lines = [["", *columns, "limit"]]
    for key in keys:
        values = [_format(rows[key].value) if key in rows else "" for rows in columns.values()]
        lines.append([key, *values, _format(LIMITS[key]) if key in LIMITS else ""])
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines
    )


def _scoped(node: ast.AST, owner: ast.ClassDef | None, *, nested: bool) -> Iterator[Scoped]:
    for child in ast.iter_child_nodes(node):
        yield Scoped(child, owner, nested)
        yield from _scoped(
            child,
            child if isinstance(child, ast.ClassDef) else owner,
            nested=nested or isinstance(child, FunctionNode),
        )


def _docstring(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Module | ast.ClassDef | FunctionNode):
        match node.body:
            case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
                return docstring
    return None


def _is_broad(handler: ast.ExceptHandler) -> bool:
    errors = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        error is None or (isinstance(error, ast.Name) and error.id in ("Exception", "BaseException"))
        for error in errors
    )


def _cycles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """The strongly connected components of more than one module."""
    reachable = {}
    for name in imports:
        visited: set[str] = set()
        pending = [name]
        while pending:
            fresh = imports[pending.pop()] - visited
            visited |= fresh
            pending += fresh
        reachable[name] = visited
    cycles = {
        frozenset(name for name in reachable[start] if start in reachable[name])
        for start in imports
        if start in reachable[start]
    }
    return sorted(sorted(cycle) for cycle in cycles)


def _bound(node: ast.AST) -> str | None:
    match node:
        case (
            ast.Name(id=name, ctx=ast.Store())
            | ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store())
            | ast.arg(arg=name)
            | ast.alias(asname=name)
            | ast.ExceptHandler(name=name)
            | ast.MatchAs(name=name)
            | ast.MatchStar(name=name)
            | ast.MatchMapping(rest=name)
        ):
            return name
    return None


def _bare(sites: Sequence[Site]) -> list[Site]:
    """The names that are bare; `left` beside a `right` is a side."""
    sides = {site.path for site in sites if site.name.strip("_").lower() == "right"}
    return [
        site
        for site in sites
        if (word := site.name.strip("_").lower()) in BARE and not (word == "left" and site.path in sides)
    ]


def _positional_fields(definition: ast.ClassDef) -> int:
    """How many fields of a dataclass can be given by position: none if it is no dataclass, or keyword-only."""
    for decorator in definition.decorator_list:
        function, keywords = (
            (decorator.func, decorator.keywords) if isinstance(decorator, ast.Call) else (decorator, [])
        )
        if ast.unparse(function).rpartition(".")[2] == "dataclass":
            if any(keyword.arg == "kw_only" and ast.unparse(keyword.value) == "True" for keyword in keywords):
                return 0
            hints = [ast.unparse(node.annotation) for node in definition.body if isinstance(node, ast.AnnAssign)]
            return sum("ClassVar" not in hint for hint in hints)
    return 0


def _repeated(key: str, sites: Iterable[Site], *, least: int) -> Row:
    by_name = defaultdict(list)
    for site in sites:
        by_name[site.name.lstrip("_")].append(site)
    groups = [by_name[name] for name in sorted(by_name) if len(by_name[name]) >= least]
    return Row(key, len(groups), [site for group in groups for site in group])


def _count(key: str, sites: Iterable[Site]) -> Row:
    sites = list(sites)
    return Row(key, len(sites), sites)


def _highest(key: str, values: Sequence[tuple[int, Site]]) -> Row:
    """The highest value, with the places that reach it."""
    highest = max((value for value, _ in values), default=0)
    return Row(key, highest, [site for value, site in values if value == highest])


def _ninetieth(values: Sequence[int]) -> float:
    return sorted(values)[9 * (len(values) - 1) // 10] if values else 0


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _format(value: float) -> str:
    return f"{value:,.1f}" if value % 1 else f"{value:,.0f}"


def main(arguments: Sequence[str]) -> int:
    """Run the command: 0 if all is well, 1 with `--check` if a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure how the code is built.")
    parser.add_argument("trees", nargs="*", type=Path, metavar="TREE")
    actions = parser.add_mutually_exclusive_group()
    actions.add_argument("--json", action="store_true", help="print the values as JSON")
    actions.add_argument("--list", metavar="ROW", help="print the places behind a row")
    actions.add_argument("--check", action="store_true", help="print the rows above their limits; exit 1 if any is")
    options = parser.parse_args(arguments)
    roots = options.trees or (list(TREE_LIMITS) if options.check else [PRODUCT])
    for root in roots:
        if not root.is_dir():
            parser.error(f"{root} is not a folder; give folders of Python files")
    if options.check:
        return _check(roots)
    columns = {str(root): measure(root) for root in roots}
    if options.list:
        if not any(options.list in rows for rows in columns.values()):
            parser.error(f"there is no row {options.list!r}; without --list, all rows are printed")
        for rows in columns.values():
            print(*rows[options.list].sites, sep="\n")
    elif options.json:
        values = {tree: {key: row.value for key, row in rows.items()} for tree, rows in columns.items()}
        print(json.dumps(values, indent=1))
    else:
        print(table(columns))
    return 0


def _check(roots: Iterable[Path]) -> int:
    status = 0
    for root in roots:
        limits = TREE_LIMITS.get(root, NAME_LIMITS)
        for row in violations(measure(root).values(), limits):
            status = 1
            print(f"{root}: {row.key} is {_format(row.value)}; the limit is {_format(limits[row.key])}", end="")
            print(f" (see {root} --list {row.key})" if row.sites else "")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
