"""The report of a measured image: one HTML file that needs nothing else."""

from poreline.report.measured.html import render_measured_report

__all__ = ["render_measured_report"]
