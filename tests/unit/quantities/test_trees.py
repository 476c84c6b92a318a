"""Trees of frozen dataclasses: structure, stacking, paths."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from poreline.quantities.trees import get, grouped, is_number, leaves, put, stack, transform


@dataclass(frozen=True)
class Leaf:
    size: float
    label: str = "a"
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Tree:
    leaf: Leaf
    pair: tuple[Leaf, ...] = ()
    shares: dict[str, float] = field(default_factory=dict)
    maybe: float | None = None
    flag: bool = False


def tree(size: float, **changes: object) -> Tree:
    made = Tree(Leaf(size), (Leaf(2 * size), Leaf(3 * size)), {"N2": size, "O2": 1.0}, maybe=1.0)
    return replace(made, **changes)


def test_a_boolean_is_no_number() -> None:
    assert is_number(1) and is_number(1.0) and is_number(np.float64(1.0)) and is_number(np.zeros(2))  # noqa: PT018
    assert not is_number(True)
    assert not is_number("1")
    assert not is_number(None)


def test_numbers_do_not_part_trees_and_everything_else_does() -> None:
    one = tree(1.0)
    same = [one, tree(2.0), tree(1), replace(one, leaf=Leaf(5.0, name="another name"))]
    assert grouped(same) == [[0, 1, 2, 3]]
    others = [
        tree(1.0, leaf=Leaf(1.0, label="b")),
        tree(1.0, pair=()),
        tree(1.0, pair=(Leaf(1.0),)),
        tree(1.0, shares={"N2": 1.0}),
        tree(1.0, shares={"N2": 1.0, "CO2": 1.0}),
        tree(1.0, maybe=None),
        tree(1.0, flag=True),
    ]
    assert grouped([one, *others]) == [[index] for index in range(len(others) + 1)]


def test_groups_keep_the_order_of_first_appearance() -> None:
    bare = tree(1.0, maybe=None)
    assert grouped([bare, tree(1.0), tree(2.0), bare, tree(3.0, maybe=None)]) == [[0, 3, 4], [1, 2]]


def test_stacked_leaves_are_arrays_in_the_order_of_the_trees() -> None:
    many = stack([tree(size) for size in (1.0, 2.0, 4.0)])
    assert np.array_equal(many.leaf.size, [1.0, 2.0, 4.0])
    assert np.array_equal(many.pair[1].size, [3.0, 6.0, 12.0])
    assert np.array_equal(many.shares["N2"], [1.0, 2.0, 4.0])
    assert np.array_equal(np.broadcast_to(many.shares["O2"], 3), [1.0, 1.0, 1.0])
    assert many.leaf.label == "a"


@pytest.mark.parametrize("sizes", [(1.0,), (1.0, 1.0, 2.0, 2.0, 1.0, 2.0), (1.0, 2.0, 1.0)])
def test_trees_that_recur_or_share_parts_stack_like_any_others(sizes: tuple[float, ...]) -> None:
    parts = {size: Leaf(size) for size in sizes}
    shared = tree(1.0)
    many = stack([replace(shared, leaf=parts[size]) for size in sizes])
    assert np.array_equal(np.broadcast_to(many.leaf.size, len(sizes)), sizes)
    assert np.array_equal(np.broadcast_to(many.pair[0].size, len(sizes)), [2.0] * len(sizes))


def test_trees_of_different_length_cannot_be_stacked() -> None:
    with pytest.raises((ValueError, IndexError)):
        stack([tree(1.0), tree(1.0, pair=(Leaf(1.0),))])


def test_every_number_has_a_path() -> None:
    found = dict(leaves(tree(1.0)))
    assert found == {
        ("leaf", "size"): 1.0,
        ("pair", 0, "size"): 2.0,
        ("pair", 1, "size"): 3.0,
        ("shares", "N2"): 1.0,
        ("shares", "O2"): 1.0,
        ("maybe",): 1.0,
    }


def test_what_is_put_is_got_and_nothing_else_moves() -> None:
    made = tree(1.0)
    for path, _ in leaves(made):
        changed = put(made, path, 9.0)
        assert get(changed, path) == 9.0
        assert {p: v for p, v in leaves(changed) if p != path} == {p: v for p, v in leaves(made) if p != path}
    assert dict(leaves(made)) == dict(leaves(tree(1.0))), "the tree itself stays as it was"
    assert put(made, (), 5.0) == 5.0


def test_transform_reaches_numbers_only() -> None:
    doubled = transform(tree(1.0), lambda leaf: 2.0 * leaf)
    assert doubled.shares == {"N2": 2.0, "O2": 2.0}
    assert doubled.leaf == Leaf(2.0)
    assert doubled.flag is False
