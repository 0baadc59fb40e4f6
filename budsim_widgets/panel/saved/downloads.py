"""Saved configs as a file that a browser saves, or, where that is too large for a page, beside the notebook."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from datetime import datetime, timezone
from itertools import chain, count
from typing import TYPE_CHECKING, Final

from budsim_widgets.panel.prompt.view import status_html
from budsim_widgets.rendering.markup import Html, tag
from budsim_widgets.translation import tr
from budsim_widgets.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budsim_widgets.actions import Actions

MAX_LINK_BYTES: Final = 1_000_000
"""What a page takes in one go; a kernel's messages end at 10 MB, and a link holds a third more than its file."""

MAX_UPLOAD_BYTES: Final = 9_000_000
"""What surely gets from a browser to a kernel; of a file beyond 10 MB nothing arrives, and nobody is told."""

_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_CHARACTERS: Final = 80


def export_html(actions: Actions, file_name: str, model_ids: Sequence[str] | None = None) -> Html:
    """A link that saves the configs as a file, or where they were written: in a file that wasn't there before.

    Raises:
        StoreError: The file can't be written.
    """
    content = actions.saved.export_bytes(model_ids)
    if len(content) <= MAX_LINK_BYTES:
        return status_html_of_link(content, file_name)
    file_name = _free_name(file_name)
    num_configs = actions.saved.export_file(file_name, model_ids=model_ids)
    where = tr("{count:,} configs are in the file {name}, beside this notebook.", count=num_configs, name=file_name)
    if len(content) <= MAX_UPLOAD_BYTES:
        return status_html(where)
    code = f"bw.import_configs({file_name!r})"
    return status_html(where, tr("It is too large for a button: {code} in a cell imports it.", code=code))


def status_html_of_link(content: bytes, file_name: str) -> Html:
    """A link to the content itself: no server is asked, so that it works wherever the page stands."""
    address = f"data:application/json;base64,{b64encode(content).decode('ascii')}"
    link = tag("a", tr("Save {name}", name=file_name), href=address, download=file_name)
    return tag("div", tag("p", link, f" ({format_bytes(len(content))})"), class_="budsim-status")


def file_name_of(model_id: str) -> str:
    """A name for the file of one model's config.

    Example:
        >>> file_name_of("meta-llama/Llama-3.1-8B"), file_name_of("../x")
        ('meta-llama--Llama-3.1-8B.json', '--x.json')
    """
    name = _ODD.sub("-", model_id.replace("/", "--")).lstrip(".")
    return f"{name[:_NAME_CHARACTERS] or 'config'}.json"


def file_name_of_all() -> str:
    """A name for the file of all configs, another one each second: no file is written over by mistake."""
    return f"budsim-configs-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}.json"


def _free_name(file_name: str) -> str:
    # Nobody chose the name, so that whatever has it already is somebody's own.
    stem = file_name.removesuffix(".json")
    names = chain((file_name,), (f"{stem}-{number}.json" for number in count(2)))
    return next(name for name in names if not os.path.lexists(name))
