"""Tables, figures, page and run sheet of a run; the names below load on first use, since the figures' library is large."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from poreline.report.figures import pictures, write_pictures
    from poreline.report.headline import HeadlineRow, headline
    from poreline.report.html import render_report

_HOMES = {
    "HeadlineRow": "poreline.report.headline",
    "headline": "poreline.report.headline",
    "pictures": "poreline.report.figures",
    "render_report": "poreline.report.html",
    "write_pictures": "poreline.report.figures",
}

__all__ = ["HeadlineRow", "headline", "pictures", "render_report", "write_pictures"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'poreline.report' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
