"""Where answers go: tables with colours on a terminal, plain text into a pipe, JSON and Markdown where asked for."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from budsim_widgets.cli.documents import document_of
from budsim_widgets.memory import ComparisonReport
from budsim_widgets.memory.tables import text_table
from budsim_widgets.printable import printable

if TYPE_CHECKING:
    from argparse import Namespace

    from rich.console import Console

    from budsim_widgets.cli.documents import Document, Table

Form: TypeAlias = Literal["json", "markdown", "terminal", "text"]

_LONGEST_AMOUNT: Final = len("1023.99 GiB")

_COLOURS: Final = {"good": "bold green", "doubtful": "bold yellow", "bad": "bold red", "": "bold"}


def form_of(arguments: Namespace) -> Form:
    """How an answer is to be shown."""
    if arguments.json:
        return "json"
    if arguments.markdown:
        return "markdown"
    return "terminal" if sys.stdout is not None and sys.stdout.isatty() else "text"


def show(report: Any, form: Form) -> None:
    """Show a report."""
    if form == "json":
        show_json(report.to_dict())
    elif form == "text" and not isinstance(report, ComparisonReport):
        write(repr(report))
    else:
        show_document(document_of(report), form)


def show_json(value: Any) -> None:
    """Write JSON, in ASCII: no encoding changes it."""
    write(json.dumps(value, indent=2))


def show_document(document: Document, form: Form) -> None:
    """Show what a report was made into."""
    if form == "terminal":
        _show_on_terminal(document)
    elif form == "markdown":
        write("\n\n".join(_markdown(document)))
    else:
        tables = (text_table(table.headers, table.rows) for table in document.tables)
        write("\n".join([document.title, *document.lines, *tables, *document.remarks]))


def write(text: str) -> None:
    """Write a text to standard output; characters that its encoding lacks are replaced."""
    if sys.stdout is None:
        return
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(f"{text}\n".encode(encoding, "replace").decode(encoding))


def _markdown(document: Document) -> list[str]:
    remarks = "\n".join(f"- {_cell(remark)}" for remark in document.remarks)
    command = f"    {printable(document.command)}" if document.command else ""
    tables = [_markdown_table(table) for table in document.tables]
    parts = [f"**{_cell(document.title)}**", *map(_cell, document.lines), *tables, command, remarks]
    return [part for part in parts if part]


def _markdown_table(table: Table) -> str:
    rule = ["---", *("---:" if len(table.headers) > 2 else "---" for _ in table.headers[1:])]  # noqa: PLR2004 - a pair
    lines = [[*map(_cell, table.headers)], rule, *([*map(_cell, row)] for row in table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A text that Markdown shows as it stands."""
    shown = printable(text)
    for sign in "\\`*_[]<>|":
        shown = shown.replace(sign, f"\\{sign}")
    return shown


def _show_on_terminal(document: Document) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a terminal shows colours
    from rich.text import Text  # noqa: PLC0415 - the same

    console = Console()
    console.print(Text(printable(document.title), style=_COLOURS[document.tone]))
    for line in document.lines:
        console.print(Text(printable(line), style="dim"))
    for table in document.tables:
        _show_table(console, table)
    if document.command:
        console.print(Text("Start it:", style="bold"))
        # Not wrapped: it is copied.
        console.print(Text(printable(document.command)), soft_wrap=True)
    for remark in document.remarks:
        console.print(Text(f"- {printable(remark)}"))


def _show_table(console: Console, table: Table) -> None:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table as RichTable  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    form = box.SIMPLE_HEAD if table.is_named else None
    shown = RichTable(box=form, show_header=table.is_named, pad_edge=False, collapse_padding=True)
    for column, header in enumerate(table.headers):
        longest = max((len(row[column]) for row in table.rows), default=0)
        # An amount is never broken, whatever the width; words may be.
        shown.add_column(Text(header), overflow="fold", min_width=longest if longest <= _LONGEST_AMOUNT else None)
    for row in table.rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    console.print(shown)
