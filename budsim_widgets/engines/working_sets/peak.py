"""The peak of a forward pass of transformers: its highest moments, as factors of the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, LatentCache, SlidingWindowCache
from budsim_widgets.architectures.config_errors import config_errors
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.architectures.plain_decoder import is_plain_decoder
from budsim_widgets.data import load_table
from budsim_widgets.engines.layer_widths import ACTIVATION_FIELDS
from budsim_widgets.engines.stages import stack_lengths, stages_that_differ
from budsim_widgets.engines.working_sets.code import FP32_BYTES, Code, code_of
from budsim_widgets.engines.working_sets.computation import Computation
from budsim_widgets.engines.working_sets.dimensions import parts_of
from budsim_widgets.engines.working_sets.encoder import encoded, encoded_tokens, while_encoding
from budsim_widgets.engines.working_sets.feed_forward import activation_copies
from budsim_widgets.engines.working_sets.head import Head, head_of
from budsim_widgets.engines.working_sets.held import NOTHING, Held, highest
from budsim_widgets.engines.working_sets.layers import moments_of
from budsim_widgets.engines.working_sets.listed import listed_always
from budsim_widgets.engines.working_sets.stacks import cached_later_on_stages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Layer
    from budsim_widgets.engines.working_sets.code import Attention
    from budsim_widgets.engines.working_sets.dimensions import LayerParts

_TABLES: Final = frozenset({"embedding", "head"})
_WINDOWED: Final = (SlidingWindowCache, LatentCache)
_INDEX_BYTES: Final = 8
_MATRIX: Final = 2


class WorkingSet(NamedTuple):
    """What a forward pass holds beside weights and cache.

    Attributes:
        moments: The highest moments of its layers.
        always: What stands all the time: masks, the cosines and sines of the positions.
        masks: (length above which it stands, what) of masks that only longer sequences have.
        encoder: What an encoder has made, which stands while the decoder runs.
        head: How the vocabulary is scored.
        vocabulary: Tokens that there are.
        hidden_bytes: Bytes of one token's residual stream.
        range: What its estimates may be off by, a key of `range` in the table: `described` where the code of the model
            type was read, `plain` where nobody read it and the config speaks of plain attention alone, `undescribed`.
    """

    moments: tuple[Held, ...]
    always: Held
    masks: tuple[Held, ...]
    encoder: Held
    head: Head
    vocabulary: int
    hidden_bytes: int
    range: str

    @property
    def is_described(self) -> bool:
        """Whether the code of the model type was read."""
        return self.range == "described"

    @property
    def has_scores(self) -> bool:
        """Whether a matrix of scores is held."""
        return any(one.square for one in self.moments)

    def peak_bytes(self, batch_size: int, seq_length: int, ranks: int = 1) -> int:
        """The most that is held at once on one of the ranks that share a layer."""
        always = self.always.num_bytes(batch_size, seq_length)
        for mask in self.masks:
            always += mask.num_bytes(batch_size, seq_length) if seq_length > mask.above else 0
        layers = [
            one.num_bytes(batch_size, seq_length, ranks)
            for one in self.moments
            if seq_length > one.above and batch_size >= one.least_batch
        ]
        kept = self.encoder.num_bytes(batch_size, seq_length) if self.encoder is not NOTHING else 0
        head = self.head.peak_bytes(batch_size, seq_length, self.hidden_bytes, self.vocabulary)
        return kept + max(always + max(layers, default=0), head)


@kept_with_architecture
def working_set(architecture: Architecture, attention: Attention, width: int, stages: int = 1) -> WorkingSet:
    """What a forward pass of a model holds on the device that holds most, read off its description.

    Args:
        architecture: The model.
        attention: The kernel.
        width: Bytes of a number.
        stages: Pipeline stages that its layers are dealt out to.
    """
    with config_errors(config=architecture.config):
        return working_set_of(architecture, code_of(architecture), attention, width, stages)


def working_set_of(
    architecture: Architecture, read: Code | None, attention: Attention, width: int, stages: int = 1
) -> WorkingSet:
    """The same with what was read in the code of its type; None: nobody read it, and it is taken for Llama's."""
    code, config = read or Code(), architecture.text_config
    tables = [shape for _, shape, role, _, _ in architecture.tensor_groups if role in _TABLES and len(shape) == _MATRIX]
    vocabulary, hidden = _table(tables, config)
    given = config.get("hidden_size")  # where the embeddings are narrower
    hidden = given if isinstance(given, int) else hidden
    copies = activation_copies(_activation(config, code))
    run = Computation(code, hidden, width, attention, copies, _rotated(config, code), config)
    stored_in_out = architecture.model_type in load_table("weights")["stored_in_out"]
    moments = _moments(architecture, run, stored_in_out=stored_in_out, stages=stages)
    always, masks = _always(architecture, run)
    return WorkingSet(
        moments=highest(moments),
        always=always,
        masks=masks,
        encoder=encoded(architecture, encoded_tokens(architecture), run),
        head=head_of(architecture, width),
        vocabulary=vocabulary,
        hidden_bytes=hidden * width,
        range="described" if read is not None else _unread_range(architecture),
    )


def _unread_range(architecture: Architecture) -> str:
    return "plain" if is_plain_decoder(architecture.config) else "undescribed"


def _moments(architecture: Architecture, run: Computation, *, stored_in_out: bool, stages: int) -> list[Held]:
    """The moments of all kinds of layer, on every pipeline stage that has some."""
    layers, others, width = architecture.layers, architecture.uncached_layers, run.width
    lengths = stack_lengths([*layers, *others])
    stages = stages_that_differ([*layers, *others], stages)

    def running(kinds: list[Layer]) -> list[tuple[LayerParts, Held]]:
        parts = [parts_of(layer.part, run.hidden, stored_in_out=stored_in_out) for layer in kinds]
        return [(parts[number], held) for number, held in cached_later_on_stages(kinds, layers, width, stages, lengths)]

    moments, tokens = moments_of(running(layers), run), encoded_tokens(architecture)
    if tokens:  # as many tokens as the prompt's take less than the decoder does
        unmade = Held(sequence=-encoded(architecture, tokens, run).sequence)
        for parts, later in running(others):
            moments += while_encoding(moments_of([(parts, NOTHING)], run), tokens, later.plus(unmade))
    elif tokens is not None and "encoder" in run.code.replaces:  # or its blocks are filled up to whole ones
        moments += moments_of(running(others), run)
    return moments


def _table(shapes: Sequence[tuple[int, ...]], config: Mapping[str, Any]) -> tuple[int, ...]:
    """The table of the vocabulary: that with as many rows as the config says, or the largest (LUKE has entities)."""
    said = config.get("vocab_size")
    return max((shape for shape in shapes if shape[0] == said), default=max(shapes, default=(0, 0)))


def _activation(config: Mapping[str, Any], code: Code) -> str:
    return str(next((config[name] for name in ACTIVATION_FIELDS if config.get(name)), code.activation))


def _rotated(config: Mapping[str, Any], code: Code) -> float:
    """The part of each head that is rotated."""
    rope = config.get("rope_parameters")
    inside = rope.get("partial_rotary_factor") if isinstance(rope, dict) else None
    for share in (config.get("partial_rotary_factor"), config.get("rotary_pct"), inside):
        if isinstance(share, (int, float)):
            return float(share)
    return code.rotated


def _always(architecture: Architecture, run: Computation) -> tuple[Held, tuple[Held, ...]]:
    """What stands all the time, and the masks that only longer sequences have."""
    code, width = run.code, run.width
    caches = [cache for cache, _ in architecture.layer_caches if isinstance(cache, (AttentionCache, LatentCache))]
    windows = {cache.window or 0 if isinstance(cache, _WINDOWED) else 0 for cache in caches}
    always = Held(position=_positions(caches, run) + _INDEX_BYTES)
    if code.scales_embeddings and architecture.is_multimodal:
        always = always.plus(Held(stream=run.stream_bytes))  # the frame around the text model holds the unscaled ones
    if code.per_layer_inputs:
        always = always.plus(Held(stream=_per_layer_bytes(architecture, run)))
    if code.position_bias:
        heads = next((cache.num_attention_heads for cache in caches if isinstance(cache, AttentionCache)), 0)
        matrices = 1 if encoded_tokens(architecture) is None else 2
        always = always.plus(Held(shared_mask=matrices * width * heads))
    if code.learned_positions:
        rows = run.stream_bytes
        always = always.plus(Held(stream=rows) if code.learned_positions == "sequence" else Held(position=rows))
    longer = []
    for one in listed_always(run) if code.always else ():
        if one.above:
            longer.append(one)
        else:
            always = always.plus(one)
    if run.attention == "flash" or code.masks == "never":
        return always, tuple(longer)
    if run.attention == "eager":
        return always.plus(Held(mask=width * len(windows))), tuple(longer)
    if code.masks == "always":
        return always.plus(Held(shared_mask=len(windows))), tuple(longer)
    return always, (*longer, *(Held(shared_mask=1, above=window) for window in windows if window))


def _per_layer_bytes(architecture: Architecture, run: Computation) -> int:
    """Bytes of a token's embeddings for all layers; a frame around text and pictures holds them unscaled as well."""
    layers, dims = (run.config.get(name) for name in ("num_hidden_layers", "hidden_size_per_layer_input"))
    copies = 2 if architecture.is_multimodal else 1
    return copies * layers * dims * run.width if isinstance(layers, int) and isinstance(dims, int) else 0


def _positions(caches: Sequence[AttentionCache | LatentCache], run: Computation) -> float:
    """Bytes of a position's cosines and sines."""
    if run.code.rotary == "none":
        return 0.0
    dims = [cache.rope_head_dim if isinstance(cache, LatentCache) else cache.key_head_dim for cache in caches]
    width = FP32_BYTES if run.code.rotary == "fp32_products" else run.width
    return 2 * width * max(dims, default=0) * run.rotated * run.code.rotaries
