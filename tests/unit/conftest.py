"""Lets the tests below this folder import each other's helper modules however pytest is started."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
