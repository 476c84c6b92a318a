"""Sphinx configuration: `make docs`."""

import re
from pathlib import Path

_package = Path(__file__).parents[1] / "src" / "poreline" / "__init__.py"
_version = re.search(r'__version__ = "([^"]+)"', _package.read_text(encoding="utf-8"))
assert _version is not None, f"{_package} states no __version__"

project = "poreline"
author = "The poreline developers"
copyright = "2026, The poreline developers"
version = release = _version.group(1)

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

language = "en"
html_theme = "furo"
html_title = f"poreline {release}"
html_show_sourcelink = False
html_copy_source = False
