"""llama.cpp's compute buffer: the intermediate results of one physical batch, reserved when the context is made.

A graph for a batch of `ubatch_size` tokens is laid out once; the buffer is its peak, in fp32. Three phases may be it:

- the head, `outputs · (vocab_size + hidden_size)`; builds since the middle of 2026 reserve it for a token of each
  sequence in llama-server, those before for the whole batch;
- attention without flash attention, `ubatch · (heads · cells + cells + 4 · hidden_size)`;
- the feed-forward block, `ubatch · (3 · intermediate_size + 4 · hidden_size)`, of experts those of a token, and the
  mask beside it, two bytes a cell and token.

Sources: src/llama-context.cpp (`n_outputs_max`) and llama-graph.cpp of github.com/ggml-org/llama.cpp (0c1e57098). The
range holds the compute buffers of public load logs (tests/engines/llama_cpp).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.formats.gguf.tensors import file_tensors

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.llama_cpp.cells import Context

_FP32_BYTES: Final = 4
_MASK_BYTES: Final = 2
_STREAMS: Final = 4
"""Copies of the residual stream that stand beside a block."""
_PIPELINE_COPIES: Final = 4
"""Copies of a batch's inputs where several devices compute in turn (`GGML_SCHED_MAX_COPIES`)."""
_HOST_TENSORS: Final = 4
"""Tensors in RAM that are copied to a device for a prompt, at most: those of an expert block and the next."""
_LEAST: Final = 0.6
_MOST: Final = 1.25
"""How far single logs lie from the formulas."""


class Buffer(NamedTuple):
    """Bytes of a compute buffer: the estimate, and the ends of what builds and backends reserve."""

    num_bytes: int
    least_bytes: int
    most_bytes: int


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the buffer depends on in a model.

    Attributes:
        hidden_size: Width of the residual stream.
        vocab_size: Rows of the head.
        feed_forward: Elements a token that the widest feed-forward block holds.
        num_attention_heads: Query heads, or 0.
    """

    hidden_size: int
    vocab_size: int
    feed_forward: int
    num_attention_heads: int

    @classmethod
    def of_blocks(
        cls, *, hidden_size: int, vocab_size: int, heads: int, intermediate_size: int, experts: tuple[int, int] = (0, 0)
    ) -> Shape:
        """The shape of a model with gated feed-forward blocks.

        Args:
            hidden_size: Width of the residual stream.
            vocab_size: Rows of the head.
            heads: Query heads.
            intermediate_size: Width of a dense block, or 0.
            experts: Experts of a token and the width of each; (0, 0) where there are none.

        Example:
            >>> Shape.of_blocks(hidden_size=4096, vocab_size=128256, heads=32, intermediate_size=14336).feed_forward
            59392
        """
        used, width = experts
        routed = used * (3 * width + hidden_size) if used else 0
        dense = 3 * intermediate_size + _STREAMS * hidden_size if intermediate_size else 0
        return cls(
            hidden_size=hidden_size,
            vocab_size=vocab_size,
            feed_forward=max(routed, dense),
            num_attention_heads=heads,
        )


@kept_with_architecture
def shape_of(architecture: Architecture) -> Shape:
    """The shape of a model, read off its tensors."""
    tensors = file_tensors(architecture).tensors
    sizes = {some.name: some.shape for some in tensors}
    vocab_size, hidden_size = sizes.get("token_embd.weight", (0, 0))
    caches = [cache for cache, _ in architecture.layer_caches if isinstance(cache, AttentionCache)]
    heads = max((cache.num_attention_heads for cache in caches), default=0)
    used = max((group.active_share[0] for group in architecture.tensor_groups if group.active_share), default=0)
    dense = [some.shape[-1] for some in tensors if some.name == "blk.*.ffn_down.weight"]
    routed = [some.shape[-1] for some in tensors if some.name == "blk.*.ffn_down_exps.weight"]
    return Shape.of_blocks(
        hidden_size=hidden_size,
        vocab_size=vocab_size,
        heads=heads or int(architecture.config.get("num_attention_heads") or 0),
        intermediate_size=max(dense, default=0),
        experts=(used, max(routed)) if routed else (0, 0),
    )


def compute_buffer(
    shape: Shape, context: Context, *, flash_attention: bool, num_devices: int = 1, host_tensor_bytes: int = 0
) -> Buffer:
    """The compute buffer of one device.

    Args:
        shape: The model.
        context: The cells.
        flash_attention: Whether attention runs in one kernel, without a matrix of scores.
        num_devices: Devices that the layers are divided over.
        host_tensor_bytes: The largest tensor of layers that stay in RAM; 0: all are on devices.

    Example:
        Llama-3-8B with 8,192 tokens, without flash attention: 560 MiB, as its log says.

        >>> from budsim_widgets.engines.llama_cpp.cells import Context
        >>> cells = Context.of(1, 8192, ubatch_size=512, unified=True, swa_full=False, cache_type="F16")
        >>> llama = Shape.of_blocks(hidden_size=4096, vocab_size=128256, heads=32, intermediate_size=14336)
        >>> compute_buffer(llama, cells, flash_attention=False).num_bytes / 2**20
        560.0
    """
    tokens, hidden = context.ubatch_size, shape.hidden_size
    mask = context.cells * tokens * (_MASK_BYTES if flash_attention else _FP32_BYTES)
    scores = 0 if flash_attention else shape.num_attention_heads * context.cells + context.cells + _STREAMS * hidden
    block = max(_FP32_BYTES * tokens * scores, _FP32_BYTES * tokens * shape.feed_forward + mask)
    logits = _FP32_BYTES * (shape.vocab_size + hidden)
    head, whole_head = context.sequences * logits, tokens * logits
    copies = (_PIPELINE_COPIES - 1) * mask + _PIPELINE_COPIES * _FP32_BYTES * tokens * hidden if num_devices > 1 else 0
    peak = max(block, head) + copies
    most = int(_MOST * max(block, whole_head)) + copies + _FP32_BYTES * context.cells * tokens
    return Buffer(peak + 2 * host_tensor_bytes, int(_LEAST * (peak - copies)), most + _HOST_TENSORS * host_tensor_bytes)
