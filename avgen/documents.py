"""YAML and JSON that anybody may have written: read whole, within limits, or refused in one line."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from avgen.errors import InputError
from avgen.files import read_regular

MAX_YAML_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_DIGITS: Final = 19
"""Of a whole number in JSON, its sign included; larger ones are no float any more, and nobody's measure."""
_INTEGER: Final = "tag:yaml.org,2002:int"
_DROPPED: Final = (_INTEGER, "tag:yaml.org,2002:timestamp")


class _Loader(yaml.SafeLoader):
    """YAML as people expect it: decimal whole numbers, dates as texts, no key twice, no aliases."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*) are not read", mark)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice[0]!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _DROPPED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_INTEGER, re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})$"), list("-+0123456789"))


def load_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping.

    Raises:
        InputError: with the line, if the file is not that.
    """
    try:
        values = yaml.load(read_regular(path, MAX_YAML_BYTES), _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{path}: line {line}: not valid YAML: {error.problem}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: not valid YAML: {reason}.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from None
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise InputError(f"{path}: expected lines of `key: value`, got {type(values).__name__}.")
    return values


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise ValueError(f"{digits} is not finite")
    return value


def check_keys(values: Mapping[Any, Any], known: Iterable[str], source: str) -> None:
    """Refuse keys that nobody reads.

    Raises:
        InputError: naming the key and the nearest known one.
    """
    known = sorted(known)
    for key in values:
        if key not in known:
            raise InputError(f"{source}: " + unknown("key", str(key), known))


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is not known, and which known one is nearest, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known) or 'none'}."
    return f"unknown {what} {name!r}. {hint}"


def load_json(data: bytes) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        ValueError: if it is anything else, whatever is wrong with it.
    """
    try:
        text = data.decode("utf-8-sig")
        values = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_finite)
        if "\\u" in text:
            json.dumps(values, ensure_ascii=False).encode()  # refuses halves of characters
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError(f"expected an object, got {type(values).__name__}")
    return values
