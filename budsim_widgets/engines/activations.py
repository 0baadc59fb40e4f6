"""An estimate of what a forward pass holds beside weights and cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.engines.layer_widths import layer_widths
from budsim_widgets.units import DTYPE_BITS

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.layer_widths import LayerWidths
    from budsim_widgets.engines.workload import Workload

_FP32_BYTES: Final = 4
_ID_BYTES: Final = 8
_CHUNK_TOKENS: Final = 8192
_VLLM_SEQUENCES: Final = 256
_NOTED_LENGTH: Final = 1024

_NOTES: Final = {
    "eager": "transformers has no fused attention kernel for this model: activations grow with the square of "
    "seq_length, unless another attn_implementation is chosen.",
    "recurrent": "Activations of the recurrent layers are those without fused kernels (mamba-ssm, "
    "flash-linear-attention), which need less.",
    "multimodal": "Activations are those of a text prompt; images, audio and video add to them.",
}


def activation_bytes(architecture: Architecture, workload: Workload, dtype: str) -> int:
    """Peak bytes of a forward pass on each device: an estimate.

    transformers reads all tokens at once, and scores the vocabulary for the last token of each sequence alone, as
    `generate()` does; the peak is that of the widest layer (`layer_peak`), or of the scores in fp32. vLLM reads chunks
    of up to 8,192 tokens, and reserves what one of them takes, and the scores of 256 sequences, whatever the workload
    (`max_num_batched_tokens`, `max_num_seqs`).

    Measured against 85 forward passes of 17 released models with transformers (tools/measure_activations.py), all
    tokens without padding: median error 0.1%, worst 8%. What the allocator adds on a device isn't in it. For vLLM it is
    compared with the log of one run only (Llama-3.1-8B on an H100: 1.21 GiB, as estimated).

    Args:
        architecture: The model.
        workload: How it runs; with tensor parallel, the blocks are divided, the residual stream isn't.
        dtype: Format of the computation.

    Example:
        Llama-3.1-8B, 2,048 tokens: 2 bytes · 2048 · (4 · 4096 + 3 · 14336 + 256) + 2048 · 8, as measured.

        >>> from budsim_widgets.architectures import build
        >>> from budsim_widgets.engines.workload import Workload
        >>> llama = build({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8})
        >>> activation_bytes(llama, Workload(), "bf16")
        244334592
    """
    widths, width_bytes = layer_widths(architecture), DTYPE_BITS[dtype] // 8
    ranks = workload.tensor_parallel
    if workload.engine == "vllm":
        layer = layer_peak(widths.on_fused_kernels, 1, _CHUNK_TOKENS, ranks) * width_bytes
        return int(layer + _VLLM_SEQUENCES * widths.vocabulary * (width_bytes + 2 * _FP32_BYTES))
    batch, length = workload.batch_size, workload.seq_length
    layer = layer_peak(widths, batch, length, ranks) * width_bytes + batch * length * _ID_BYTES
    last_norm = 2 * batch * length * widths.hidden * width_bytes
    scored = batch * length if architecture.kind == "encoder-only" else batch
    return int(max(layer, last_norm + scored * widths.vocabulary * (width_bytes + _FP32_BYTES)))


def activation_notes(architecture: Architecture, workload: Workload) -> tuple[str, ...]:
    """What a person should know about the estimate."""
    widths = layer_widths(architecture)
    in_transformers = workload.engine == "transformers"
    said = {
        "eager": in_transformers and widths.score_heads > 0 and workload.seq_length >= _NOTED_LENGTH,
        "recurrent": in_transformers and widths.recurrent > widths.feed_forward,
        "multimodal": architecture.kind == "multimodal",
    }
    return tuple(_NOTES[name] for name, is_said in said.items() if is_said)


def layer_peak(widths: LayerWidths, batch: int, length: int, ranks: int = 1) -> float:
    """Numbers that the widest layer holds at its peak.

    The largest of four moments: in the feed-forward block (beside copies of the residual stream), in attention, in a
    state-space block, or in a norm. Which copies stand at each moment is measured (`data/activations.json`).
    """
    tokens = batch * length
    scores = tokens * length * widths.score_heads / ranks
    masks = _masks(widths, length)
    feed_forward = tokens * (widths.stream_copies * widths.hidden + widths.feed_forward / ranks) + scores + masks
    floor = tokens * widths.floor_copies * widths.hidden + scores + masks
    recurrent = tokens * widths.recurrent / ranks
    attention = tokens * (2 * widths.hidden + widths.attention / ranks) + _attention_extra(widths, scores, masks)
    return max(feed_forward, floor, recurrent, attention) + length * widths.rotary


def _attention_extra(widths: LayerWidths, scores: float, masks: float) -> float:
    # A fused kernel gets the mask as numbers to add, beside the boolean one.
    return widths.score_copies * scores + masks if scores else 3 * masks


def _masks(widths: LayerWidths, length: int) -> float:
    """A boolean mask of tokens by tokens takes half a 16-bit number each; eager attention has two of numbers."""
    if widths.score_heads:
        return 2.0 * length * length
    if widths.masks_from is None or length < widths.masks_from:
        return 0.0
    return length * length / 2
