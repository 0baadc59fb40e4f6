"""What a whole layer holds: its blocks, and the copies of the residual stream that stand beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache, LatentCache
from budsim_widgets.engines.working_sets.attention import Heads, attention_moments, cross_moment, encoder_moments
from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.feed_forward import expert_block_bytes, feed_block_bytes
from budsim_widgets.engines.working_sets.held import NOTHING, Held
from budsim_widgets.engines.working_sets.latent import LatentHeads, latent_moments
from budsim_widgets.engines.working_sets.listed import listed_moments
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
    "ctrl": Streams(attention=3, norm=5, feed_forward=6),
    "normed_residual": Streams(attention=2, norm=2, feed_forward=3),
    "altup": Streams(attention=18, norm=19, feed_forward=20),
    "fp32_sum": Streams(attention=4, norm=7, feed_forward=6),
    "hrm": Streams(attention=6, norm=6, feed_forward=7),
    "after_sum": Streams(attention=2, norm=4, feed_forward=3),
    "hyper": Streams(attention=6, norm=10, feed_forward=10),
}
"""By `Code.frame`.

`pre_norm`: embeddings, input, and the normed input; then the sum in place of the input of the second half. `hyper`: the
same with four streams beside each other, of which a block reads one (HY 4).
"""


def moments_of(layers: Iterable[tuple[LayerParts, Held]], run: Computation) -> list[Held]:
    """The moments of the layers of a model; what attends alike is looked at once.

    Args:
        layers: (blocks, what isn't held yet), of each kind of layer.
        run: How they compute.
    """
    moments: list[Held] = []
    attending: dict[tuple[Heads | LatentHeads, bool], list[Held]] = {}
    for parts, later in layers:
        heads = _heads(parts, run)
        key = (heads, parts.encoder_attention is not None) if heads is not None else None
        if key is not None and key not in attending:
            is_listed = ("encoder" if key[1] else "attention") in run.code.replaces
            attending[key] = [] if is_listed else _attention_moments(*key, run)
        own = [
            *(attending[key] if key else ()),
            *(_mixer_moments(parts, run) if parts.mixer is not None else ()),
            *(_cross_moments(parts, heads, run) if parts.cross_attention is not None else ()),
            *_other_moments(parts, heads, run),
            *(listed_moments(parts, heads, run) if run.code.moments else ()),
        ]
        moments += own if later == NOTHING else [one.plus(later) for one in own]
    return moments


def _other_moments(parts: LayerParts, heads: Heads | LatentHeads | None, run: Computation) -> list[Held]:
    """The moments of the norms, the feed-forward blocks and the experts of a layer."""
    frame, stream = FRAMES[run.code.frame], run.stream_bytes
    norm = (run.width if parts.has_layer_norm else run.norm_bytes) * run.hidden
    kept = run.kept_score_bytes * heads.num_heads if heads else 0
    beside = frame.feed_forward * stream
    replaced = run.code.replaces
    moments = [] if "norm" in replaced else [Held(frame.norm * stream + norm, square=kept)]
    if "feeds" not in replaced:
        moments += [Held(beside, feed_block_bytes(feed, run), kept) for feed in parts.feeds]
    if parts.experts is not None and "experts" not in replaced:
        waiting = stream if run.code.shared_first else 0
        moments.append(Held(beside + waiting, expert_block_bytes(parts.experts, run), kept))
    return moments


def _cross_moments(parts: LayerParts, heads: Heads | LatentHeads | None, run: Computation) -> list[Held]:
    """The moment of the attention to an encoder; none where there is no encoder."""
    if parts.cross_attention is None or not isinstance(heads, Heads):
        return []
    stream = (FRAMES[run.code.frame].attention + 1) * run.stream_bytes
    return [cross_moment(heads, parts.cross_attention, run, stream)]


def _attention_moments(  # of an encoder, whose keys and values nothing keeps, or of a layer that caches
    heads: Heads | LatentHeads,
    is_encoder: bool,  # noqa: FBT001 - of this module alone
    run: Computation,
) -> list[Held]:
    stream = FRAMES[run.code.frame].attention * run.stream_bytes
    if isinstance(heads, Heads):
        return encoder_moments(heads, run, stream) if is_encoder else attention_moments(heads, run, stream)
    return latent_moments(heads, run, stream)


def _mixer_moments(parts: LayerParts, run: Computation) -> list[Held]:
    """The moments of the recurrent block; none where nothing recurs."""
    if parts.mixer is None or "mixer" in run.code.replaces:
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
        return Heads.of_encoder(run) if parts.encoder_attention is not None else None
    part, cache = parts.attention
    if isinstance(cache, AttentionCache):
        return Heads.of(part, cache, run)
    return LatentHeads.of(cache, run.config) if isinstance(cache, LatentCache) else None
