"""`budsim gpus`: what this machine has, and what is known by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.cli.documents import Document, Table
from budsim_widgets.cli.exit_codes import DOES_NOT_FIT, FITS
from budsim_widgets.cli.output import form_of, show_document, show_json
from budsim_widgets.cli.telling import say
from budsim_widgets.hardware import accelerators
from budsim_widgets.hardware.detection import detect_accelerators
from budsim_widgets.units import GIB, format_bytes

if TYPE_CHECKING:
    from argparse import Namespace

    from budsim_widgets.hardware import Accelerator
    from budsim_widgets.hardware.detection import DetectedAccelerator

_HEADERS = ("accelerator", "memory", "a process gets", "bandwidth", "year")


def show_gpus(arguments: Namespace) -> int:
    """Lists them; the exit code is 1 where no known name has the words."""
    found = detect_accelerators()
    words = [word.casefold() for word in arguments.words]
    known = [one for one in accelerators() if all(word in one.label.casefold() for word in words)]
    form = form_of(arguments)
    if form == "json":
        show_json(
            {
                "detected": [one.to_dict() for one in found],
                "accelerators": [one.to_dict() for one in known],
            }
        )
    else:
        own = Table(("this machine", "total", "free"), tuple(map(_detected_cells, found)))
        table = Table(_HEADERS, tuple(map(_cells, known)))
        nothing = "This machine has none that its drivers tell of." if not found else ""
        tables = tuple(one for one in (own, table) if one.rows)
        show_document(Document("Accelerators", lines=(nothing,) if nothing else (), tables=tables), form)
    if not known:
        say(f"No accelerator has {' and '.join(map(repr, arguments.words))} in its name. `budsim gpus` lists all.")
    return FITS if known else DOES_NOT_FIT


def _detected_cells(found: DetectedAccelerator) -> tuple[str, ...]:
    free = "" if found.free_bytes is None else format_bytes(found.free_bytes)
    return f"{found.index}: {found.name}", format_bytes(found.total_bytes), free


def _cells(one: Accelerator) -> tuple[str, ...]:
    bandwidth = one.bandwidth_bytes_per_second
    return (
        one.label,
        "" if one.memory_bytes is None else f"{one.memory_bytes / GIB:g} GiB",
        format_bytes(one.usable_bytes),
        "" if bandwidth is None else f"{bandwidth / 1e9:,.0f} GB/s",
        "" if one.launch_year is None else str(one.launch_year),
    )
