"""Both models on the four worked compositions at 100, 200 and 300 % of elongation, side by side.

    python models_side_by_side.py FOLDER [--voxels 48] [--seeds 2] [--elongations 100,200,300]

Each run is made by `poreline run --model volume` and kept in the folder; a run that is there is not repeated. The table that is
printed stands in docs/volume.md. The runs are points for `poreline fit`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from machine import describe

EXAMPLES = Path(__file__).parent.parent / "examples"
COMPOSITIONS = ("ps10-pp90", "pet15-pp85", "ps10-pp90-seeps5", "ps15-pp85-seeps7.5")
COLUMNS = {
    "porosity": ("porosity, %", 100.0, "{:.1f}"),
    "pore_diameter_mean": ("flow pore, nm", 1e9, "{:.0f}"),
    "microcrack_width_mean": ("crack width, nm", 1e9, "{:.0f}"),
    "open_share": ("open share", 1.0, "{:.2f}"),
    "tortuosity": ("tortuosity", 1.0, "{:.3g}"),
    "permeance_gas_N2": ("N2, GPU", 1.0 / 3.34833e-10, "{:.3g}"),
}
OF_MEAN_FIELD = {"microcrack_width_mean": "crack_width_mean"}


def recipe(composition: str, elongation: float, folder: Path) -> Path:
    """The example with its last stretch to that elongation."""
    text = (EXAMPLES / f"{composition}.toml").read_text(encoding="utf-8")
    last = [m.span(1) for m in re.finditer(r'elongation = "([^"]+)"', text)][-1]
    path = folder / f"{composition}-{elongation:g}.toml"
    path.write_text(f"{text[: last[0]]}{elongation:g} %{text[last[1] :]}", encoding="utf-8")
    return path


def run(path: Path, voxels: int, seeds: int) -> dict[str, Any]:
    """What `poreline run --json` prints for the volume simulation of a recipe."""
    kept = path.with_suffix(".json")
    if not kept.exists():
        command = [sys.executable, "-c", "from poreline.app.cli.main import main; main()", "run", str(path)]
        options = ["--model", "volume", "--voxels", str(voxels), "--seeds", str(seeds), "--json"]
        done = subprocess.run([*command, *options], cwd=path.parent, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        kept.write_text(done.stdout, encoding="utf-8")
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def text_of(result: dict[str, Any] | None, scale: float, style: str) -> str:
    if result is None or result.get("value") is None:
        return "–"
    value, low, high = (result.get(key) for key in ("value", "low", "high"))
    if not isinstance(value, (int, float)):
        return str(value)
    shown = style.format(value * scale)
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and not isinstance(low, bool):
        shown += f" ({style.format(low * scale)}–{style.format(high * scale)})"
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--voxels", type=int, default=48)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--elongations", default="100,200,300")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    heads = ["composition", "stretched by", "model", *(head for head, _, _ in COLUMNS.values())]
    rows = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for composition in COMPOSITIONS:
        for elongation in map(float, options.elongations.split(",")):
            made = run(recipe(composition, elongation, options.folder.resolve()), options.voxels, options.seeds)
            for model, results in (("volume", made["results"]), ("fast", made["mean_field"]["results"])):
                cells = [
                    text_of(results.get(OF_MEAN_FIELD.get(name, name) if model == "fast" else name), scale, style)
                    for name, (_, scale, style) in COLUMNS.items()
                ]
                first = [made["recipe"]["name"], f"{elongation:g} %"] if model == "volume" else ["", ""]
                rows.append(f"| {' | '.join([*first, model, *cells])} |")
            print(rows[-2], rows[-1], sep="\n", file=sys.stderr, flush=True)
    print(describe())
    print("\n".join(rows))


if __name__ == "__main__":
    main()
