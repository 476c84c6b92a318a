"""How a command ends: one clear message on stderr, or one object on stdout, and the exit status. Never a traceback for bad input."""

from __future__ import annotations

import _thread
import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from poreline.quantities import InvalidInput

UNUSABLE = 2
INTERRUPTED = 130
_AGAIN_AFTER = 0.05  # s
_LONGEST_LINE = 4000  # characters; the longest list of names that a fault gives has a third of it

# Typer carries its own copy of click in some versions and uses the installed one in others: its public names lead to either.
_ClickException: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def guarded(app: typer.Typer) -> int:
    """Run the app; returns the exit status."""
    as_json = "--json" in sys.argv[1:]
    dropped = threading.Event()
    sys.unraisablehook = _interrupting_again(sys.unraisablehook, dropped)
    try:
        result = app(standalone_mode=False)
        sys.stdout.flush()
        if result == INTERRUPTED:  # Typer ends so, and says nothing, when the user presses Ctrl-C
            _say_interrupted()
        return result if isinstance(result, int) else 0
    except _ClickException as error:
        return _wrong_usage(error, as_json=as_json)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except (typer.Abort, KeyboardInterrupt) as stop:
        _say_interrupted(str(stop))
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe (head, less) has gone: that is no fault of ours, and Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if dropped.is_set():
            # The compiler fails by itself where its callback did not end: that is what Ctrl-C did, and no fault of its own.
            _say_interrupted()
            return INTERRUPTED
        found = _as_input_error(error)
        if found is None:
            raise
        _print_faults(found, as_json=as_json)
        return UNUSABLE


def leave(status: int) -> NoReturn:
    """End the process. After an interruption at once: loops that other threads are still in would crash Python's own way out."""
    if status == INTERRUPTED:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _interrupting_again(hook: Callable[[Any], object], dropped_one: threading.Event) -> Callable[[Any], None]:
    """What to do with an exception that Python cannot raise: an interruption comes again in a moment, the rest goes to `hook`.

    `dropped_one` is set by the interruption.

    While a loop is compiled, Ctrl-C may be raised inside a callback of the compiler, where Python drops it.
    """

    def on_dropped(dropped: Any) -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            dropped_one.set()
            # Not at once: it would be raised in here, and dropped again.
            later = threading.Timer(_AGAIN_AFTER, _thread.interrupt_main)
            later.daemon = True
            later.start()
        else:
            hook(dropped)

    return on_dropped


def _say_interrupted(what: str = "") -> None:
    # One that comes again (`_interrupting_again`), or an impatient second one, must not interrupt the way out.
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A terminal has just shown ^C: the message starts on a line of its own.
    begin = "\n" if sys.stderr.isatty() else ""
    typer.echo(f"{begin}poreline: {what or 'interrupted; nothing half-written is left.'}", err=True)


def _as_input_error(error: Exception) -> InvalidInput | None:
    """The error as faults of the input, if it is that: a bug is not."""
    # Imported here and below, not above: the help answers without NumPy being started.
    from poreline.quantities import Fault, InvalidInput, printable

    if isinstance(error, InvalidInput):
        return error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return InvalidInput([Fault("output", "", "", "The disk is full.", "Free some space.")], "poreline")
    if isinstance(error, OSError) and error.filename is not None:
        reason = f"It cannot be used: {printable(error.strerror or error, 100)}."
        return InvalidInput([Fault("file", printable(error.filename, 200), "", reason, "Check the path.")], "poreline")
    return None


def _print_faults(error: InvalidInput, *, as_json: bool) -> None:
    if as_json:
        from poreline.report.machine import error_object, to_json

        typer.echo(to_json(error_object(error.faults)))
    from poreline.quantities import printable

    # The last gate before the terminal, whatever a fault's author has forgotten.
    lines = (printable(line, _LONGEST_LINE) for line in f"poreline: {error}".split("\n"))
    typer.echo("\n".join(lines), err=True)


def _wrong_usage(error: Any, *, as_json: bool) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message())
        return 0
    from poreline.quantities import Fault, InvalidInput, printable

    context = getattr(error, "ctx", None)
    remedy = f"See `{context.command_path} --help`." if context is not None else "See `poreline --help`."
    fault = Fault("command line", "", "", printable(error.format_message(), 400), remedy)
    _print_faults(InvalidInput([fault], "wrong call"), as_json=as_json)
    return UNUSABLE
