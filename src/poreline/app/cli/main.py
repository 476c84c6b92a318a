"""The command `poreline`: verbs and their help. The work of each verb is imported when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from poreline.app.cli.ending import guarded, leave

app = typer.Typer(
    name="poreline",
    help="A virtual pilot line for microporous membranes made by stretching an immiscible polymer blend: recipe in; "
    "blend, film, stretched structure, membrane, separation performance and a verdict on each of 48 claims out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
materials_app = typer.Typer(
    help="The materials: values, conditions, uncertainties, sources.",
    short_help="Material values with their sources.",
    no_args_is_help=True,
)
runs_app = typer.Typer(
    help="The runs that were kept: list, show, compare, report, remove.",
    short_help="The runs that were kept.",
    no_args_is_help=True,
)
app.add_typer(materials_app, name="materials")
app.add_typer(runs_app, name="runs")

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="Recipe file (TOML).")]
Json = Annotated[bool, typer.Option("--json", help="Print one machine-readable object, and nothing else, to stdout.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of the sampled bands.")]
Samples = Annotated[int, typer.Option("--samples", min=50, max=200_000, help="Number of samples behind every band.")]
Priors = Annotated[
    str,
    typer.Option(
        "--priors", help='"all": material records and model constants are uncertain; "model": the constants only.'
    ),
]
Folder = Annotated[Path, typer.Option("--out", envvar="PORELINE_RUNS_FOLDER", help="Folder that holds the runs.")]
RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="Id of a run, or the beginning of it (4 characters or more).")
]


@app.callback(invoke_without_command=True)
def _version(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --version: print it as an object.")] = False,
) -> None:
    if version:
        from poreline import __version__

        typer.echo(f'{{"poreline": "{__version__}"}}' if json else f"poreline {__version__}")
        raise typer.Exit
    if json:
        raise typer.BadParameter("--json stands after the command, as in `poreline run RECIPE --json`.")
    if context.invoked_subcommand is None:
        raise typer.BadParameter("Missing command.")


@app.command(short_help="Run recipes: membrane, bands, claims, report.")
def run(
    recipes: Annotated[list[Path], typer.Argument(metavar="RECIPE", help="Recipe files (TOML).")],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            help='"mean-field": closed form, milliseconds; "volume": the film cracks open in three dimensions, minutes to hours.',
        ),
    ] = "mean-field",
    seed: Seed = 0,
    seeds: Annotated[
        int | None, typer.Option("--seeds", metavar="N", help="Volume: cells to simulate, from --seed on.")
    ] = None,
    quality: Annotated[
        str | None,
        typer.Option(
            "--quality",
            help="Volume: preview (1 cell of 32 voxels along an edge), standard (4 of 64) or fine (4 of 96).",
        ),
    ] = None,
    voxels: Annotated[
        int | None, typer.Option("--voxels", metavar="N", help="Volume: voxels along the edge of a cell.")
    ] = None,
    domains: Annotated[
        int | None,
        typer.Option("--domains", metavar="N", help="Volume: domains in a cell; with their size they fix its edge."),
    ] = None,
    steps_factor: Annotated[
        float | None, typer.Option("--steps-factor", metavar="F", help="Volume: factor on the number of steps.")
    ] = None,
    device: Annotated[str | None, typer.Option("--device", help="Volume: auto, cpu or cuda.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Volume: go on from checkpoints, and stop where there are none.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Volume: begin anew, without the checkpoints.")] = False,
    samples: Samples = 4000,
    priors: Priors = "all",
    out: Folder = Path("runs"),
    why: Annotated[
        list[str] | None,
        typer.Option(
            "--why", metavar="NUMBER", help="Rank what causes the band of this result; may be given several times."
        ),
    ] = None,
    batch: Annotated[str, typer.Option("--batch", help="Batch that the report's run sheet weighs out.")] = "10 kg",
    line: Annotated[
        Path | None, typer.Option("--line", help="File that describes your line (TOML), for the run sheet.")
    ] = None,
    json: Json = False,
) -> None:
    """Run recipes: what membrane comes out, how sure that is, and which claims it meets."""
    from poreline.app.cli.volume_options import VolumeOptions

    options = VolumeOptions(
        domains=domains,
        voxels=voxels,
        seeds=seeds,
        quality=quality,
        steps_factor=steps_factor,
        device=device,
        resume=resume,
        fresh=fresh,
    )
    if model == "volume":
        from poreline.app.cli.volume import run_volumes

        run_volumes(
            recipes,
            options,
            seed=seed,
            samples=samples,
            priors=priors,
            out=out,
            why=why or [],
            batch=batch,
            line=line,
            as_json=json,
        )
        return
    from poreline.app.cli.running import run_recipes

    run_recipes(
        recipes,
        volume=options,
        model=model,
        seed=seed,
        samples=samples,
        priors=priors,
        out=out,
        why=why or [],
        batch=batch,
        line=line,
        as_json=json,
    )


@app.command(short_help="Judge a recipe or a measured structure by the 48 claims.")
def check(
    recipe: Annotated[
        Path | None, typer.Argument(metavar="RECIPE", help="Recipe file (TOML); may be left out with --measured.")
    ] = None,
    measured: Annotated[
        str | None,
        typer.Option(
            "--measured",
            metavar="RUN",
            help="Judge the structure that `poreline measure` found: id of the run, or the beginning of it.",
        ),
    ] = None,
    out: Folder = Path("runs"),
    require: Annotated[
        str, typer.Option("--require", metavar="11,30", help="Claims that must be met; exit status 1 if one is not.")
    ] = "",
    seed: Seed = 0,
    samples: Samples = 4000,
    priors: Priors = "all",
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Print the evidence of every claim, not only of those not met.")
    ] = False,
    json: Json = False,
) -> None:
    """Judge a recipe, a structure measured on an image, or both, against the 48 claims."""
    from poreline.app.cli.checking import check_membrane

    check_membrane(
        recipe,
        measured=measured,
        out=out,
        require=require,
        seed=seed,
        samples=samples,
        priors=priors,
        evidence=evidence,
        as_json=json,
    )


@app.command(short_help="Measure an image: pore sizes, connection, transport.")
def measure(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Tomogram, label image or micrograph.")],
    spacing: Annotated[
        str, typer.Option("--spacing", metavar='"10 nm"', help="Edge of a voxel; or x, y and z, with commas between.")
    ] = "",
    periodic: Annotated[
        str, typer.Option("--periodic", metavar="xyz", help="Axes along which the structure repeats.")
    ] = "",
    pore_label: Annotated[
        int | None, typer.Option("--pore-label", metavar="N", help="Label of the pores in a label image.")
    ] = None,
    dataset: Annotated[str, typer.Option("--dataset", metavar="NAME", help="Array in a file that holds several.")] = "",
    only: Annotated[
        str,
        typer.Option("--only", metavar="porosity,local-thickness", help="Measures to take; all without it."),
    ] = "",
    axis: Annotated[
        list[str] | None,
        typer.Option("--axis", metavar="x|y|z", help="Axis to measure along; may be given several times."),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")] = "auto",
    threshold: Annotated[
        str,
        typer.Option(
            "--threshold", metavar="otsu|local|NUMBER", help="How grey values are parted into pore and solid."
        ),
    ] = "",
    grey_pore: Annotated[
        float | None,
        typer.Option(
            "--grey-pore", metavar="NUMBER", help="Grey value of pure void, where no pore is wide enough to show it."
        ),
    ] = None,
    grey_solid: Annotated[
        float | None,
        typer.Option("--grey-solid", metavar="NUMBER", help="Grey value of pure solid, where no wall is thick enough."),
    ] = None,
    pores: Annotated[str, typer.Option("--pores", help="Whether pores are dark or bright.")] = "dark",
    denoise: Annotated[str, typer.Option("--denoise", help="median, none or nlm.")] = "median",
    keep_data_bar: Annotated[
        bool, typer.Option("--keep-data-bar", help="Do not cut the strip with text off a micrograph.")
    ] = False,
    export: Annotated[
        list[Path] | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="Write the image (.tif .nrrd .vti .nc .npz), its surface (.stl) or its pore network (.pnm.npz); "
            "may be given several times.",
        ),
    ] = None,
    out: Folder = Path("runs"),
    json: Json = False,
) -> None:
    """Measure an image: porosity, pore sizes by named definitions, connection, transport, a report."""
    from poreline.app.cli.measuring import MeasureOptions, measure_image

    measure_image(
        MeasureOptions(
            file=file,
            spacing=spacing,
            periodic=periodic,
            pore_label=pore_label,
            dataset=dataset,
            only=only,
            axis=axis or (),
            device=device,
            threshold=threshold,
            grey_pore=grey_pore,
            grey_solid=grey_solid,
            pores=pores,
            denoise=denoise,
            keep_data_bar=keep_data_bar,
            export=export or (),
            out=out,
            as_json=json,
        )
    )


@app.command(short_help="Print the run sheet for the real line.")
def sheet(
    recipe: RecipeFile,
    batch: Annotated[str, typer.Option("--batch", help='Mass to weigh out, like "10 kg".')] = "10 kg",
    line: Annotated[Path | None, typer.Option("--line", help="File that describes your line (TOML).")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the sheet as a CSV file too.")] = None,
    seed: Seed = 0,
    samples: Samples = 1000,
    json: Json = False,
) -> None:
    """Print the run sheet: masses, temperatures, roll speeds, tolerances, in-line checks."""
    from poreline.app.cli.sheets import print_sheet

    print_sheet(recipe, batch=batch, line=line, csv=csv, seed=seed, samples=samples, as_json=json)


@app.command(short_help="Rank what causes the band of one result.")
def why(
    recipe: RecipeFile,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="Name of a result, like porosity or permeance_gas_N2.")
    ],
    seed: Seed = 0,
    samples: Annotated[int, typer.Option("--samples", min=64, max=65_536, help="Samples per index.")] = 1024,
    json: Json = False,
) -> None:
    """Rank the uncertain numbers that cause the band of one result (Sobol indices)."""
    from poreline.app.cli.running import explain

    explain(recipe, number, seed=seed, samples=samples, as_json=json)


@app.command(short_help="Fit the mean-field model's connection to volume runs.")
def fit(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN...", help="Ids of volume simulations, or their beginnings; three or more."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where to write the set of parameters (TOML).")
    ] = Path("fitted.toml"),
    name: Annotated[
        str, typer.Option("--name", help="Name of the set; by default that of the file.", show_default=False)
    ] = "",
    date: Annotated[
        str, typer.Option("--date", metavar="2026-11-26", help="Date that stands in the set; today without it.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    out: Folder = Path("runs"),
    json: Json = False,
) -> None:
    """Fit percolation and tortuosity of the mean-field model to volume simulations; a recipe can name the set that is written."""
    from poreline.app.cli.fitting import fit_runs

    fit_runs(runs or [], output=output, name=name, date=date, force=force, out=out, as_json=json)


@app.command(short_help="Print the JSON Schema of a recipe.")
def schema(json: Json = False) -> None:
    """Print the JSON Schema of a recipe, so that editors complete and check recipes."""
    # It is one object with or without --json, which every command takes.
    from poreline.recipe.schema import recipe_schema
    from poreline.report.machine import to_json

    typer.echo(to_json(recipe_schema()))


@app.command(short_help="Write a commented recipe to start from.")
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("recipe.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    json: Json = False,
) -> None:
    """Write a commented recipe to start from."""
    from poreline.app.cli.starting import write_starter

    write_starter(file, force=force, as_json=json)


@app.command(short_help="Run the example recipe.")
def demo(out: Folder = Path("runs"), json: Json = False) -> None:
    """Run the example recipe: polystyrene 10, polypropylene 90, SEEPS 5."""
    from poreline.app.cli.starting import run_demo

    run_demo(out, as_json=json)


@app.command(short_help="Show versions and whether everything works.")
def doctor(json: Json = False) -> None:
    """Show versions, devices and settings, and whether everything works."""
    from poreline.app.cli.starting import examine

    examine(as_json=json)


@materials_app.command("list")
def materials_list(
    file: Annotated[Path | None, typer.Option("--file", help="Own materials (TOML) to add.")] = None, json: Json = False
) -> None:
    """List the polymers, copolymers, pairs and fluids."""
    from poreline.app.cli.substances import list_materials

    list_materials(file, as_json=json)


@materials_app.command("show", short_help="Show every number of a material.")
def materials_show(
    name: Annotated[str, typer.Argument(help="Polymer, copolymer, gas, liquid or solute.")],
    file: Annotated[Path | None, typer.Option("--file", help="Own materials (TOML) to add.")] = None,
    json: Json = False,
) -> None:
    """Show every number of a material with its condition, uncertainty and source."""
    from poreline.app.cli.substances import show_material

    show_material(name, file, as_json=json)


@materials_app.command("pair", short_help="Show how two polymers meet in the melt.")
def materials_pair(
    first: Annotated[str, typer.Argument(help="First polymer.")],
    second: Annotated[str, typer.Argument(help="Second polymer.")],
    temperature: Annotated[str, typer.Option("--temperature", help="Temperature of the melt.")] = "210 degC",
    file: Annotated[Path | None, typer.Option("--file", help="Own materials (TOML) to add.")] = None,
    json: Json = False,
) -> None:
    """Show how two polymers meet: interfacial tension, miscibility, interface width."""
    from poreline.app.cli.substances import show_pair

    show_pair(first, second, temperature, file, as_json=json)


@runs_app.command("list")
def runs_list(out: Folder = Path("runs"), json: Json = False) -> None:
    """List the runs, the newest first."""
    from poreline.app.cli.stored import list_runs

    list_runs(out, as_json=json)


@runs_app.command("show")
def runs_show(run: RunId, out: Folder = Path("runs"), json: Json = False) -> None:
    """Show one run."""
    from poreline.app.cli.stored import show_run

    show_run(run, out, as_json=json)


@runs_app.command("compare")
def runs_compare(
    first: Annotated[
        str, typer.Argument(metavar="A", help="Id of a run, or the beginning of it (4 characters or more).")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="Id of another run.")],
    out: Folder = Path("runs"),
    json: Json = False,
) -> None:
    """Compare two runs: recipe, results, claims."""
    from poreline.app.cli.stored import compare_runs

    compare_runs(first, second, out, as_json=json)


@runs_app.command("report")
def runs_report(run: RunId, out: Folder = Path("runs"), json: Json = False) -> None:
    """Write the report of a run again: from its recipe, seed and samples, or from the cells that a volume run stored."""
    from poreline.app.cli.stored import rewrite_report

    rewrite_report(run, out, as_json=json)


@runs_app.command("remove")
def runs_remove(
    run: RunId,
    out: Folder = Path("runs"),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Delete a run's folder."""
    from poreline.app.cli.stored import remove_run

    remove_run(run, out, sure=yes, as_json=json)


def main() -> None:
    """Entry point of the command: exit status 0, 1 (a required claim is not met), 2 (unusable input) or 130 (interrupted)."""
    leave(guarded(app))
