"""What a whole layer holds: its blocks, and the copies of the residual stream that stand beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, LatentCache
from budsim_widgets.engines.working_sets.attention import Heads, attention_moments
from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.feed_forward import expert_block_bytes, feed_block_bytes
from budsim_widgets.engines.working_sets.held import NOTHING, Held
from budsim_widgets.engines.working_sets.latent import LatentHeads, latent_moments
from budsim_widgets.engines.working_sets.mixers import mixer_moments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budsim_widgets.engines.working_sets.computation import Computation
    from budsim_widgets.engines.working_sets.dimensions import LayerParts


class Streams(NamedTuple):
    """Copies of the residual stream that stand at each step of a layer.

    The embeddings and the layer's input are held by the model's frame, what is added later by the layer's.

    Attributes:
        attention: While attention runs, its input included.
        norm: The most at a norm; the first one of a layer holds no more than the others.
        feed_forward: While the feed-forward block runs, its input included.
    """

    attention: int
    norm: int
    feed_forward: int


FRAMES: Final[dict[str, Streams]] = {
    "pre_norm": Streams(attention=3, norm=3, feed_forward=4),
    "post_norm": Streams(attention=2, norm=4, feed_forward=3),
    "sandwich": Streams(attention=3, norm=4, feed_forward=4),
    "parallel": Streams(attention=3, norm=2, feed_forward=4),
    "gpt2": Streams(attention=3, norm=4, feed_forward=5),
    "opt": Streams(attention=3, norm=3, feed_forward=3),
    "stablelm": Streams(attention=3, norm=5, feed_forward=6),
    "ctrl": Streams(attention=4, norm=6, feed_forward=7),
    "normed_residual": Streams(attention=2, norm=2, feed_forward=3),
    "after_sum": Streams(attention=2, norm=4, feed_forward=3),
}
"""By `Code.frame`.

`pre_norm`: embeddings, input, and the normed input; then the sum in place of the input of the second half.
"""


def moments_of(layers: Iterable[tuple[LayerParts, Held]], run: Computation) -> list[Held]:
    """The moments of the layers of a model; what attends alike is looked at once.

    Args:
        layers: (blocks, what isn't held yet), of each kind of layer.
        run: How they compute.
    """
    moments: list[Held] = []
    attending: dict[Heads | LatentHeads, list[Held]] = {}
    for parts, later in layers:
        heads = _heads(parts, run)
        if heads is not None and heads not in attending:
            attending[heads] = _attention_moments(heads, run)
        own = [*(attending[heads] if heads else ()), *_mixer_moments(parts, run), *_other_moments(parts, heads, run)]
        moments += own if later == NOTHING else [one.plus(later) for one in own]
    return moments


def _other_moments(parts: LayerParts, heads: Heads | LatentHeads | None, run: Computation) -> list[Held]:
    """The moments of the norms, the feed-forward blocks and the experts of a layer."""
    frame, stream = FRAMES[run.code.frame], run.stream_bytes
    norm = (run.width if parts.has_layer_norm else run.norm_bytes) * run.hidden
    kept = run.kept_score_bytes * heads.num_heads if heads else 0
    beside = frame.feed_forward * stream
    moments = [Held(frame.norm * stream + norm, square=kept)]
    moments += [Held(beside, feed_block_bytes(feed, run), kept) for feed in parts.feeds]
    if parts.experts is not None:
        waiting = stream if run.code.shared_first else 0
        moments.append(Held(beside + waiting, expert_block_bytes(parts.experts, run), kept))
    return moments


def _attention_moments(heads: Heads | LatentHeads, run: Computation) -> list[Held]:
    stream = FRAMES[run.code.frame].attention * run.stream_bytes
    if isinstance(heads, Heads):
        return attention_moments(heads, run, stream)
    return latent_moments(heads, run, stream)


def _mixer_moments(parts: LayerParts, run: Computation) -> list[Held]:
    """The moments of the recurrent block; none where nothing recurs."""
    if parts.mixer is None:
        return []
    wider = run.hidden * (FP32_BYTES - run.width) if run.code.fp32_residual else 0
    before = Held(run.code.mixer_streams * run.stream_bytes + wider, square=_scores_before(run))
    return [before.plus(one) for one in mixer_moments(*parts.mixer, run)]


def _scores_before(run: Computation) -> int:
    """Bytes a pair of tokens of the scores that an attending layer left to the recurrent one behind it."""
    heads = run.config.get("num_attention_heads")
    return run.kept_score_bytes * heads if run.code.keeps_scores == "after" and isinstance(heads, int) else 0


def _heads(parts: LayerParts, run: Computation) -> Heads | LatentHeads | None:
    """The widths of the attention block; None where a layer doesn't attend."""
    if parts.attention is None:
        return None
    part, cache = parts.attention
    if isinstance(cache, AttentionCache):
        return Heads.of(part, cache, run)
    return LatentHeads.of(cache, run.config) if isinstance(cache, LatentCache) else None
