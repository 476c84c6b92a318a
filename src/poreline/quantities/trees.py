"""Trees of frozen dataclasses whose leaves are numbers: stacking many recipes into one, and changing a leaf.

The laws of the line broadcast, so one evaluation serves one recipe, thousands of parameter samples of it, or thousands
of recipes of the same structure (same types, same choices, same number of steps; only numbers differ).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

Tree = TypeVar("Tree")
Path = tuple[str | int, ...]


def is_number(leaf: object) -> bool:
    """True for a numeric leaf; booleans and texts are structure."""
    return isinstance(leaf, float | int | np.ndarray | np.floating) and not isinstance(leaf, bool)


def structure(tree: object) -> Hashable:
    """What must agree for two trees to be evaluated together: types, texts, booleans and lengths, not numbers."""
    if is_number(tree):
        return None
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return (type(tree), *(structure(getattr(tree, f.name)) for f in dataclasses.fields(tree) if f.compare))
    if isinstance(tree, tuple):
        return (tuple, *(structure(item) for item in tree))
    if isinstance(tree, dict):
        return (dict, *((key, structure(value)) for key, value in tree.items()))
    return tree  # texts, booleans, None


def stack(trees: Sequence[Tree]) -> Tree:
    """One tree whose numeric leaves are arrays over `trees`, which must share one structure.

    Fields that take no part in comparison (names, provenance) are taken from the first.
    """
    first = trees[0]
    if is_number(first):
        return np.array(trees, dtype=float)  # type: ignore[return-value]
    if dataclasses.is_dataclass(first) and not isinstance(first, type):
        changes = {
            f.name: stack([getattr(tree, f.name) for tree in trees])
            for f in dataclasses.fields(first)
            if f.init and f.compare
        }
        return dataclasses.replace(first, **changes)
    if isinstance(first, tuple):
        return tuple(stack(items) for items in zip(*trees, strict=True))  # type: ignore[return-value]
    if isinstance(first, dict):
        return {key: stack([tree[key] for tree in trees]) for key in first}  # type: ignore[index,return-value]
    return first


def transform(tree: Tree, change: Callable[[Any], Any]) -> Tree:
    """The tree with `change` applied to every numeric leaf."""
    if is_number(tree):
        return change(tree)
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        changes = {
            f.name: transform(getattr(tree, f.name), change) for f in dataclasses.fields(tree) if f.init and f.compare
        }
        return dataclasses.replace(tree, **changes)
    if isinstance(tree, tuple):
        return tuple(transform(item, change) for item in tree)  # type: ignore[return-value]
    if isinstance(tree, dict):
        return {key: transform(value, change) for key, value in tree.items()}  # type: ignore[return-value]
    return tree


def leaves(tree: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Path and value of every numeric leaf."""
    if is_number(tree):
        yield path, tree
    elif dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        for f in dataclasses.fields(tree):
            if f.compare:
                yield from leaves(getattr(tree, f.name), (*path, f.name))
    elif isinstance(tree, tuple):
        for index, item in enumerate(tree):
            yield from leaves(item, (*path, index))
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, (*path, key))


def _child(tree: Any, step: str | int) -> Any:
    if isinstance(tree, dict):
        return tree[step]
    return tree[step] if isinstance(step, int) else getattr(tree, step)


def get(tree: Any, path: Path) -> Any:
    """The value at `path`."""
    for step in path:
        tree = _child(tree, step)
    return tree


def put(tree: Any, path: Path, value: Any) -> Any:
    """The tree with the value at `path` replaced."""
    if not path:
        return value
    step, *rest = path
    below = put(get(tree, (step,)), tuple(rest), value)
    if isinstance(tree, tuple):
        return tuple(below if index == step else item for index, item in enumerate(tree))
    if isinstance(tree, dict):
        return {**tree, step: below}
    return dataclasses.replace(tree, **{str(step): below})
