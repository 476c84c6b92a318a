"""The film as it cracks open, to look at: slices along the draw, stills in three dimensions, an animation of the programme."""

from poreline.line.volume.frames import Frame, FrameRecorder, frame_at_rest, frame_of, usual_stations
from poreline.report.cracking.animation import animation, webp_of, write_animation, write_gif
from poreline.report.cracking.slices import slices_figure
from poreline.report.cracking.stages import stages_figure
from poreline.report.cracking.still import still

__all__ = [
    "Frame",
    "FrameRecorder",
    "animation",
    "frame_at_rest",
    "frame_of",
    "slices_figure",
    "stages_figure",
    "still",
    "usual_stations",
    "webp_of",
    "write_animation",
    "write_gif",
]
