"""The tensors of a model as its GGUF file holds them: their names, and what is split, stacked or added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.formats.gguf.beyond_model import predicting_layers, with_prediction
from budsim_widgets.formats.gguf.naming import PROJECTOR, named_tensors
from budsim_widgets.formats.gguf.rows import gguf_architecture
from budsim_widgets.formats.gguf.rule_inputs import Model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.formats.gguf.typed import Tensors


class FileTensors(NamedTuple):
    """What the file of a model holds.

    Attributes:
        tensors: Of the language model.
        projector: Of vision and audio, which llama.cpp keeps in a file of its own (`mmproj`).
        model: What the choice of types asks of the model.
        predicting_layers: The last layers, which predict several tokens and are loaded only when asked for.
    """

    tensors: tuple[Tensors, ...]
    projector: tuple[Tensors, ...]
    model: Model
    predicting_layers: int


@kept_with_architecture
def file_tensors(architecture: Architecture) -> FileTensors:
    """The tensors of a model's GGUF file.

    Raises:
        KeyError: llama.cpp isn't known to run the model; see `gguf_architecture`.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> found = file_tensors(build({"model_type": "mixtral", "vocab_size": 32000, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2}))
        >>> next((tensors.name, tensors.shape) for tensors in found.tensors if "exps" in tensors.name)
        ('blk.*.ffn_gate_exps.weight', (8, 14336, 4096))
    """
    row = gguf_architecture(architecture)
    if row is None:
        raise KeyError(architecture.model_type)
    found = tuple(named_tensors(architecture, row))
    predicting = predicting_layers(architecture.config) if row.get("mtp_in_file") else 0
    tensors = tuple(some for some in found if not some.name.startswith(PROJECTOR))
    if predicting:
        has_tables = any(extra.kind == "prediction_tables" for extra in architecture.extras)
        tensors = tuple(with_prediction(tensors, predicting, has_tables=has_tables))
    projector = tuple(some for some in found if some.name.startswith(PROJECTOR))
    return FileTensors(tensors, projector, _model(architecture, row, tensors), predicting)


def _model(architecture: Architecture, row: Mapping[str, Any], tensors: tuple[Tensors, ...]) -> Model:
    layers = 1 + max((layer for some in tensors for layer in some.layers), default=-1)
    experts = max((some.shape[0] for some in tensors if some.role == "experts"), default=0)
    cache = next((cache for cache, _ in architecture.layer_caches if isinstance(cache, AttentionCache)), None)
    grouped = cache.num_attention_heads // (cache.num_key_value_heads or 1) if cache else 0
    if row.get("kv_heads_per_layer") and not _has_attention(tensors, layer=0):
        grouped = 0  # llama.cpp asks the first layer
    has_70b_layers = layers == row.get("is_70b")
    return Model(
        architecture=row["name"],
        layers=layers,
        experts=experts,
        heads_per_kv_head=grouped,
        is_tied=not any(some.name == "output.weight" for some in tensors),
        is_70b=has_70b_layers and (row["name"] != "llama" or grouped > 1),
    )


def _has_attention(tensors: tuple[Tensors, ...], *, layer: int) -> bool:
    return any(layer in some.layers and some.name.endswith("attn_k.weight") for some in tensors)
