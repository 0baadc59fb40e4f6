"""The tensors that a GGUF file itself lists, in place of those that llama-quantize would make."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.formats.gguf.file_types import FILE_TYPES, FileType
from budsim_widgets.formats.gguf.typed import Tensors, TypedTensors
from budsim_widgets.formats.gguf.types import TENSOR_TYPES, tensor_bytes
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.intake.gguf_file import GgufFile

OWN_FILE: Final = "file"
"""Stands in place of a file type where the file itself is at hand."""

_LAYER: Final = re.compile(r"blk\.([0-9]{1,5})\.(.{1,200})")
_MAX_LAYERS: Final = 10_000
_NAMES: Final = {kind.number: kind.name for kind in FILE_TYPES.values()}
_TYPES: Final = {kind.number: name for name, kind in TENSOR_TYPES.items()}


def own_file_type(file: GgufFile) -> FileType:
    """What the file calls itself; the label doesn't bind its content."""
    number = file.metadata.values.get("general.file_type")
    name = _NAMES.get(number, "") if type(number) is int else ""
    return FILE_TYPES.get(name) or FileType("mixed", "F32", -1)


def own_tensors(file: GgufFile) -> Iterator[TypedTensors]:
    """The tensors of a file, those of one kind together.

    Raises:
        ConfigError: UNSUPPORTED, where a tensor has a type that llama.cpp itself doesn't have, as forks have them;
            FIELD_RANGE, where its rows aren't made of whole blocks.
    """
    groups: dict[tuple[str, tuple[int, ...], str], list[int]] = {}
    for tensor in file.tensors:
        kind = _type_of(tensor.name, tensor.shape, tensor.type_number)
        found = _LAYER.fullmatch(tensor.name)
        if found is None or int(found[1]) >= _MAX_LAYERS:
            groups.setdefault((tensor.name, tensor.shape, kind), [])
        else:
            groups.setdefault((f"blk.*.{found[2]}", tensor.shape, kind), []).append(int(found[1]))
    for (name, shape, kind), layers in groups.items():
        tensors = Tensors(name, shape, _role(name, shape), tuple(sorted(layers)))
        yield TypedTensors(tensors, kind, tensor_bytes(kind, prod(shape[:-1]), shape[-1]))


def predicting_layers(file: GgufFile) -> int:
    """Layers that only predict several tokens, as the file counts them."""
    values: dict[str, Any] = file.metadata.values
    number = values.get(f"{values.get('general.architecture')}.nextn_predict_layers")
    return number if type(number) is int and 0 <= number < _MAX_LAYERS else 0


def _type_of(name: str, shape: tuple[int, ...], number: int) -> str:
    kind = _TYPES.get(number)
    if kind is None:
        raise ConfigError(
            "UNSUPPORTED",
            f"The tensor {quoted(name, 80)} has the type {number}, which llama.cpp doesn't have: it is a fork's.",
            next_step="Give a file that llama.cpp itself can load.",
        )
    if shape[-1] % TENSOR_TYPES[kind].block_elements:
        raise ConfigError(
            "FIELD_RANGE",
            f"The tensor {quoted(name, 80)} has rows of {shape[-1]:,} elements, which aren't whole blocks of {kind}.",
            next_step="The file is damaged: download it anew.",
        )
    return kind


def _role(name: str, shape: tuple[int, ...]) -> Role:
    if "_exps" in name:
        return "experts"
    if name.startswith(("token_embd.weight", "per_layer_token_embd")):
        return "embedding"
    if name == "output.weight":
        return "head"
    return "linear" if len(shape) > 1 else "bias" if name.endswith("bias") else "norm"
