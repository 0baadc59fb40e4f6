"""GGUF files: the types of their tensors, and what llama-quantize makes of a model."""

from __future__ import annotations

from budsim_widgets.formats.gguf.file_types import ALIASES, DTYPES, FILE_TYPES, FileType
from budsim_widgets.formats.gguf.layout import FileLayout, TypedTensors, file_layout
from budsim_widgets.formats.gguf.tensors import gguf_architecture

__all__ = [
    "ALIASES",
    "DTYPES",
    "FILE_TYPES",
    "FileLayout",
    "FileType",
    "TypedTensors",
    "file_layout",
    "gguf_architecture",
]
