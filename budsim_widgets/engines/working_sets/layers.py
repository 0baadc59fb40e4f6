"""What a whole layer holds: its blocks, and the copies of the residual stream that stand beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, LatentCache
from budsim_widgets.engines.working_sets.attention import Heads, attention_moments
from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.feed_forward import expert_moments, feed_moments
from budsim_widgets.engines.working_sets.held import Held
from budsim_widgets.engines.working_sets.latent import LatentHeads, latent_moments
from budsim_widgets.engines.working_sets.mixers import mixer_moments

if TYPE_CHECKING:
    from budsim_widgets.engines.working_sets.computation import Computation
    from budsim_widgets.engines.working_sets.dimensions import LayerParts


class Streams(NamedTuple):
    """Copies of the residual stream that stand at each step of a layer.

    The embeddings and the layer's input are held by the model's frame, what is added later by the layer's.

    Attributes:
        first_norm: While the first norm runs, its input included.
        attention: While attention runs, its input included.
        norm: The most at another norm.
        feed_forward: While the feed-forward block runs, its input included.
    """

    first_norm: int
    attention: int
    norm: int
    feed_forward: int


FRAMES: Final[dict[str, Streams]] = {
    "pre_norm": Streams(first_norm=2, attention=3, norm=3, feed_forward=4),
    "post_norm": Streams(first_norm=3, attention=2, norm=4, feed_forward=3),
    "sandwich": Streams(first_norm=2, attention=3, norm=4, feed_forward=4),
    "parallel": Streams(first_norm=2, attention=3, norm=2, feed_forward=4),
    "gpt2": Streams(first_norm=2, attention=3, norm=4, feed_forward=5),
    "opt": Streams(first_norm=2, attention=3, norm=3, feed_forward=3),
    "stablelm": Streams(first_norm=2, attention=3, norm=5, feed_forward=6),
    "ctrl": Streams(first_norm=3, attention=4, norm=6, feed_forward=7),
    "normed_residual": Streams(first_norm=2, attention=2, norm=2, feed_forward=3),
    "after_sum": Streams(first_norm=2, attention=2, norm=4, feed_forward=3),
}
"""By `Code.frame`.

`pre_norm`: embeddings, input, and the normed input; then the sum in place of the input of the second half.
"""


def layer_moments(parts: LayerParts, run: Computation) -> list[Held]:
    """The moments of one layer.

    Args:
        parts: Its blocks.
        run: How they compute.
    """
    stream, frame = run.stream_bytes, FRAMES[run.code.frame]
    norm = (run.width if parts.has_layer_norm else run.norm_bytes) * run.hidden
    moments = [Held(stream=frame.first_norm * stream + norm)]
    heads, attending = _attention(parts, run)
    moments += [one.beside(frame.attention * stream) for one in attending]
    if parts.mixer is not None:
        wider = run.hidden * (FP32_BYTES - run.width) if run.code.fp32_residual else 0
        before = Held(stream=run.code.mixer_streams * stream + wider, square=_scores_before(run))
        moments += [before.plus(one) for one in mixer_moments(*parts.mixer, run)]
    kept = run.kept_score_bytes * heads
    moments.append(Held(stream=frame.norm * stream + norm, square=kept))
    beside = Held(stream=frame.feed_forward * stream, square=kept)
    moments += [beside.plus(one) for feed in parts.feeds for one in feed_moments(feed, run)]
    if parts.experts is not None:
        waiting = stream if run.code.shared_first else 0
        moments += [beside.plus(one).beside(waiting) for one in expert_moments(parts.experts, run)]
    return moments


def _scores_before(run: Computation) -> int:
    """Bytes a pair of tokens of the scores that an attending layer left to the recurrent one behind it."""
    heads = run.config.get("num_attention_heads")
    return run.kept_score_bytes * heads if run.code.keeps_scores == "after" and isinstance(heads, int) else 0


def _attention(parts: LayerParts, run: Computation) -> tuple[int, list[Held]]:
    """(heads whose scores there are, moments) of the attention block; none where a layer doesn't attend."""
    if parts.attention is None:
        return 0, []
    part, cache = parts.attention
    if isinstance(cache, AttentionCache):
        heads = Heads.of(part, cache, run)
        return heads.num_heads, attention_moments(heads, run)
    if isinstance(cache, LatentCache):
        latent = LatentHeads.of(cache, run.config)
        return latent.num_heads, latent_moments(latent, run)
    return 0, []
