"""Release and winding: what springs back, and how much membrane the batch makes."""

from __future__ import annotations

from poreline.report.run_sheet import bands
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.numbers import SheetNumber, number
from poreline.report.run_sheet.sheet import WindUp

_SHORT_RUN = 7200.0  # s, below which the running time is printed in minutes


def wind_up(facts: Facts) -> WindUp:
    """What is left of film and batch when the film is let go."""
    run, assumed = facts.run, facts.width.assumed
    length = facts.batch / (facts.areal_mass() * facts.width.value)
    membrane, width = length * run.value("stretch_ratio_final"), run.value("width_ratio") * facts.width.value
    time, time_assumed = length / facts.inlet.value, assumed or facts.inlet.assumed
    shown_in, note = "h" if time > _SHORT_RUN else "min", "without losses at start and edges"
    along, across = (any(s.draws_machine for s in facts.stages), any(s.draws_transverse for s in facts.stages))
    return WindUp(
        shrinkage_machine=_shrinkage(facts, "", "length") if along else None,
        shrinkage_transverse=_shrinkage(facts, "_transverse", "width") if across else None,
        film_length=number(length, "m", "unstretched film from the batch", note=note, assumed=assumed),
        membrane_length=number(membrane, "m", "membrane from the batch", note=note, assumed=assumed),
        membrane_area=number(membrane * width, "m2", "membrane area from the batch", note=note),
        running_time=number(time, "s", "running time", shown_in, note="at the inlet speed", assumed=time_assumed),
    )


def _shrinkage(facts: Facts, which: str, of: str) -> SheetNumber:
    """Share of the length or the width that springs back when the film is let go."""
    end, drawn = f"stretch_ratio_final{which}", f"stretch_ratio{which}"
    band = bands.of_formula(facts.run, lambda value: 1.0 - value(end) / value(drawn))
    return number(band[0], "1", f"shrinkage allowance of the {of}", "%", *band[1:], kind="90 % band")
