"""GGUF files: the types of their tensors, and what llama-quantize makes of a model."""

from __future__ import annotations

from budsim_widgets.formats.gguf.file_types import ALIASES, DTYPES, FILE_TYPES, FileType
from budsim_widgets.formats.gguf.layout import FileLayout, file_layout
from budsim_widgets.formats.gguf.own_file import OWN_FILE, own_file_type
from budsim_widgets.formats.gguf.tensors import gguf_architecture
from budsim_widgets.formats.gguf.typed import TypedTensors

__all__ = [
    "ALIASES",
    "DTYPES",
    "FILE_TYPES",
    "OWN_FILE",
    "FileLayout",
    "FileType",
    "TypedTensors",
    "file_layout",
    "gguf_architecture",
    "own_file_type",
]
