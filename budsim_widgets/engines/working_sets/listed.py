"""Moments that a row of the table lists itself, for blocks that one model type or two have.

Each is a sum of products, as one reads it off the code: `2*w*hidden + f*heads`. Its names are widths of the block
(`hidden`, `query`, `key`, `value`, `result`, `heads`, `ups`, `inner`, `used`, `expert_ups`, `expert_inner`, `window`),
fields of the text model's config, and bytes of a number: `w` in the model's own format, `f` in fp32, `c` of a copy in
fp32, which is none where the model's own format is fp32.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from budsim_widgets.engines.working_sets.code import FP32_BYTES
from budsim_widgets.engines.working_sets.held import Held

if TYPE_CHECKING:
    from budsim_widgets.engines.working_sets.attention import Heads
    from budsim_widgets.engines.working_sets.computation import Computation
    from budsim_widgets.engines.working_sets.dimensions import LayerParts
    from budsim_widgets.engines.working_sets.latent import LatentHeads

Row: TypeAlias = Mapping[str, Any]
"""A moment as the table has it: sums by the name of what they grow with, and when it comes."""

_SUMS: Final = ("stream", "block", "square", "mask", "shared_mask", "position", "sequence", "once")
_NUMBERS: Final = ("above", "least_batch", "padded")


class Widths(NamedTuple):
    """What the names of a sum mean.

    Attributes:
        own: Widths of the blocks of a layer.
        config: The text model's config, for all other names.
    """

    own: Mapping[str, float]
    config: Mapping[str, Any]

    def of(self, name: str) -> float:
        """A number, a width, or a field of the config (of a list its first entry); 0 where the config has none.

        Example:
            >>> Widths({"hidden": 64.0}, {"n_positions": 512, "bias": None}).of("n_positions")
            512.0
        """
        if name[0].isdigit():
            return float(name)
        value = self.own.get(name)
        if value is None:
            value = self.config.get(name)
        if isinstance(value, (list, tuple)) and value:  # one for each layer
            value = value[0]
        return float(value) if isinstance(value, (int, float)) else 0.0


def sum_of(text: str, widths: Widths) -> float:
    """The value of a sum of products; a factor behind a slash divides.

    Example:
        >>> sum_of("2*w*hidden + f*heads/2", Widths({"w": 2, "f": 4, "hidden": 64, "heads": 8}, {}))
        272.0
    """
    return sum(_product(term.strip(), widths) for term in text.split("+"))


def _product(term: str, widths: Widths) -> float:
    sign, term = (-1, term[1:]) if term.startswith("-") else (1, term)
    above, *below = term.split("/")
    divisor = prod(widths.of(name) for name in below)  # 0 where a config has no such field
    return sign * prod(widths.of(name) for name in above.split("*")) / divisor if divisor else 0.0


def held_of(row: Row, widths: Widths) -> Held:
    """What a row of the table says is held."""
    sums = {name: sum_of(row[name], widths) for name in _SUMS if name in row}
    numbers = {name: int(widths.of(str(row[name]))) for name in _NUMBERS if name in row}
    return Held(**sums, **numbers)  # type: ignore[arg-type] # fields by name


def listed_always(run: Computation) -> list[Held]:
    """What the row of a model type says stands all the time, or in sequences of more than `above` tokens."""
    rows = [row for row in run.code.always if _is_of(row, run)]
    widths = _widths_of(run, None, None) if rows else None
    return [held_of(row, widths) for row in rows] if widths else []


def listed_moments(parts: LayerParts, heads: Heads | LatentHeads | None, run: Computation) -> list[Held]:
    """The moments that the row of a model type lists for a layer with these blocks.

    Args:
        parts: The blocks.
        heads: The widths of its attention.
        run: How it computes.
    """
    rows = [row for row in run.code.moments if _is_of(row, run) and _has(row.get("of", ""), parts)]
    if not rows:
        return []
    widths = _widths_of(run, parts, heads)
    return [held_of(row, widths) for row in rows]


def _is_of(row: Row, run: Computation) -> bool:
    """Whether a moment comes with this attention."""
    kind = "eager" if run.attention == "eager" else "fused"
    return bool(row.get("attention", kind) == kind)


def _has(block: str, parts: LayerParts) -> bool:
    if block == "attention":
        return parts.attention is not None or parts.encoder_attention is not None
    if block == "window":
        return parts.attention is not None and bool(getattr(parts.attention[1], "window", 0))
    if block == "encoder":
        return parts.attention is None and parts.encoder_attention is not None
    if block == "cross":
        return parts.cross_attention is not None
    if block == "mixer":
        return parts.mixer is not None
    return block != "experts" or parts.experts is not None


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
    if heads is not None:
        own |= {name: getattr(heads, name, 0) for name in ("query", "key", "value", "result", "window")}
        own["heads"] = heads.num_heads
    if parts is not None:
        own |= {"ups": max((feed.ups for feed in parts.feeds), default=0)}
        own |= {"inner": max((feed.inner for feed in parts.feeds), default=0)}
    if parts is not None and parts.experts is not None:
        experts = parts.experts
        own |= {"used": experts.used, "expert_ups": experts.ups, "expert_inner": experts.inner}
    return Widths(own, run.config)
