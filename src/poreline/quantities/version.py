"""The version of poreline: one place, read by the build and by every run."""

VERSION = "0.1.0"
