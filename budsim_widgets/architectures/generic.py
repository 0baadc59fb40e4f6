"""An estimate for a model type that nobody has described: a Llama-like decoder of the config's dimensions."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, linear, rms_norm, router
from budsim_widgets.architectures.blocks.models import causal_lm, layer_types, pre_norm_layer, self_attention, window_of
from budsim_widgets.architectures.generic_seq2seq import generic_encoder_decoder, is_encoder_decoder
from budsim_widgets.architectures.parts import Module, Weight, module, stack
from budsim_widgets.architectures.registry import find_family
from budsim_widgets.errors import ConfigError
from budsim_widgets.intake import resolve_fields

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Part

EXPERT_COUNTS: Final = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
"""Under which names configs say how many experts a layer has."""

LATENT_EXPERTS: Final = "routed_expert_hidden_size"
"""The width that routed experts see, where it isn't that of the model (Kimi-K3)."""

_TEXT_CONFIGS: Final = ("text_config", "llm_config", "language_config")
_DENSE_LAYERS: Final = ("first_k_dense_replace", "moe_layer_start_index", "num_dense_layers")
_NAS_MULTIPLE: Final = 256
_UNGATED_DENSE: Final = ("gelu", "gelu_new", "relu", "relu2", "xielu")
"""As `hidden_act`: of 64 described types with one of these, 51 have no gate; experts mostly do all the same."""
_UNGATED: Final = ("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "quick_gelu", "relu")


def generic_model(c: Config) -> Module:
    """The language model: that of its own type where it has one that is described, else a generic decoder.

    Raises:
        ConfigError: `MISSING_FIELD`, where the config lacks a dimension that has no usual value.
    """
    text = _text_of(c)
    if text is None:
        return generic_encoder_decoder(c) if is_encoder_decoder(c) else generic_decoder(c)
    described = described_text(c)
    return generic_decoder(text) if described is None else described


def described_text(c: Config) -> Module | None:
    """The language model of its own config, where that has a type that is described; else None."""
    text = _text_of(c)
    if text is None or LATENT_EXPERTS in text:
        return None
    described, _ = find_family(str(text.get("model_type", "")), None)
    with suppress(ConfigError):  # a variant that its type's description doesn't know
        if described is not None:
            return described.describe(text.changed(resolve_fields(text.fields)))
    return None


def _text_of(c: Config) -> Config | None:
    """The first config of a language model within this one."""
    text: Config | None = next((c.get(name) for name in _TEXT_CONFIGS if name in c), None)
    return text


def generic_decoder(c: Config) -> Module:
    """Embedding, pre-norm layers with grouped queries and a gated feed-forward block or experts, norm and head.

    Raises:
        ConfigError: `MISSING_FIELD`, where the config lacks a dimension that has no usual value.
    """
    hidden_size = c.hidden_size
    kinds = layer_types(c)

    def layer(layer_type: str, heads: int, intermediate_size: int, has_experts: bool) -> Module:  # noqa: FBT001 - one of the values of a layer
        own = c.changed({**c.fields, "num_key_value_heads": heads if heads > 0 else c.num_key_value_heads})
        self_attn = self_attention(own, bias=bool(c.get("attention_bias", False)), window=window_of(c, layer_type))
        feed_forward = _experts(c, intermediate_size) if has_experts else None
        if feed_forward is None and intermediate_size:
            feed_forward = _mlp(c, intermediate_size)
        return pre_norm_layer(hidden_size, self_attn if heads >= 0 else module(), feed_forward or module())

    dense = next((_number(c.get(name)) for name in _DENSE_LAYERS if name in c), 0)
    every = max(1, _number(c.get("moe_every_n_layers", 1)))
    layers = [
        (kind, heads, width, index >= dense and index % every == every - 1)
        for index, (kind, heads, width) in enumerate(zip(kinds, _heads(c, kinds), _widths(c, kinds), strict=True))
    ]
    whole = causal_lm(c, stack(layers, layer), norm=rms_norm(hidden_size))
    return module({name: part for name, part in whole.children.items() if name != "lm_head"}) if _is_bare(c) else whole


def _is_bare(c: Config) -> bool:
    """Whether the class is a model without a head, as embedders are."""
    names = c.get("architectures")
    named = names[0] if isinstance(names, list) and names else ""
    return isinstance(named, str) and named.endswith("Model") and not named.endswith("LMHeadModel")


def _mlp(c: Config, intermediate_size: int) -> Module:
    """Gated, unless the config names an activation that most models have without a gate."""
    has_experts = any(name in c for name in EXPERT_COUNTS)
    if c.get("activation_function") in _UNGATED or (not has_experts and c.get("hidden_act") in _UNGATED_DENSE):
        return module(up=linear(c.hidden_size, intermediate_size), down=linear(intermediate_size, c.hidden_size))
    return gated_mlp(c.hidden_size, intermediate_size)


def _heads(c: Config, kinds: list[str]) -> list[int]:
    """Key-value heads of each layer, where the config lists them (DeciLM); 0: as many as all, -1: no attention."""
    listed = c.get("num_key_value_heads_per_layer")
    if isinstance(listed, list) and len(listed) == len(kinds) and all(type(item) is int for item in listed):
        return listed
    blocks = _blocks(c, kinds)
    if not blocks:
        return [0] * len(kinds)
    found = []
    for block in blocks:
        own = _part(block, "attention")
        group = _number(own.get("n_heads_in_group"))
        found.append(-1 if own.get("no_op") or not group else max(1, c.num_attention_heads // group))
    return found


def _widths(c: Config, kinds: list[str]) -> list[int]:
    """The width of each layer's feed-forward block; 0: there is none.

    Nemotron-NAS names a multiple of the hidden size: two thirds of it, rounded up to 256. Source: `DeciLMConfig` of
    nvidia/Llama-3_3-Nemotron-Super-49B-v1, ggml-org/llama.cpp#12843.
    """
    blocks = _blocks(c, kinds)
    if not blocks:
        return [_usual_width(c)] * len(kinds)
    found = []
    for block in blocks:
        own = _part(block, "ffn")
        given, ratio = _number(own.get("intermediate_size")), own.get("ffn_mult")
        has_ratio = isinstance(ratio, (int, float)) and not isinstance(ratio, bool) and 0 < ratio < _NAS_MULTIPLE
        width = given or (_rounded_up(int(2 * ratio * c.hidden_size / 3)) if has_ratio and ratio else 0)
        found.append(0 if own.get("no_op") else width)
    return found


def _rounded_up(width: int) -> int:
    return -(-width // _NAS_MULTIPLE) * _NAS_MULTIPLE


def _usual_width(c: Config) -> int:
    """`intermediate_size`; in OLMo's own format `mlp_hidden_size` holds gate and up together where they are fused."""
    both = c.get("mlp_hidden_size")
    if "intermediate_size" not in c and type(both) is int:
        return both // 2 if c.get("activation_type") == "swiglu" else both
    return int(c.get("intermediate_size", 4 * c.hidden_size))


def _blocks(c: Config, kinds: list[str]) -> list[dict[str, Any]]:
    blocks = c.get("block_configs")
    is_usual = isinstance(blocks, list) and len(blocks) == len(kinds) and all(isinstance(one, dict) for one in blocks)
    return blocks if is_usual else []


def _part(block: dict[str, Any], name: str) -> dict[str, Any]:
    own = block.get(name)
    return own if isinstance(own, dict) else {}


def _experts(c: Config, intermediate_size: int) -> Module | None:
    counts = next((_listed(c.get(name)) for name in EXPERT_COUNTS if name in c), [])
    if not sum(counts) or c.get("is_moe") is False:
        return None
    used = _number(c.get("num_experts_per_tok", c.get("num_experts_per_token", c.get("moe_k", 2))))
    if not used:
        raise ConfigError(
            "FIELD_TYPE", "The number of experts for a token must be a number.", field="num_experts_per_tok"
        )
    widths = _listed(c.get("moe_intermediate_size", intermediate_size))
    width_in = _number(c.get(LATENT_EXPERTS)) or c.hidden_size
    parts: dict[str, Part | None] = {}
    for index, count in enumerate(counts):
        name = f"experts_{index}" if index else "experts"
        width = widths[min(index, len(widths) - 1)]
        if c.get("activation_function") in _UNGATED:
            weights = module(
                up=Weight((count, width, width_in), "experts"), down=Weight((count, width_in, width), "experts")
            )
            parts[name] = Module(weights.children, active_share=(used, count))
        else:
            parts[name] = experts(count, used, width_in, width)
    if width_in != c.hidden_size:
        parts["latent_in"], parts["latent_out"] = linear(c.hidden_size, width_in), linear(width_in, c.hidden_size)
    shared = sum(_listed(c.get("n_shared_experts", c.get("num_shared_experts", 0)))) or _number(
        c.get("moe_num_shared_experts")
    )
    return module(
        parts,
        gate=router(sum(counts), c.hidden_size),
        shared_experts=gated_mlp(c.hidden_size, widths[0] * shared) if shared else None,
        residual=gated_mlp(c.hidden_size, intermediate_size) if c.get("residual_moe") else None,
    )


def _listed(value: Any) -> list[int]:
    """One number, or several, as a list of whole numbers."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if type(item) is int and item > 0] or [0]


def _number(value: Any) -> int:
    """A whole number from 0, or the first of a list; 0 for anything else."""
    first = value[0] if isinstance(value, list) and value else value
    return first if type(first) is int and first > 0 else 0
