"""The kernels of a GPU give the numbers of the processor: in numba's simulator everywhere, on a GPU where there is one."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from poreline.membrane.image.transport import solve_diffusion
from poreline.voxels import launch
from poreline.voxels.image import VoxelImage

_IN_THE_SIMULATOR = """
import numpy as np
from poreline.membrane.image import multigrid
from poreline.membrane.image.transport import solve_diffusion
from poreline.voxels.device import choose_device
from poreline.voxels.image import VoxelImage

assert choose_device("auto").kind == "cuda"
multigrid.COARSEST = 12  # two levels even on a tiny grid
random = np.random.default_rng(3)
images = [
    VoxelImage(void=random.random((4, 3, 4)) < 0.85, spacing=(1e-9,) * 3),
    VoxelImage(void=random.random((3, 4, 3), dtype=np.float32), spacing=(1e-9,) * 3, periodic=(True,) * 3),
]
for image in images:
    cpu, gpu = (solve_diffusion(image, 0, device=d, tolerance=1e-2, flux_map=True) for d in ("cpu", "cuda"))
    assert cpu.connected and cpu.iterations == gpu.iterations > 0
    np.testing.assert_allclose(gpu.diffusivity_relative, cpu.diffusivity_relative, rtol=1e-5)
    np.testing.assert_allclose(gpu.flux_magnitude, cpu.flux_magnitude, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gpu.column or 0.0, cpu.column or 0.0, rtol=1e-5, atol=1e-9)
print("the same")
"""


def test_the_simulator_of_a_gpu_gives_the_numbers_of_the_processor() -> None:
    surroundings = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    command = [sys.executable, "-c", _IN_THE_SIMULATOR]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=surroundings)
    assert done.stdout.strip() == "the same", done.stderr


def test_a_gpu_gives_the_numbers_of_the_processor() -> None:
    if not launch.cuda_available():
        print("not run on a GPU: there is none here")
        pytest.skip("not run on a GPU: there is none here")
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(np.random.default_rng(2).standard_normal((96, 80, 64)), 2.0)
    image = VoxelImage(void=noise < 0.0, spacing=(1e-9,) * 3)
    cpu, gpu = (solve_diffusion(image, 0, device=d) for d in ("cpu", "cuda"))
    assert gpu.diffusivity_relative == pytest.approx(cpu.diffusivity_relative, rel=1e-5)
    assert gpu.flux_imbalance < 1e-4
