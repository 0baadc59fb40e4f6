"""ERNIE 4.5: Llama, with experts, and for pictures with experts of their own beside the text's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.blocks.layers import experts, gated_mlp, layer_norm, linear, mlp, rms_norm
from budsim_widgets.architectures.blocks.llama import uniform_decoder
from budsim_widgets.architectures.blocks.models import causal_lm, pre_norm_layer, self_attention, sparse_layers
from budsim_widgets.architectures.blocks.vision import headless_decoder, is_tied_at_top, multimodal_model, side_of
from budsim_widgets.architectures.config import inconsistent
from budsim_widgets.architectures.parts import Weight, module, repeat, stack
from budsim_widgets.architectures.registry import family, part_of
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from budsim_widgets.architectures.config import Config
    from budsim_widgets.architectures.parts import Module


@family("ernie4_5", "Ernie4_5ForCausalLM")
@family("ernie4_5", "Ernie4_5_ForCausalLM")
def ernie4_5(c: Config) -> Module:
    """One flag for all biases."""
    feed_forward = gated_mlp(c.hidden_size, c.intermediate_size, bias=c.use_bias)
    return uniform_decoder(c, pre_norm_layer(c.hidden_size, self_attention(c, bias=c.use_bias), feed_forward))


@family("ernie4_5_moe", "Ernie4_5_MoeForCausalLM")
def ernie_moe(c: Config) -> Module:
    """Every `moe_layer_interval`-th layer between the start and the end has experts."""
    count, last = c.num_hidden_layers, c.get("moe_layer_end_index", -1)
    sparse_places = range(c.moe_layer_start_index, count if last == -1 else last + 1)
    sparse = ((index + 1) % c.moe_layer_interval == 0 and index in sparse_places for index in range(count))

    def layer(is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        if not is_sparse:
            return _layer(c, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.use_bias))
        return _layer(
            c, module(_routed(c, c.moe_intermediate_size), shared_experts=_shared(c, c.moe_intermediate_size))
        )

    return causal_lm(c, stack(sparse, layer), norm=rms_norm(c.hidden_size), head_bias=c.use_bias)


@family("ernie4_5_vl_moe", "Ernie4_5_VLMoeForConditionalGeneration", kind="multimodal")
def ernie_vl(c: Config) -> Module:
    """The top level alone ties the head."""
    return multimodal_model(
        c, tied=is_tied_at_top(c), vision_tower=part_of(c.vision_config), resampler_model=_resampler(c)
    )


@family("ernie4_5_vl_moe_text", "Ernie4_5_VLMoeTextModel")
def ernie_vl_text(c: Config) -> Module:
    """Words and patches go to experts of their own, of two intermediate sizes, and to shared ones."""
    expert_sizes = c.get("moe_intermediate_size", [1536, 512])
    if not isinstance(expert_sizes, list) or len(expert_sizes) < 2:  # noqa: PLR2004 - the text's and the pictures'
        message = f"`moe_intermediate_size` is {quoted(expert_sizes)}, but words and patches have experts of two sizes."
        raise inconsistent("moe_intermediate_size", message)

    def layer(is_sparse: bool) -> Module:  # noqa: FBT001 - one of two kinds of layer
        if not is_sparse:
            return _layer(c, gated_mlp(c.hidden_size, c.intermediate_size, bias=c.use_bias))
        both = module(
            text_moe=module(_routed(c, expert_sizes[0])),
            vision_moe=module(_routed(c, expert_sizes[1])),
            shared_experts=_shared(c, expert_sizes[0]),
        )
        return _layer(c, both)

    return headless_decoder(c, stack(sparse_layers(c, dense=1), layer))


@family("ernie4_5_vl_moe_vision", "Ernie4_5_VLMoeVisionTransformerPretrainedModel")
def ernie_vision(c: Config) -> Module:
    """Qwen 2's tower, with patches as one matrix and no merger."""
    hidden_size = c.hidden_size
    block = module(
        norm1=layer_norm(hidden_size),
        norm2=layer_norm(hidden_size),
        attn=module(
            qkv=linear(hidden_size, 3 * hidden_size, bias=True), proj=linear(hidden_size, hidden_size, bias=True)
        ),
        mlp=mlp(hidden_size, c.intermediate_size, names=("fc1", "fc2")),
    )
    return module(
        patch_embed=module(proj=linear(c.in_channels * side_of(c.patch_size, "patch_size") ** 2, hidden_size)),
        blocks=repeat(c.depth, block),
        ln=layer_norm(hidden_size),
    )


def _layer(c: Config, feed_forward: Module) -> Module:
    return pre_norm_layer(c.hidden_size, self_attention(c, bias=c.use_bias), feed_forward)


def _routed(c: Config, intermediate_size: int) -> dict[str, Module]:
    hidden_size, count = c.hidden_size, c.moe_num_experts
    return {
        "gate": module(
            weight=Weight((count, hidden_size)),
            moe_statics=module(e_score_correction_bias=Weight((1, count), "bias")),
        ),
        "experts": experts(count, c.get("moe_k", 6), hidden_size, intermediate_size),
    }


def _shared(c: Config, intermediate_size: int) -> Module | None:
    count = c.get("moe_num_shared_experts", 0)
    return gated_mlp(c.hidden_size, intermediate_size * count, bias=c.use_bias) if count else None


def _resampler(c: Config) -> Module:
    """Neighbouring patches become one vector, and these again over time."""
    vision, text_hidden_size = c.vision_config, c.text_config.hidden_size
    joined = vision.hidden_size * vision.spatial_merge_size**2

    def block(in_features: int) -> Module:
        return module(
            fc1=linear(in_features, joined, bias=True), fc2=linear(joined, joined, bias=True), ln=layer_norm(joined)
        )

    return module(
        spatial_linear=block(joined),
        temporal_linear=block(joined * vision.temporal_merge_size),
        mlp=linear(joined, text_hidden_size, bias=True),
        after_norm=rms_norm(text_hidden_size),
    )
