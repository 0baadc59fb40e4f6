"""Moments that a row of the table lists itself, for blocks that one model type or two have.

Each is a sum of products, as one reads it off the code: `2*w*hidden + f*heads`. Its names are widths of the block
(`hidden`, `query`, `key`, `value`, `result`, `heads`, `repeated`: keys and values for each query head, `ups`, `inner`,
`used`, `expert_ups`, `expert_inner`, `window`), fields of the text model's config, and bytes of a number: `w` in the
model's own format, `f` in fp32, `c` of a copy in fp32, which is none where the model's own format is fp32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.sums import Widths

if TYPE_CHECKING:
    from budsim_widgets.engines.working_sets.attention import Heads
    from budsim_widgets.engines.working_sets.computation import Computation
    from budsim_widgets.engines.working_sets.dimensions import LayerParts
    from budsim_widgets.engines.working_sets.held import Held
    from budsim_widgets.engines.working_sets.latent import LatentHeads
    from budsim_widgets.engines.working_sets.moments import Moment


def listed_always(run: Computation) -> list[Held]:
    """What the row of a model type says stands all the time, or in sequences of more than `above` tokens."""
    widths = _widths_of(run, None, None)
    return [one.held(widths) for one in run.code.always if _is_of(one, run)]


def listed_moments(parts: LayerParts, heads: Heads | LatentHeads | None, run: Computation) -> list[Held]:
    """The moments that the row of a model type lists for a layer with these blocks.

    Args:
        parts: The blocks.
        heads: The widths of its attention.
        run: How it computes.
    """
    widths = _widths_of(run, parts, heads)
    return [one.held(widths) for one in run.code.moments if _is_of(one, run) and _has(one.of, parts)]


def _is_of(moment: Moment, run: Computation) -> bool:
    """Whether a moment comes with this attention."""
    return moment.attention in {"", "eager" if run.attention == "eager" else "fused"}


def _has(block: str, parts: LayerParts) -> bool:
    window = parts.attention is not None and bool(getattr(parts.attention[1], "window", 0))
    has = {
        "attention": parts.attention is not None or parts.encoder_attention is not None,
        "window": window,
        "full": parts.attention is not None and not window,
        "encoder": parts.attention is None and parts.encoder_attention is not None,
        "cross": parts.cross_attention is not None,
        "mixer": parts.mixer is not None,
        "experts": parts.experts is not None,
    }
    return has.get(block, True)


def _widths_of(run: Computation, parts: LayerParts | None, heads: Heads | LatentHeads | None) -> Widths:
    """What the names mean for a layer, or, without one, for a whole model."""
    own: dict[str, float] = {
        "w": run.width,
        "f": FP32_BYTES,
        "c": FP32_BYTES if run.is_cast else 0,
        "hidden": run.hidden,
        "rotated": run.rotated,
        "windowed_layers": list(run.config.get("layer_types") or ()).count("sliding_attention"),
    }
    own |= {name: value for name, value in run.code.declared if run.config.get(name) is None}
    if heads is not None:
        own |= {name: getattr(heads, name, 0) for name in ("query", "key", "value", "result", "window")}
        own["heads"] = heads.num_heads
        own["repeated"] = own["query"] + own["result"] if getattr(heads, "repeats", False) else 0
    if parts is not None:
        own |= {"ups": max((feed.ups for feed in parts.feeds), default=0)}
        own |= {"inner": max((feed.inner for feed in parts.feeds), default=0)}
    if parts is not None and parts.experts is not None:
        experts = parts.experts
        own |= {"used": experts.used, "expert_ups": experts.ups, "expert_inner": experts.inner}
    return Widths(own, run.config)
