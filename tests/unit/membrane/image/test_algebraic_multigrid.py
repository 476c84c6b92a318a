"""Equations on graphs whose conductances differ by orders of magnitude, against direct solutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import sparse
from scipy.sparse.linalg import spsolve

from poreline.membrane.image import algebraic_multigrid
from poreline.membrane.image.algebraic_multigrid import AlgebraicMultigrid, Graph, graph_of

Shape = tuple[int, int, int]
REPEATS, ENDS = (True, True, True), (False, True, True)


def faces_of(values: list[npt.NDArray[Any]], periodic: tuple[bool, bool, bool], fixed: bool) -> tuple[Any, Any, Any]:
    """Conductances of the lower faces with ghosts; where an axis does not repeat, an end face has a fixed value or is shut."""
    faces = []
    for axis, inner in enumerate(values):
        g = np.zeros([n + 2 for n in inner.shape])
        g[1:-1, 1:-1, 1:-1] = inner
        along = np.moveaxis(g, axis, 0)
        if periodic[axis]:
            along[-1] = along[1]
        elif fixed:
            along[-1, 1:-1, 1:-1] = 1.0
        else:
            along[1] = 0.0
        faces.append(g)
    return faces[0], faces[1], faces[2]


def matrix_of(graph: Graph) -> sparse.csr_array:
    count = graph.excess.size
    links = sparse.csr_array((graph.weight, graph.other, graph.start), shape=(count, count))
    return sparse.csr_array(sparse.diags_array(links.sum(axis=1) + graph.excess) - links)


def random_graph(shape: Shape, seed: int, *, orders: float, share: float = 0.7, fixed: bool = False) -> Graph:
    """Voxels kept at random, conductances spread evenly over orders of magnitude."""
    random = np.random.default_rng(seed)
    periodic = ENDS if fixed else REPEATS
    kept = random.random(shape) < share
    faces = faces_of([10.0 ** -(orders * random.random(shape)) for _ in range(3)], periodic, fixed)
    return graph_of(shut(kept, faces, periodic), faces, periodic)


def shut(kept: npt.NDArray[np.bool_], faces: tuple[Any, Any, Any], periodic: tuple[bool, bool, bool]) -> Any:
    """Set the faces between kept and dropped voxels to zero."""
    wide = np.pad(kept, 1, mode="wrap")
    for axis in range(3):
        if not periodic[axis]:
            along = np.moveaxis(wide, axis, 0)
            along[0], along[-1] = along[1], along[-2]
    for axis, g in enumerate(faces):
        g[wide == 0] = 0.0
        g[np.roll(wide, 1, axis) == 0] = 0.0
    return kept


def right_side(graph: Graph, seed: int) -> npt.NDArray[np.float64]:
    """Random, and what no fixed value takes up adds up to zero in every cluster."""
    right = np.random.default_rng(seed).standard_normal(graph.excess.size)
    _, cluster = sparse.csgraph.connected_components(matrix_of(graph))
    sums, counts = np.bincount(cluster, weights=right), np.bincount(cluster)
    free = np.bincount(cluster, weights=graph.excess) == 0.0
    return right - np.where(free[cluster], (sums / counts)[cluster], 0.0)


def energy_of(graph: Graph, values: npt.NDArray[np.float64]) -> float:
    """Sum over links of w (u_i - u_j)^2 and over fixed values of e u^2: never below zero, as u A u is by rounding."""
    here = np.repeat(np.arange(graph.excess.size), np.diff(graph.start))
    links = graph.weight * np.square(values[here] - values[graph.other])
    return float(0.5 * links.sum() + (graph.excess * np.square(values)).sum())


def error_of(graph: Graph, right: npt.NDArray[np.float64], found: npt.NDArray[np.float64]) -> float:
    """Relative error in the energy norm against a direct solution, one node of every free cluster held."""
    matrix = matrix_of(graph).tolil()
    _, cluster = sparse.csgraph.connected_components(matrix_of(graph))
    free = np.bincount(cluster, weights=graph.excess) == 0.0
    _, first = np.unique(cluster, return_index=True)
    for node in first[free]:
        matrix[node, node] += 1.0
    exact = spsolve(matrix.tocsc(), right)
    difference = exact - found
    return float(np.sqrt(energy_of(graph, difference) / energy_of(graph, exact)))


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("shape", [(4, 3, 2), (1, 1, 7), (12, 10, 9)])
@pytest.mark.parametrize("orders", [0.0, 4.0])
def test_the_solution_is_that_of_a_direct_solver(shape: Shape, orders: float, fixed: bool) -> None:
    graph = random_graph(shape, 1, orders=orders, share=0.8, fixed=fixed)
    right = right_side(graph, 2)
    solved = AlgebraicMultigrid(graph).solve(right, tolerance=1e-9, most_iterations=100)
    assert solved.converged
    assert error_of(graph, right, solved.potential) < 1e-7


@pytest.mark.parametrize("orders", [0.0, 3.0, 6.0, 9.0])
def test_the_iterations_do_not_grow_with_the_spread_of_the_conductances(orders: float) -> None:
    graph = random_graph((24, 24, 24), 3, orders=orders, share=0.6)
    solved = AlgebraicMultigrid(graph).solve(right_side(graph, 4), tolerance=1e-6, most_iterations=100)
    assert solved.converged
    assert solved.iterations <= 25


@pytest.mark.parametrize("across", [1.0, 1e-3, 1e-6, 1e3])
def test_sheets_that_hardly_conduct_across_are_solved_in_few_iterations(across: float) -> None:
    shape = (40, 12, 12)
    random = np.random.default_rng(5)
    values = [across * random.random(shape) ** 4, random.random(shape), random.random(shape)]
    graph = graph_of(np.ones(shape, bool), faces_of(values, REPEATS, False), REPEATS)
    levels = AlgebraicMultigrid(graph)
    assert levels.sizes[0] == 40 * 12 * 12
    assert levels.sizes[-1] <= algebraic_multigrid.COARSEST
    assert all(coarse <= 0.6 * fine for fine, coarse in zip(levels.sizes, levels.sizes[1:], strict=False))
    solved = levels.solve(right_side(graph, 6), tolerance=1e-6, most_iterations=100)
    assert solved.converged
    assert solved.iterations <= 20


@pytest.mark.parametrize("across", [1e-4, 1e-7])
def test_rounding_is_not_blown_up_where_nothing_fixes_the_potentials(across: float) -> None:
    shape = (60, 10, 10)
    random = np.random.default_rng(18)
    values = [across * random.random(shape) ** 4, random.random(shape), random.random(shape)]
    graph = graph_of(np.ones(shape, bool), faces_of(values, REPEATS, False), REPEATS)
    solved = AlgebraicMultigrid(graph).solve(right_side(graph, 19), tolerance=1e-12, most_iterations=100)
    assert solved.converged
    assert solved.iterations <= 25


def test_a_solve_goes_on_until_it_is_good_enough() -> None:
    graph = random_graph((10, 10, 10), 20, orders=4.0)
    levels, right, asked = AlgebraicMultigrid(graph), right_side(graph, 21), []

    def settled(potential: npt.NDArray[np.float64]) -> bool:
        asked.append(error_of(graph, right, potential))
        return asked[-1] < 1e-7

    usual = levels.solve(right, tolerance=1e-3, most_iterations=100)
    finer = levels.solve(right, tolerance=1e-3, most_iterations=100, settled=settled)
    assert error_of(graph, right, usual.potential) > 1e-6
    assert error_of(graph, right, finer.potential) == asked[-1] < 1e-7
    assert asked == sorted(asked, reverse=True)
    assert len(asked) > 2
    never = levels.solve(right, tolerance=1e-3, most_iterations=100, settled=lambda _: False)
    assert never.residual <= algebraic_multigrid.FINEST_TOLERANCE
    assert never.iterations < 100


def test_many_clusters_that_do_not_touch_are_solved_together() -> None:
    shape = (16, 20, 20)  # columns, each between two fixed ends, that no level can join
    values = [np.ones(shape), np.zeros(shape), np.zeros(shape)]
    graph = graph_of(np.ones(shape, bool), faces_of(values, (False, True, True), True), (False, True, True))
    levels = AlgebraicMultigrid(graph)
    assert levels.sizes[-1] <= algebraic_multigrid.COARSEST
    right = right_side(graph, 7)
    solved = levels.solve(right, tolerance=1e-10, most_iterations=100)
    assert solved.converged
    assert error_of(graph, right, solved.potential) < 1e-8


def test_a_node_with_very_many_neighbours_does_not_keep_a_level_from_getting_coarser() -> None:
    leaves = 3000
    start = np.concatenate([[0, leaves], leaves + 1 + np.arange(leaves)])
    other = np.concatenate([1 + np.arange(leaves), np.zeros(leaves, int)]).astype(np.int32)
    weight = np.tile(10.0 ** -(6.0 * np.random.default_rng(8).random(leaves)), 2)
    middle = start[1:].copy()
    middle[0] = 0
    graph = Graph(start, middle, other, weight, np.zeros(leaves + 1))
    levels = AlgebraicMultigrid(graph)
    assert levels.sizes[-1] <= algebraic_multigrid.COARSEST
    right = right_side(graph, 9)
    solved = levels.solve(right, tolerance=1e-10, most_iterations=100)
    assert solved.converged
    assert error_of(graph, right, solved.potential) < 1e-7


def test_a_graph_without_right_side_needs_no_iteration() -> None:
    graph = random_graph((6, 6, 6), 10, orders=2.0)
    solved = AlgebraicMultigrid(graph).solve(np.zeros(graph.excess.size), tolerance=1e-6, most_iterations=9)
    assert solved.converged
    assert solved.iterations == 0
    assert not solved.potential.any()


def test_a_solve_that_is_cut_short_says_so() -> None:
    graph = random_graph((16, 16, 16), 11, orders=3.0)
    solved = AlgebraicMultigrid(graph).solve(right_side(graph, 12), tolerance=1e-9, most_iterations=2)
    assert not solved.converged
    assert solved.iterations == 2
    assert solved.residual > 1e-9


def test_levels_serve_several_right_sides_and_repeat_to_the_bit() -> None:
    graph = random_graph((10, 10, 10), 13, orders=5.0)
    levels, again = AlgebraicMultigrid(graph), AlgebraicMultigrid(random_graph((10, 10, 10), 13, orders=5.0))
    for seed in (14, 15):
        right = right_side(graph, seed)
        shares: list[float] = []
        one = levels.solve(right, tolerance=1e-7, most_iterations=100, progress=shares.append)
        two = again.solve(right, tolerance=1e-7, most_iterations=100)
        assert np.array_equal(one.potential, two.potential)
        assert shares[-1] == 1.0
        assert shares == sorted(shares)


def test_single_precision_of_the_conductances_changes_the_solution_by_their_rounding() -> None:
    graph = random_graph((10, 10, 10), 16, orders=5.0)
    single = Graph(graph.start, graph.middle, graph.other, graph.weight.astype(np.float32), graph.excess)
    right = right_side(graph, 17)
    found = [AlgebraicMultigrid(g).solve(right, tolerance=1e-9, most_iterations=100).potential for g in (graph, single)]
    size = float(np.abs(found[0]).max())
    assert found[1] == pytest.approx(found[0], abs=1e-5 * size)
    assert not np.array_equal(*found)
