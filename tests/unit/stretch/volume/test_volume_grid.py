"""Elements and nodes of the grid: equilibrium, virtual work, and the numbers of a GPU."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from tests.unit.stretch.volume.volumes import COLD, draw, of_one_phase, parameters, with_ball

from poreline.stretch.volume import grid, solver
from poreline.stretch.volume import properties as p
from poreline.stretch.volume.compiled import planes_loop
from poreline.stretch.volume.device import mesh_of
from poreline.stretch.volume.state import VolumeState, deformation_gradients
from poreline.voxels.device import choose_device


def forces_of(state: VolumeState, gradient: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Forces on the nodes, and sums over the elements, of one step without time: nodes of unit mass get the force as velocity."""
    precision = state.displacement.dtype.name
    moved = state.copy()
    moved.velocity[:] = moved.velocity_mean[:] = 0.0
    moved.inverse_mass[:] = 1.0
    mesh = mesh_of(moved, choose_device("cpu"), precision, (0.0, 0.0))  # type: ignore[arg-type]
    mesh.step(
        parameters().table(COLD, 0.01),
        parameters().common(),
        np.diag(np.asarray(gradient)),
        masses=False,
        measures=True,
    )
    return moved.velocity.astype(np.float64), mesh.measure()


def test_a_uniform_stretch_is_in_equilibrium() -> None:
    forces, sums = forces_of(of_one_phase(6, "float64"), np.diag([1.01, 0.996, 0.997]))
    assert abs(forces).max() < 1e-12
    assert sums[grid.STRESS_XX] > 0.0


def test_element_forces_do_the_virtual_work_of_the_stress() -> None:
    random = np.random.default_rng(2)
    # Layers and domains too; a domain without hourglass stiffness would hide nothing, since all modes are excited.
    base = with_ball(6, "float64")
    field = 1e-4 * random.standard_normal((3, 6, 6, 6))
    change = 1e-9 * random.standard_normal((3, 6, 6, 6))
    energies = []
    at_rest = None
    for sign in (-1.0, 0.0, 1.0):
        state = base.copy()
        state.displacement[:] = field + sign * change
        forces, _ = forces_of(state, np.eye(3))
        if sign == 0.0:
            at_rest = forces
            # Elements push each other, and nothing else.
            np.testing.assert_allclose(forces.sum(axis=(1, 2, 3)), 0.0, atol=1e-10)
        energies.append(_energy(state))
    assert at_rest is not None
    work = -(at_rest * change).sum() * 2.0
    assert energies[2] - energies[0] == pytest.approx(work, rel=2e-3)


def _energy(state: VolumeState) -> float:
    """Elastic and hourglass energy for small strains: the stress is linear to 1e-3 at strains of 1e-3."""
    table = parameters().table(COLD, 0.01)
    gradient = np.zeros((3, 3, *state.shape))
    hourglass = np.zeros(state.shape)
    signs = {"i": 0, "j": 1, "k": 2}
    for c in range(3):
        for axes in ("i", "j", "k", "ij", "ik", "jk", "ijk"):
            part = state.displacement[c]
            for axis in range(3):
                ahead = np.roll(part, -1, axis)
                part = ahead - part if any(signs[a] == axis for a in axes) else ahead + part
            if len(axes) == 1:
                gradient[c, signs[axes]] = 0.25 * part
            else:
                hourglass += part**2
    strain = 0.5 * (gradient + gradient.transpose(1, 0, 2, 3, 4))
    trace = np.trace(strain)
    deviator = strain - np.eye(3)[:, :, None, None, None] * trace / 3.0
    row = table[np.minimum(state.kind, p.LAYER)]
    extra = row[..., p.NETWORK_MODULUS] + row[..., p.RESIDUAL_MODULUS]
    energy = 0.5 * row[..., p.BULK_MODULUS] * trace**2 + row[..., p.SHEAR_MODULUS] * (deviator**2).sum(axis=(0, 1))
    energy += extra * (strain**2).sum(axis=(0, 1))
    stiffness = np.maximum(row[..., p.HOURGLASS_STIFFNESS], row[..., p.HOURGLASS_LEAST])
    return float((energy + 0.5 * stiffness * hourglass).sum())


def test_gradients_of_the_state_are_those_of_the_elements() -> None:
    state = with_ball(6, "float64")
    state.displacement[0] = 0.02 * np.sin(2 * np.pi * np.arange(6) / 6)[:, None, None]
    _, sums = forces_of(state, np.diag([1.05, 1.0, 1.0]))
    state.mean_gradient[0] = 1.05
    gradients = deformation_gradients(state).astype(np.float64)
    determinant = np.linalg.det(gradients.transpose(2, 3, 4, 0, 1))
    assert sums[grid.VOLUME] == pytest.approx(determinant.sum(), rel=1e-6)


_IN_THE_SIMULATOR = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from tests.unit.stretch.volume.volumes import draw, parameters, with_ball
from poreline.stretch.volume import solver
from poreline.voxels.device import choose_device

def both(precision, end, steps):
    found = []
    for name in ("cpu", "cuda"):
        settings = solver.SolverSettings(device=choose_device(name), interval=16, precision=precision)
        state = with_ball(4, precision)
        found.append(solver.run(state, (draw(end, steps),), parameters(), settings=settings))
    cpu, gpu = found
    assert cpu.outcome == gpu.outcome == "completed"
    return cpu, gpu

# In double precision the two paths agree to rounding, so that no term of either can be wrong.
cpu, gpu = both("float64", 1.02, 2)
for name in ("displacement", "velocity", "voxel", "inverse_mass"):
    a, b = getattr(cpu, name), getattr(gpu, name)
    np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9 * abs(a).max())
cpu, gpu = both("float32", 1.02, 2)
np.testing.assert_allclose(gpu.history, cpu.history, rtol=1e-4, atol=1e-7)
print("the same")
"""


def test_the_simulator_of_a_gpu_gives_the_numbers_of_the_processor() -> None:
    surroundings = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    command = [sys.executable, "-c", _IN_THE_SIMULATOR, str(Path(__file__).parents[4])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=surroundings)
    assert done.stdout.strip() == "the same", done.stderr


@pytest.mark.slow
def test_the_loops_of_a_step_are_vectorised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if platform.machine().lower() not in ("x86_64", "amd64"):
        print("not run: the names of wide registers are those of x86-64")
        pytest.skip("not run: the names of wide registers are those of x86-64")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))  # code from the cache cannot be inspected
    loop = planes_loop.__wrapped__(grid.step, "float32")
    monkeypatch.setattr(
        "poreline.stretch.volume.device.planes_loop",
        lambda function, precision: loop if function is grid.step else planes_loop(function, precision),
    )
    solver.run(with_ball(4), (draw(1.01, 2),), parameters())
    (code,) = loop.inspect_asm().values()
    # Five exponentials, each with a shift of packed integers.
    assert len(re.findall(r"vpslld\s+\$23, %[yz]mm", code)) >= 5
    assert len(re.findall(r"vfn?m(?:add|sub)\d+ps\s+.*%[yz]mm", code)) > 200
