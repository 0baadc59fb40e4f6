"""Drafts of the library speculators (EAGLE-3, P-EAGLE, DFlash and its kinds, MTP): what a file of one holds.

Counted as versions 0.5 to 0.9 save it: what a draft takes over from the other model is in its memory twice or shared,
as the engine does it, and in no file. Earlier versions were not compared, and are estimates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.layers import embedding, linear, rms_norm
from budsim_widgets.architectures.blocks.speculator import (
    draft_vocabulary,
    joined_states,
    layers_of,
    verifiers_tables,
    version_of,
    vocabulary_maps,
    widened,
    without_embedding,
)
from budsim_widgets.architectures.config import Config, inconsistent
from budsim_widgets.architectures.parts import Module, Stack, Weight, extended, module
from budsim_widgets.architectures.registry import family
from budsim_widgets.errors import ConfigError
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from budsim_widgets.architectures.architecture import Basis

_LAST: Final = (0, 9)
_MTP_LAYERS: Final = frozenset({"qwen3", "qwen3_next", "qwen3_5_text", "qwen3_5_moe_text"})
_RANK: Final = 256


def _notes(c: Config) -> tuple[str, ...]:
    """For which model it drafts, and what isn't counted here."""
    settings = c.get("speculators_config")
    verifier = settings.get("verifier") if isinstance(settings, Config) else None
    name = verifier.get("name_or_path") if isinstance(verifier, Config) else None
    kind = str(c.model_type).removeprefix("speculator_")
    of = quoted(name) if isinstance(name, str) and name else "another model"
    return (f"A draft ({kind}) for {of}: what its file holds is counted. That model's own memory comes on top.",)


def _since(first: tuple[int, int], *types: str) -> Callable[[Config], Basis]:
    """Exact for the versions and the types of layers that were compared with what the library builds and saves."""

    def basis(c: Config) -> Basis:
        is_compared = first <= version_of(c) <= _LAST and c.layer_model_type in types
        return "exact" if is_compared else "estimate"

    return basis


@family(
    "speculator_eagle3",
    "Eagle3Speculator",
    basis=_since((0, 7), "llama", "qwen3"),
    notes=_notes,
    extras=vocabulary_maps,
    uncertainty=without_embedding,
)
def eagle3(c: Config) -> Module:
    """The first layer reads a token and three states of the other model, joined; the others are the usual ones."""
    if c.get("norm_before_fc") and c.get("fc_norm"):
        raise inconsistent("fc_norm", "`norm_before_fc` and `fc_norm` can't both be set.")
    count, layers = joined_states(c, "eagle_aux_hidden_state_layer_ids", 3), layers_of(c, c.layer_model_type)
    norm = rms_norm(c.hidden_size)
    return extended(
        verifiers_tables(c),
        {
            "fc": linear(count * c.hidden_size, c.hidden_size),
            "layers": _first_widened(layers),
            "norm": norm,
            "input_norm": rms_norm(count * c.hidden_size) if c.get("norm_before_fc") else None,
            "fc_norm": Stack(((norm, tuple(range(count))),)) if c.get("fc_norm") else None,
        },
    )


@family(
    "speculator_peagle",
    "PEagleSpeculator",
    basis=_since((0, 7), "llama", "qwen3"),
    notes=_notes,
    extras=vocabulary_maps,
    uncertainty=without_embedding,
)
def peagle(c: Config) -> Module:
    """EAGLE-3 with a state that stands for tokens which nobody knows yet."""
    count = joined_states(c, "eagle_aux_hidden_state_layer_ids", 3)
    return extended(eagle3(c), {"mask_hidden": Weight((1, 1, count * c.hidden_size))})


def _first_widened(layers: Stack) -> Stack:
    first = next((layer for layer, places in layers.kinds if 0 in places), None)
    if not isinstance(first, Module):
        raise inconsistent("num_hidden_layers", "A draft has one layer at least.")
    others = ((layer, tuple(place for place in places if place)) for layer, places in layers.kinds)
    return Stack(((widened(first), (0,)), *((layer, places) for layer, places in others if places)))


@family("speculator_dflash", "DFlashSpeculator", basis=_since((0, 5), "qwen3"), notes=_notes, extras=vocabulary_maps)
def dflash(c: Config) -> Module:
    """Qwen 3's layers, which see the other model's states in their cache; embedding and whole head stay in its file."""
    count, norm = joined_states(c, "aux_hidden_state_layer_ids"), rms_norm(c.hidden_size)
    is_kept = version_of(c) < (0, 8)
    tables = verifiers_tables(c).children
    return module(
        embed_tokens=tables["embed_tokens"] if is_kept else None,
        lm_head=tables["lm_head"] if is_kept or draft_vocabulary(c) != c.vocab_size else None,
        layers=layers_of(c, "qwen3"),
        norm=norm,
        fc=linear(count * c.hidden_size, c.hidden_size),
        hidden_norm=norm,
    )


@family("speculator_dspark", "DSparkSpeculator", basis=_since((0, 7), "qwen3"), notes=_notes, extras=vocabulary_maps)
def dspark(c: Config) -> Module:
    """DFlash with what a token adds to the scores of the next one, and with a score of how sure each is."""
    rank, is_joined = c.get("markov_rank", _RANK), c.get("confidence_head_with_markov", True)
    width = c.hidden_size + (rank if is_joined else 0)
    is_sure = c.get("enable_confidence_head", True)
    if is_sure and is_joined and rank == 0:
        raise inconsistent("confidence_head_with_markov", "Without a `markov_rank` nothing can be joined to the head.")
    more = {
        "markov_head": _markov_head(c, rank) if rank else None,
        "confidence_head": module(proj=linear(width, 1, bias=True)) if is_sure else None,
    }
    return extended(dflash(c), more)


def _markov_head(c: Config, rank: int) -> Module:
    kind = c.get("markov_head_type", "vanilla")
    if kind not in {"vanilla", "gated", "rnn"}:
        message = f"`markov_head_type` is {quoted(kind)}, but a head is one of vanilla, gated, rnn."
        raise ConfigError("FIELD_VALUE", message, field="markov_head_type")
    return module(
        markov_w1=embedding(c.vocab_size, rank),
        markov_w2=linear(rank, draft_vocabulary(c)),
        gate_proj=linear(c.hidden_size + rank, rank, bias=True) if kind == "gated" else None,
        joint_proj=linear(2 * rank + c.hidden_size, 3 * rank, bias=True) if kind == "rnn" else None,
    )


@family("speculator_xpress", "XPressSpeculator", basis=_since((0, 9), "qwen3"), notes=_notes, extras=vocabulary_maps)
def xpress(c: Config) -> Module:
    """DFlash with a small network that refines the scores of a whole block."""
    rank, size = c.get("xpress_rank", _RANK), c.get("block_size", 8)
    inner = rank * c.get("xpress_mlp_ratio", 2)
    refiner = module(
        token_embed=embedding(c.vocab_size, rank),
        down_h=linear(c.hidden_size, rank),
        down_g=linear(c.hidden_size, rank),
        in_proj=linear(3 * rank, rank),
        mix_l=Weight((rank, size, size)),
        mlp_gate=linear(rank, inner),
        mlp_up=linear(rank, inner),
        mlp_down=linear(inner, rank),
        readout=linear(rank, draft_vocabulary(c)),
    )
    return extended(dflash(c), {"refiner_head": refiner})


@family("speculator_dflash2", "DFlash2DraftModel", basis=_since((0, 8), "qwen3"), notes=_notes, extras=vocabulary_maps)
def dflash2(c: Config) -> Module:
    """DFlash with convolutions around attention and feed-forward block, and what chooses among candidates."""
    taps, size, rank = c.get("conv_kernel_size", 2), c.get("conv_group_size", 16), c.get("selector_rank", _RANK)
    if not size or c.hidden_size % size:
        raise inconsistent("conv_group_size", f"{c.hidden_size} channels can't be shared by groups of {size}.")
    kernel = module(
        base_kernel=Weight((2, taps, c.hidden_size)),
        kernel_projection=linear(c.hidden_size, 2 * taps * (c.hidden_size // size)),
    )
    draft = dflash(c)
    selector = module(
        predecessor_codebook=Weight((c.vocab_size, rank)),
        successor_codebook=Weight((c.vocab_size, rank)),
        hidden_projection=linear(c.hidden_size, rank),
    )
    layers = draft.children["layers"]
    kinds = layers.kinds if isinstance(layers, Stack) else ()
    more = {"attention_conv": kernel, "mlp_conv": kernel}
    convolved = Stack(tuple((extended(layer, more), at) for layer, at in kinds if isinstance(layer, Module)))
    return extended(draft, {"layers": convolved, "candidate_selector": selector})


@family("speculator_mtp", "MTPDraftModel", basis=_since((0, 6), *_MTP_LAYERS), notes=_notes, extras=lambda _, __: ())
def prediction_layer(c: Config) -> Module:
    """One layer with attention of the other model's type, between the vectors of token and state and a last norm."""
    kinds = layers_of(c, c.layer_model_type).kinds
    full = [(places, layer) for layer, places in kinds if isinstance(layer, Module) and "self_attn" in layer.children]
    if not full:
        raise inconsistent("layer_types", "No layer attends to all tokens; that of a draft is such a one.")
    # Hybrids take the last of them; of models that attend everywhere all layers are of one shape.
    _, layer = max(full, key=lambda found: found[0][-1])
    norm = rms_norm(c.hidden_size)
    built = extended(
        layer,
        {
            "hidden_layernorm": norm,
            "token_layernorm": norm,
            "input_proj": linear(2 * c.hidden_size, c.hidden_size),
            "final_layernorm": norm,
        },
    )
    return module(mtp_layers=Stack(((built, (0,)),)))
