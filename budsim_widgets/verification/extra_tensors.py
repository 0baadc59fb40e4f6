"""What published files hold beyond what transformers builds: layers for multi-token prediction, masks."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture

_LAYER: Final = re.compile(r"(?P<stack>.*\b(?:layers|h|blocks|block)\.)(?P<index>\d+)\.")
_PREDICTION_FIELDS: Final = (
    "num_nextn_predict_layers",
    "num_mtp_modules",
    "mtp_num_hidden_layers",
    "mtp_num_layers",
    "num_mtp_layers",
)
_MOST_PREDICTION_LAYERS: Final = 16


class Unbuilt(NamedTuple):
    """Something that files may hold and transformers doesn't build.

    Attributes:
        num_parameters: Its numbers.
        what: What it is, for a sentence.
    """

    num_parameters: int
    what: str


def may_also_hold(architecture: Architecture) -> Iterator[Unbuilt]:
    """All that the files of this model may hold besides its parameters, each with its exact size."""
    count = max((text_field(architecture, name) for name in _PREDICTION_FIELDS), default=0)
    if not count and any("multi-token" in note for note in architecture.notes):
        count = 1
    if 0 < count <= _MOST_PREDICTION_LAYERS:
        yield from prediction_layers(architecture, count)
    yield from _masks(architecture)


def layer_parameters(architecture: Architecture) -> int:
    """Parameters of the last layer of the longest stack; 0 where there is none.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> layer_parameters(build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8}))
        218112000
    """
    stacks: dict[str, dict[int, int]] = {}
    for tensor in architecture.tensors():
        found = _LAYER.match(tensor.name)
        if found:
            layers, index = stacks.setdefault(found["stack"], {}), int(found["index"])
            layers[index] = layers.get(index, 0) + prod(tensor.shape)
    if not stacks:
        return 0
    largest = max(stacks.values(), key=lambda layers: sum(layers.values()))
    return largest[max(largest)]


def text_field(architecture: Architecture, name: str) -> int:
    """A whole number of the config or of its text part; 0 where there is none."""
    config: Mapping[str, Any] = architecture.config
    text = config.get("text_config")
    for fields in (text if isinstance(text, dict) else {}, config):
        value = fields.get(name)
        if type(value) is int:
            return value
    return 0


def prediction_layers(architecture: Architecture, count: int) -> Iterator[Unbuilt]:
    """A copy of the last layer, what joins a token's embedding to what lies below, and perhaps copies of both tables.

    DeepSeek-V3: 11,505,434,624 in fp8 and the router, 2 · 7168² to join, twice 129,280 · 7168: 13.46 · 10⁹, as much as
    its files hold beyond the 61 layers. Source: `README_WEIGHTS.md` of deepseek-ai/DeepSeek-V3.
    """
    width = text_field(architecture, "hidden_size")
    layers = count * (layer_parameters(architecture) + 2 * width**2 + 3 * width)
    table = text_field(architecture, "vocab_size") * width
    what = "a layer for multi-token prediction" if count == 1 else f"{count} layers for multi-token prediction"
    for tables in dict.fromkeys((0, count, 2 * count)):
        yield Unbuilt(layers + tables * table, what)


def _masks(architecture: Architecture) -> Iterator[Unbuilt]:
    """A causal mask a layer, as GPT-2's files hold them: 12 · 1024² of gpt2's 137,022,720."""
    layers = text_field(architecture, "num_hidden_layers") or text_field(architecture, "n_layer")
    length = text_field(architecture, "max_position_embeddings") or text_field(architecture, "n_positions")
    if layers and length:
        yield Unbuilt(layers * length**2, "a causal mask for each layer")
