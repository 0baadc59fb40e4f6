"""What each kind of block of a layer keeps for the backward pass: attention, feed-forward, experts, mixers."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.cache import AttentionCache, LatentCache, StateCache
from budsim_widgets.architectures.parts import Module, Stack
from budsim_widgets.formats.stored_tensor import FP32_BYTES
from budsim_widgets.training.attention import attention_kept, latent_kept
from budsim_widgets.training.experts import expert_weights, experts_kept, holds_experts, is_router
from budsim_widgets.training.kept import Kept, Linear, norm_width
from budsim_widgets.training.mixers import mixer_kept

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Part
    from budsim_widgets.training.reading import Reading

_UP_AND_DOWN: Final = 2


@dataclass(frozen=True)
class Blocks:
    """Reads what the blocks of a model's layers keep.

    Attributes:
        reading: How they are read.
    """

    reading: Reading

    def layer(self, part: Module, prefix: str) -> Kept:
        """One layer of the model: its norms and its blocks."""
        kept, norms = Kept(), 0.0
        for name, child in part.children.items():
            path = f"{prefix}.{name}"
            found = norm_width(child)
            if found:
                each = self.reading.rules.norm(path, found[0], has_bias=found[1])
                # Two norms of one input keep it once, where a norm keeps the input itself.
                is_shared = norms and found[1] and self.reading.does("parallel_layers")
                norms += each - (found[0] * self.reading.rules.stream_bytes if is_shared else 0)
            elif isinstance(child, (Module, Stack)):
                kept = kept.plus(self.block(child, path))
        if norms and self._is_parallel(part):
            kept = kept.plus(Kept(-float(self._shared_input(part, prefix))))
        direct = self._feed_forward(part, prefix, is_input_kept=False) if self._has_own_linears(part) else Kept()
        return kept.plus(direct).plus(Kept(norms))

    def inner_width(self, part: Part) -> int:
        """Elements a token of the widest feed-forward block: twice its width where it is gated; of all used experts."""
        if isinstance(part, Stack):
            return max((self.inner_width(layer) for layer, _ in part.kinds), default=0)
        if not isinstance(part, Module):
            return 0
        linears = self.reading.linears(part, "")
        widths = [self.inner_width(child) for child in part.children.values()]
        if len(linears) >= _UP_AND_DOWN and not part.cache:
            inner = linears[-1].in_features
            widths.append(2 * inner if sum(up.out_features for up in linears[:-1]) > inner else inner)
        if holds_experts(part):
            (_, shapes, (used, _)), *_ = expert_weights(part, "")
            last = list(shapes.values())[-1]
            widths.append(2 * used * prod(last[1:]) // max(self.reading.hidden_size, 1))
        return max(widths, default=0)

    def block(self, part: Module | Stack, prefix: str, *, is_input_kept: bool = False) -> Kept:
        """A block of a layer, whatever it is."""
        if isinstance(part, Stack):
            return self._stack(part, prefix)
        for cache in part.cache:
            if isinstance(cache, StateCache):
                return mixer_kept(self.reading, part, prefix, cache)
            if isinstance(cache, LatentCache):
                return latent_kept(self.reading, part, prefix, cache)
            if isinstance(cache, AttentionCache):
                return attention_kept(self.reading, part, prefix, cache)
        if holds_experts(part) or self._has_router(part):
            return self._mixture(part, prefix)
        own = self._feed_forward(part, prefix, is_input_kept=is_input_kept)
        inner = [
            self.block(child, f"{prefix}.{name}")
            for name, child in part.children.items()
            if isinstance(child, (Module, Stack)) and "weight" not in getattr(child, "children", {})
        ]
        for kept in inner:
            own = own.plus(kept)
        return own

    def _stack(self, part: Stack, prefix: str) -> Kept:
        kept = Kept()
        for layer, indexes in part.kinds:
            if isinstance(layer, Module):
                each = self.block(layer, f"{prefix}.{part.prefix}*")
                used, every = layer.active_share or (1, 1)
                count = len(indexes) * used / max(every, 1)
                kept = kept.plus(Kept(*(part_bytes * count for part_bytes in each)))
        return kept

    def _feed_forward(self, part: Module, prefix: str, *, is_input_kept: bool) -> Kept:
        linears = self.reading.linears(part, prefix)
        if len(linears) < _UP_AND_DOWN:
            return Kept(self.reading.rules.inputs(linears) if linears else 0.0)
        ups, down = linears[:-1], linears[-1]
        is_kept = is_input_kept and self.reading.rules.is_trained(ups[0].name)
        kept = self.reading.rules.inputs(ups, is_kept_already=is_kept, reads_stream=True)
        return Kept(kept + self._activated(sum(up.out_features for up in ups), down))

    def _activated(self, ups: int, down: Linear) -> float:
        """The outputs of the ways up, what the activation makes of them, and the input of the way down."""
        width, inner = self.reading.rules.compute_bytes, down.in_features
        is_gated = ups > inner
        copies, is_relu = self.reading.activation()
        if self.reading.rules.is_fused:
            # The kernel makes its result again in the backward pass.
            return width * ups + self.reading.rules.inputs([down], is_kept_already=True)
        if is_gated:
            return width * (ups + inner * (1 + copies)) + self.reading.rules.inputs([down])
        if is_relu:
            return width * inner + self.reading.rules.inputs([down], is_kept_already=True)
        return width * (ups + inner * copies) + self.reading.rules.inputs([down])

    def _mixture(self, part: Module, prefix: str) -> Kept:
        """A router, the experts that a token is sent to, and those that all tokens pass."""
        width, rules = self.reading.rules.compute_bytes, self.reading.rules
        routers = [f"{prefix}.{name}" for name, child in part.children.items() if is_router(child)]
        is_adapted = any(name in rules.ranks for name in routers)
        kept = self.reading.hidden_size * width if is_adapted or rules.is_trained(prefix) else 0.0
        if rules.is_trained(prefix) and self.reading.does("fp32_router"):
            kept += self.reading.hidden_size * FP32_BYTES
        total = Kept(kept)
        for path, experts, share in expert_weights(part, prefix):
            total = total.plus(experts_kept(self.reading, path, experts, share))
        for name, child in part.children.items():
            if isinstance(child, (Module, Stack)) and not holds_experts(child) and not is_router(child):
                total = total.plus(self.block(child, f"{prefix}.{name}", is_input_kept=True))
        return total

    def _is_parallel(self, part: Module) -> bool:
        """Whether attention and feed-forward block read the output of one norm."""
        norms = sum(norm_width(child) is not None for child in part.children.values())
        blocks = sum(isinstance(child, Module) and not norm_width(child) for child in part.children.values())
        return norms == 1 and blocks > 1

    def _shared_input(self, part: Module, prefix: str) -> int:
        names = [f"{prefix}.{name}" for name, child in part.children.items() if not norm_width(child)]
        return (
            self.reading.hidden_size * self.reading.rules.compute_bytes
            if all(map(self.reading.rules.is_trained, names))
            else 0
        )

    def _has_own_linears(self, part: Module) -> bool:
        return len(self.reading.linears(part, "")) >= _UP_AND_DOWN

    def _has_router(self, part: Module) -> bool:
        return any(holds_experts(child) for child in part.children.values())
