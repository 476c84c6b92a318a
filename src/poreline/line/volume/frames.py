"""A plane of a cell at one moment of its programme: where its nodes are, what is void, what is domain.

The plane is one of the undrawn grid, along x and z where it cuts the most domains, and is followed as it deforms; its movement
across the width is left out. A frame keeps the plane alone, some kilobytes: a recorder can take dozens while a cell is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.blend.voxelise import DOMAIN, LAYER, VoxelisedBlend
from poreline.stretch.volume.properties import VOID
from poreline.stretch.volume.schedule import Segment
from poreline.stretch.volume.state import RECORD, VolumeState

FloatArray = npt.NDArray[np.float32]

USUAL_FRAMES = 24
_FIELDS = ("x", "z", "void", "domain", "shell")
_NUMBERS = ("length", "thickness", "stretch_ratio", "porosity", "temperature")
_PREFIX = "frames_"


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """One moment."""

    x: FloatArray
    """(n, m) places of the nodes along the draw, m; the cell repeats after `length`."""
    z: FloatArray
    """(n, m) through the thickness, m."""
    void: FloatArray
    """(n, m) void fraction of the elements."""
    domain: npt.NDArray[np.bool_]
    """(n, m) elements of the first polymer."""
    shell: npt.NDArray[np.bool_]
    """(n, m) elements of the copolymer's layer."""
    length: float
    """Length of the cell along the draw, m."""
    thickness: float
    """Through the thickness, m."""
    stretch_ratio: float
    porosity: float
    temperature: float
    """K"""
    words: str = ""
    """What happens at this moment."""


def frame_of(
    state: VolumeState, blend: VoxelisedBlend, *, shell: bool = False, words: str = "", plane: int | None = None
) -> Frame:
    """The frame of a state, at the nodes of number `plane` along the width; without it where most of the plane is domain.

    `shell` tells that the layer between domain and matrix is copolymer, which is tinted; else it counts as matrix.
    """
    at = telling_plane(blend) if plane is None else plane
    edge = blend.voxel_edge
    n, _, m = state.shape
    displacement = state.displacement[:, :, at, :].astype(np.float64)
    stretch, _, thin = (float(value) for value in state.mean_gradient)
    i, k = np.arange(n)[:, None], np.arange(m)[None, :]
    opened = -np.expm1(-state.voxel[VOID][:, [at - 1, at], :].astype(np.float32))
    record = dict(zip(RECORD, state.history[-1], strict=True)) if state.history else {}
    return Frame(
        x=((stretch * i + displacement[0]) * edge).astype(np.float32),
        z=((thin * k + displacement[2]) * edge).astype(np.float32),
        void=opened.mean(axis=1),
        domain=blend.phase[:, at, :] == DOMAIN,
        shell=(blend.phase[:, at, :] == LAYER) & shell,
        length=stretch * n * edge,
        thickness=thin * m * edge,
        stretch_ratio=stretch,
        porosity=float(record.get("porosity", 0.0)),
        temperature=float(record.get("temperature", state.counters.temperature)),
        words=words,
    )


def frame_at_rest(blend: VoxelisedBlend, *, shell: bool = False, plane: int | None = None) -> Frame:
    """The frame of a cell before its first step."""
    at = telling_plane(blend) if plane is None else plane
    n, _, m = blend.phase.shape
    edge = blend.voxel_edge
    i, k = np.meshgrid(np.arange(n), np.arange(m), indexing="ij")
    return Frame(
        x=(i * edge).astype(np.float32),
        z=(k * edge).astype(np.float32),
        void=np.zeros((n, m), np.float32),
        domain=blend.phase[:, at, :] == DOMAIN,
        shell=(blend.phase[:, at, :] == LAYER) & shell,
        length=n * edge,
        thickness=m * edge,
        stretch_ratio=1.0,
        porosity=0.0,
        temperature=0.0,
        words="at rest",
    )


def telling_plane(blend: VoxelisedBlend) -> int:
    """Number of the nodes along the width at which a plane along x and z cuts the most domains."""
    share = (blend.phase == DOMAIN).mean(axis=(0, 2))
    return int(np.argmax(share + np.roll(share, 1)))


class FrameRecorder:
    """Collects the frames of a cell while it is drawn: hand it to `stretch` as `at_station`, then read `frames`.

    With `programme`, the segments of the programme, each frame says what happens in it. `frames` are those that were taken before,
    of a cell that goes on.
    """

    def __init__(
        self,
        blend: VoxelisedBlend,
        *,
        shell: bool = False,
        programme: Sequence[Segment] = (),
        frames: Sequence[Frame] = (),
    ) -> None:
        self._blend = blend
        self._shell = shell
        self._programme = tuple(programme)
        self._plane = telling_plane(blend)
        self._stations = usual_stations(max((part.machine[1] for part in programme if part.machine), default=1.0))
        self.frames: list[Frame] = list(frames)

    def __call__(self, state: VolumeState) -> None:
        """Take the frame of a state; before the first record of a cell, that of the cell at rest."""
        if not self.frames and len(state.history) <= 1:
            self.frames.append(frame_at_rest(self._blend, shell=self._shell, plane=self._plane))
        words = ""
        if self._programme and state.history:
            segment = self._programme[min(int(state.history[-1][0]), len(self._programme) - 1)]
            words = f"{'hot' if segment.hot else 'cold'} stretch" if segment.kind == "draw" else _WORDS[segment.kind]
        self.frames.append(frame_of(state, self._blend, shell=self._shell, words=words, plane=self._plane))

    def at_record(self, state: VolumeState) -> None:
        """Take the frame of a recorded state if one is due: by the state alone, so that a cell that goes on has the same frames.

        It is due where a usual station was passed since the record before, where the programme goes over to something else, and
        where the cell has come to its end.
        """
        if not self.frames and len(state.history) <= 1:
            self.frames.append(frame_at_rest(self._blend, shell=self._shell, plane=self._plane))
        column = RECORD.index("stretch_machine")
        now = state.history[-1][column]
        before = state.history[-2][column] if len(state.history) > 1 else 1.0
        passed = any(before < station <= now for station in self._stations)
        if passed or self._goes_over(state) or state.outcome != "running":
            self(state)

    def _goes_over(self, state: VolumeState) -> bool:
        if state.counters.place != 0:
            return False
        done, follows = int(state.history[-1][0]), state.counters.segment
        if follows >= len(self._programme):
            return True
        one, other = self._programme[done], self._programme[follows]
        return (one.kind, one.hot) != (other.kind, other.hot) if one.kind == "draw" else one.kind != other.kind


def frames_as_arrays(frames: Sequence[Frame]) -> dict[str, npt.NDArray[Any]]:
    """Frames as named arrays, to be kept in a file; `frames_from_arrays` is the way back, bit for bit."""
    if not frames:
        return {}
    made: dict[str, npt.NDArray[Any]] = {
        f"{_PREFIX}{name}": np.stack([getattr(frame, name) for frame in frames]) for name in _FIELDS
    }
    made[f"{_PREFIX}numbers"] = np.array([[getattr(frame, name) for name in _NUMBERS] for frame in frames], np.float64)
    made[f"{_PREFIX}words"] = np.frombuffer(json.dumps([frame.words for frame in frames]).encode(), np.uint8)
    return made


def frames_from_arrays(arrays: Mapping[str, Any]) -> tuple[Frame, ...]:
    """The frames among the arrays of a file; none where it holds none. Raises KeyError, ValueError or TypeError for damaged ones."""
    if f"{_PREFIX}numbers" not in arrays:
        return ()
    fields = [np.asarray(arrays[f"{_PREFIX}{name}"]) for name in _FIELDS]
    words = json.loads(bytes(np.asarray(arrays[f"{_PREFIX}words"], np.uint8)))
    numbers = np.asarray(arrays[f"{_PREFIX}numbers"], np.float64).tolist()
    return tuple(
        Frame(**dict(zip(_FIELDS, parts, strict=True)), **dict(zip(_NUMBERS, row, strict=True)), words=str(text))
        for *parts, row, text in zip(*fields, numbers, words, strict=True)
    )


_WORDS = {"heat": "heating", "anneal": "anneal", "cool": "cooling", "release": "release"}


def usual_stations(stretch_ratio: float, count: int = USUAL_FRAMES) -> tuple[float, ...]:
    """Stretch ratios at which to take frames on the way to `stretch_ratio`: closer together at the start, where cracks form."""
    if stretch_ratio <= 1.0:
        return ()
    return tuple(float(value) for value in 1.0 + (stretch_ratio - 1.0) * np.linspace(0.0, 1.0, count + 1)[1:] ** 1.5)
