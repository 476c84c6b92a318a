"""Trees of frozen dataclasses whose leaves are numbers: stacking many recipes into one, and changing a leaf.

The laws of the line broadcast, so one evaluation serves one recipe, thousands of parameter samples of it, or thousands
of recipes of the same structure (same types, same choices, same number of steps; only numbers differ).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np

Tree = TypeVar("Tree")
Path = tuple[str | int, ...]


_NUMBERS = (float, int, np.ndarray, np.floating)


def is_number(leaf: object) -> bool:
    """True for a numeric leaf; booleans and texts are structure."""
    return isinstance(leaf, _NUMBERS) and not isinstance(leaf, bool)


class Structures:
    """Numbers the structures of trees: what must agree for two of them to be evaluated together.

    Types, texts, booleans and lengths count; numbers do not. Parts that trees share are looked at once, by identity, so
    the trees must stay alive for as long as this object is used.
    """

    def __init__(self) -> None:
        self._by_identity: dict[int, int] = {}
        self._by_content: dict[Hashable, int] = {}

    def of(self, tree: object) -> int:
        """The number of the tree's structure; equal structures have equal numbers."""
        kind = type(tree)
        if kind is float or is_number(tree):
            return 0
        found = self._by_identity.get(id(tree))
        if found is not None:
            return found
        content: Hashable
        if kind is tuple:
            content = (tuple, *[self.of(item) for item in tree])  # type: ignore[attr-defined]
        elif kind is dict:
            content = (dict, *[(key, self.of(value)) for key, value in tree.items()])  # type: ignore[attr-defined]
        elif dataclasses.is_dataclass(kind):
            # Most fields are plain numbers: they are told apart here, without a call each.
            content = (kind, *[0 if type(value) is float else self.of(value) for value in _values(kind)(tree)])
        else:
            return self._number((kind, tree))  # texts, booleans, None
        number = self._number(content)
        self._by_identity[id(tree)] = number
        return number

    def _number(self, content: Hashable) -> int:
        return self._by_content.setdefault(content, len(self._by_content) + 1)


def grouped(trees: Sequence[object]) -> list[list[int]]:
    """Indices of the trees by structure, in order of first appearance."""
    structures = Structures()
    groups: dict[int, list[int]] = {}
    for index, tree in enumerate(trees):
        groups.setdefault(structures.of(tree), []).append(index)
    return list(groups.values())


@cache
def _compared(kind: type) -> tuple[str, ...]:
    """Names of the fields that hold numbers or structure."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.init and f.compare)


@cache
def _values(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """A getter of all compared fields at once."""
    names = _compared(kind)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda tree: tuple(getattr(tree, name) for name in names)


def stack(trees: Sequence[Tree]) -> Tree:
    """One tree whose numeric leaves are arrays over `trees`, which must share one structure.

    A part that all trees share stays as it is, with scalar leaves that broadcast; of parts that recur only the distinct
    ones are stacked. Fields that take no part in comparison (names, provenance) are taken from the first.
    """
    first = trees[0]
    if is_number(first):
        return np.array(trees, dtype=float)  # type: ignore[return-value]
    distinct = {id(tree): tree for tree in trees}
    if len(distinct) == 1:
        return first
    if 2 * len(distinct) <= len(trees):
        place = {identity: index for index, identity in enumerate(distinct)}
        which = np.array([place[id(tree)] for tree in trees])
        together = stack(list(distinct.values()))
        return transform(together, lambda leaf: leaf[which] if isinstance(leaf, np.ndarray) else leaf)
    if dataclasses.is_dataclass(first) and not isinstance(first, type):
        changes = {name: stack([getattr(tree, name) for tree in trees]) for name in _compared(type(first))}
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
