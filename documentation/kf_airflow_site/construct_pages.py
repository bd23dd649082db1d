"""A page for each construct, with what it takes; the library's files are read, and not imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_CONSTRUCTS = ("Construct", "TerraformStack")
# Those that are made of others come last, so that an option stands with the part it makes.
_LAST = ("Airflow", "AirflowStack")
# It has a page of its own, made of the same docstrings.
_SETTINGS = "BaseSettings"
_INDEX = "constructs/index.md"
_DESCRIBED = "::: {0}\n    options:\n      heading_level: {1}\n"


@dataclass(frozen=True)
class PublicClass:
    """A class that the library offers.

    Args:
        name: Its name.
        module: The module that has it.
        bases: What it derives from.
        takes: The names in the types of its arguments.
        summary: The first sentence of its docstring.
    """

    name: str
    module: str
    bases: frozenset[str]
    takes: tuple[str, ...]
    summary: str

    @property
    def is_construct(self) -> bool:
        """Whether it places resources."""
        return bool(self.bases & set(_CONSTRUCTS))

    @property
    def is_settings(self) -> bool:
        """Whether it is what a file of settings is read into."""
        return _SETTINGS in self.bases

    @property
    def path(self) -> str:
        """What it is imported by, as a whole."""
        return f"{self.module}.{self.name}"


def pages(library: Path) -> Mapping[str, str]:
    """Returns the pages, by their place in the documentation.

    Args:
        library: The folder of the package `kf_airflow`.
    """
    public = public_classes(library)
    constructs = [each for each in public.values() if each.is_construct]
    constructs.sort(key=lambda each: (each.name in _LAST and _LAST.index(each.name) + 1, each.name))
    shown: set[str] = set()
    found: dict[str, str] = {}
    for construct in constructs:
        taken = [public[name] for name in construct.takes if name in public and _belongs(public[name], shown)]
        shown.update(each.name for each in taken)
        found[f"constructs/{page_name(construct.name)}.md"] = _page(construct, taken)
    rest = [
        each for each in public.values() if not (each.is_construct or each.name in shown or each.is_settings)
    ]
    refs = [each for each in rest if ".refs" in each.module]
    others = [each for each in rest if each not in refs]
    found["constructs/refs.md"] = _list(
        "References", "What a part is told of another one, made here or brought.", refs
    )
    found["constructs/others.md"] = _list("Other classes", "What several parts take.", others)
    found[_INDEX] = _index(constructs)
    return found


def public_classes(library: Path) -> Mapping[str, PublicClass]:
    """Returns the public classes by name, in their order."""
    init = ast.parse((library / "__init__.py").read_text(encoding="utf-8"))
    names = next(
        ast.literal_eval(node.value)
        for node in init.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    found = {each.name: each for path in sorted(library.rglob("*.py")) for each in _classes(path, library)}
    return {name: found[name] for name in names if name in found}


def page_name(construct: str) -> str:
    """Returns the name of a construct's page."""
    parts = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in construct)
    return parts.lstrip("_")


def _classes(path: Path, library: Path) -> Iterator[PublicClass]:
    module = ".".join((library.name, *path.relative_to(library).with_suffix("").parts)).removesuffix(
        ".__init__"
    )
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        init = next(
            (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"),
            None,
        )
        arguments = [*init.args.args, *init.args.kwonlyargs] if init else []
        types = [ast.unparse(each.annotation) for each in arguments if each.annotation]
        doc = ast.get_docstring(node) or ""
        yield PublicClass(
            name=node.name,
            module=module,
            bases=frozenset(ast.unparse(base).rpartition(".")[2] for base in node.bases),
            takes=tuple(
                dict.fromkeys(
                    name.id
                    for type_ in types
                    for name in ast.walk(ast.parse(type_))
                    if isinstance(name, ast.Name)
                )
            ),
            summary=" ".join(doc.partition("\n\n")[0].split()),
        )


def _belongs(taken: PublicClass, shown: set[str]) -> bool:
    special = taken.is_construct or taken.is_settings or ".refs" in taken.module
    return not special and taken.name not in shown


def _page(construct: PublicClass, taken: list[PublicClass]) -> str:
    below = (_DESCRIBED.format(each.path, 2) for each in taken)
    return "\n".join([_DESCRIBED.format(construct.path, 1), *below])


def _list(title: str, text: str, classes: list[PublicClass]) -> str:
    return "\n".join([f"# {title}\n", f"{text}\n", *(_DESCRIBED.format(each.path, 2) for each in classes)])


def _index(constructs: list[PublicClass]) -> str:
    rows = [f"| [`{each.name}`]({page_name(each.name)}.md) | {each.summary} |" for each in constructs]
    return "\n".join(
        [
            "# Constructs\n",
            "All of them are imported from `kf_airflow`. Each can be used alone; "
            "[the design](../library_design.md) says who knows whom. "
            "What they share: [references](refs.md), [other classes](others.md).\n",
            "| Construct | What it is |",
            "|---|---|",
            *rows,
            "",
        ]
    )
