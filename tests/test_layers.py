"""The layout of the package: imports flow one way, start-up is light, everything is installed."""

from __future__ import annotations

import ast
import configparser
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import avgen
from avgen.config import presets_folder

PACKAGE = Path(avgen.__file__).parent
ROOT = PACKAGE.parent
ALLOWED = {
    # values and files, which know nothing of what is above them
    "errors": "",
    "emotion": "errors",
    "gestures": "errors",
    "style": "errors",
    "background": "errors",
    "files": "",
    "documents": "errors files",
    "voices": "documents errors",
    "types": "emotion voices",
    "tracks": "types",
    "pose": "types",
    "partner": "errors pose types",
    # networks, text, sound, pictures: each a room of its own
    "nn": "errors",
    "text": "emotion errors files gestures voices",
    "media": "errors files types",
    "speech": "emotion errors media nn types",
    "vocoders": "errors nn speech types",
    "body": "emotion gestures speech tracks types",
    "flow": "body emotion errors gestures nn pose speech tracks types",
    "generators": "errors nn types",
    "avatars": "background body documents errors files media style tracks types",
    # what people ask for
    "config": "avatars background documents emotion errors gestures style voices",
    "inputs": "background config documents errors files media partner speech text",
    "actors": "avatars config documents errors files partner vocoders voices",
    "released": "actors avatars documents errors files generators speech",
    "casting": "actors avatars background body config documents errors files media partner pose types voices",
    # what runs leave behind, and what is made of it
    "takes": "background documents emotion errors files partner speech tracks types",
    "exports": "actors avatars body config documents errors files media partner speech tracks types",
    # the road of a clip
    "stages": "actors avatars background body casting config emotion errors exports files gestures inputs "
    "media partner speech style takes text tracks types vocoders voices",
    "pipeline": "actors errors exports files inputs stages takes types",
    "live": "actors casting config emotion errors partner speech stages text tracks types",
    "performer": "actors config errors exports files inputs live pipeline speech stages takes tracks types",
    "jobs": "actors avatars background config errors exports files inputs media pipeline stages takes text",
    "gallery": "errors files media takes",
    "metrics": "actors avatars body errors inputs media pose speech stages takes text tracks types",
    # the doors
    "api": "errors exports inputs jobs pipeline takes",
    "cli": "actors casting config errors exports files gallery inputs jobs media metrics performer pipeline "
    "released stages takes text",
    "__init__": "api performer",
    "__main__": "cli",
}
"""Every part of avgen, and what else of avgen its files may import: nothing that stands below it here."""
FILES = sorted(path for path in PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level parts of avgen that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "avgen":
            found |= {f"avgen.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(str(node.module))
    return {name.split(".")[1] for name in found if name.startswith("avgen.")} - {"__version__"}


def imported_modules(path: Path) -> set[str]:
    """Modules of avgen that a file imports when it is itself imported, types aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                names.add(inner if inner in MODULES else node.module)
    return names


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_kernel(node: ast.FunctionDef) -> bool:
    """Whether numba compiles it."""
    return any(
        isinstance(mark, ast.Name) and mark.id in ("kernel", "inlined") for mark in node.decorator_list
    )


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = {module_of(path): path for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_what_its_part_may(path: Path) -> None:
    here = part_of(path)
    assert imported(path) - {here} <= set(ALLOWED[here].split())


def test_imports_point_up_the_table_and_every_edge_is_used() -> None:
    order = list(ALLOWED)
    used = {part: set[str]() for part in order}
    for path in FILES:
        used[part_of(path)] |= imported(path) - {part_of(path)}
    for place, part in enumerate(order):
        allowed = set(ALLOWED[part].split())
        assert allowed <= set(order[:place]), f"{part} may import what stands below it"
        assert allowed == used[part], f"{part}: no file imports {sorted(allowed - used[part])}"


def test_no_file_imports_itself_in_a_circle() -> None:
    edges = {name: imported_modules(path) & MODULES.keys() - {name} for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in edges[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())


def test_files_and_functions_are_short() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and not is_kernel(node):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from avgen.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'numba', 'numpy', 'rich'} & set(sys.modules)))"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.endswith("[]\n")
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert work < 0.5  # seconds of processor time, so that a busy machine does not fail it


def test_every_package_and_preset_is_installed() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = set(setup["options"]["packages"].split())
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert listed == found | {"avgen.presets"}
    patterns = setup["options.package_data"]["avgen.presets"].split()
    shipped = {path for pattern in patterns for path in presets_folder().glob(pattern)}
    kinds = (".yaml", ".txt", ".safetensors", ".png", ".task", ".tflite")
    needed = {path for path in presets_folder().rglob("*") if path.suffix in kinds}
    assert shipped == needed
