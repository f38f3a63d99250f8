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
LAYERS = (
    {"types", "errors", "convnext", "emotion", "faults", "files", "config", "pose", "prosody"},
    {"text", "speech", "flow", "vocoders", "avatars", "renderers", "media"},
    {"stages"},
    {"archive", "cache", "components", "gallery", "manifest", "metrics", "plan", "pipeline", "script"},
    {"jobs"},
    {"api", "cli", "__init__", "__main__"},
)
SIBLINGS = {"renderers": {"avatars", "media"}}
"""Of the second layer, who may read whose values."""
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
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


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    here = part_of(path)
    for name in imported(path) - {here}:
        if RANK[here] == 1 and RANK[name] == 1:
            assert name in SIBLINGS.get(here, set()), f"{here} imports its sibling {name}"
        else:
            assert RANK[name] <= RANK[here], f"{here} imports {name}, which is above it"


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
    needed = {
        path for path in presets_folder().rglob("*") if path.suffix in (".yaml", ".txt", ".safetensors")
    }
    assert shipped == needed
