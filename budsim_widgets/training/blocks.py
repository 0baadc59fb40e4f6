"""What each kind of block of a layer keeps for the backward pass: attention, feed-forward, experts, mixers."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.cache import AttentionCache, LatentCache, SlidingWindowCache, StateCache
from budsim_widgets.architectures.parts import Module, Stack, Weight
from budsim_widgets.data import load_table
from budsim_widgets.engines.layer_widths import ACTIVATION_FIELDS
from budsim_widgets.formats.base import FP32_BYTES
from budsim_widgets.training.kept import Kept, Linear, Rules, linear_children, norm_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Part

_INDEX_BYTES: Final = 8
_SORTED_INDEXES: Final = 4
"""Index tensors of the experts' dispatch: the chosen ones, their order, its inverse, and the tokens."""
_UP_AND_DOWN: Final = 2
_MATRIX: Final = 2
_MAMBA_1_COPIES: Final = 4
_STATE: Final = 16
_DELTA_CHUNK: Final = 64
_CHUNK: Final = 256
"""Tokens that a state space of transformers computes together, where the config doesn't say (`chunk_size`)."""


@dataclass(frozen=True)
class Blocks:
    """Reads what the blocks of a model's layers keep.

    Attributes:
        rules: How the model is trained.
        config: The text model's config.
        model_types: Its types: of the text's part and of the whole.
        hidden_size: Width of the residual stream.
        stored_in_out: Whether linear layers are stored as [in, out].
    """

    rules: Rules
    config: Mapping[str, Any]
    model_types: tuple[str, ...]
    hidden_size: int
    stored_in_out: bool

    @classmethod
    def of(cls, architecture: Architecture, rules: Rules, hidden_size: int) -> Blocks:
        """The reader for a model."""
        config = architecture.text_config
        types = (str(config.get("model_type", "")), architecture.model_type)
        is_in_out = architecture.model_type in load_table("weights")["stored_in_out"]
        return cls(rules, config, types, hidden_size, is_in_out)

    def layer(self, part: Module, prefix: str) -> Kept:
        """One layer of the model: its norms and its blocks."""
        kept, norms = Kept(), 0.0
        for name, child in part.children.items():
            path = f"{prefix}.{name}"
            found = norm_width(child)
            if found:
                each = self.rules.norm(path, found[0], has_bias=found[1])
                # Two norms of one input keep it once, where a norm keeps the input itself.
                is_shared = norms and found[1] and self._is("parallel_layers")
                norms += each - (found[0] * self.rules.stream_bytes if is_shared else 0)
            elif isinstance(child, (Module, Stack)):
                kept = kept.plus(self.block(child, path))
        if norms and self._is_parallel(part):
            kept = kept.plus(Kept(-float(self._shared_input(part, prefix))))
        direct = self._feed_forward(part, prefix, is_input_kept=False) if self._has_own_linears(part) else Kept()
        return kept.plus(direct).plus(Kept(norms))

    def masked(self, part: Part) -> tuple[int, Kept]:
        """(window, what a layer keeps more once sequences are longer): keys and values of each head, and the mask.

        A fused kernel that is given a mask takes no shared keys, and wants the mask in numbers; flash attention needs
        none.
        """
        if isinstance(part, Module) and not self.rules.is_eager and not self.rules.is_flash:
            for cache in part.cache:
                if isinstance(cache, SlidingWindowCache):
                    shared = 2 * cache.num_attention_heads - 2 * cache.num_key_value_heads
                    width = self.rules.compute_bytes
                    return cache.window, Kept(width * shared * cache.key_head_dim, width)
            for child in part.children.values():
                window, more = self.masked(child)
                if window:
                    return window, more
        return 0, Kept()

    def inner_width(self, part: Part) -> int:
        """Elements a token of the widest feed-forward block: twice its width where it is gated; of all used experts."""
        if isinstance(part, Stack):
            return max((self.inner_width(layer) for layer, _ in part.kinds), default=0)
        if not isinstance(part, Module):
            return 0
        linears = linear_children(part, "", stored_in_out=self.stored_in_out)
        widths = [self.inner_width(child) for child in part.children.values()]
        if len(linears) >= _UP_AND_DOWN and not part.cache:
            inner = linears[-1].in_features
            widths.append(2 * inner if sum(up.out_features for up in linears[:-1]) > inner else inner)
        if _experts(part):
            (_, shapes, (used, _)), *_ = _expert_weights(part, "")
            last = list(shapes.values())[-1]
            widths.append(2 * used * prod(last[1:]) // max(self.hidden_size, 1))
        return max(widths, default=0)

    def block(self, part: Module | Stack, prefix: str, *, is_input_kept: bool = False) -> Kept:
        """A block of a layer, whatever it is."""
        if isinstance(part, Stack):
            return self._stack(part, prefix)
        for cache in part.cache:
            if isinstance(cache, StateCache):
                return self._mixer(part, prefix, cache)
            if isinstance(cache, LatentCache):
                return self._latent(part, prefix, cache)
            if isinstance(cache, AttentionCache):
                return self._attention(part, prefix, cache)
        if _experts(part) or self._has_router(part):
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

    def _attention(self, part: Module, prefix: str, cache: AttentionCache) -> Kept:
        heads, width = cache.num_attention_heads, self.rules.compute_bytes
        query = heads * cache.key_head_dim
        keys = cache.num_key_value_heads * cache.key_head_dim
        values = cache.num_key_value_heads * cache.value_head_dim
        result = heads * cache.value_head_dim
        linears = linear_children(part, prefix, stored_in_out=self.stored_in_out)
        into, out = linears[:-1], linears[-1:]
        kept = self.rules.inputs(into, reads_stream=True) + self.rules.inputs(out, is_kept_already=True)
        kept += self._norms(part, prefix, {"q": query, "k": keys})
        # Eager attention and rotations that join parts leave a result that must be laid out anew for the next layer.
        copied = result if self.rules.keeps_input(out) else 0
        if self.rules.is_eager:
            return Kept(kept + width * (2 * query + result + copied), self._scores(heads))
        is_fused = any(linear.out_features >= query + keys + values for linear in into)
        held = query + keys + values
        if is_fused and not self._is("unrotated"):
            held += query + keys
        copied = copied if self._is("rotated_by_cat") and not self.rules.has_own_layers else 0
        return Kept(kept + width * (held + result + copied) + FP32_BYTES * heads)

    def _latent(self, part: Module, prefix: str, cache: LatentCache) -> Kept:
        """MLA: queries and keys are joined from two parts, the values stay in the output of their projection."""
        width, rules = self.rules.compute_bytes, self.rules
        heads = int(self.config.get("num_attention_heads") or 0)
        nope = int(self.config.get("qk_nope_head_dim") or 0)
        value_dim = int(self.config.get("v_head_dim") or nope)
        query = heads * (nope + cache.rope_head_dim)
        result = heads * value_dim
        linears = linear_children(part, prefix, stored_in_out=self.stored_in_out)
        kept = self._norms(part, prefix, {})
        into = [one for one in linears[:-1] if one.in_features == self.hidden_size]
        kept += rules.inputs(into, reads_stream=True)
        for linear in linears[:-1]:
            if linear.in_features != self.hidden_size:
                kept += rules.inputs([linear])
        out = linears[-1:]
        kept += rules.inputs(out, is_kept_already=True)
        if rules.is_eager:
            copied = result if rules.keeps_input(out) else 0
            return Kept(kept + width * (2 * query + result + copied), self._scores(heads))
        return Kept(kept + width * (2 * query + heads * (nope + value_dim) + result) + FP32_BYTES * heads)

    def _scores(self, heads: int) -> float:
        """Eager attention: the softmax in fp32 and its 16-bit copy; capped scores keep the result of their tanh."""
        width = self.rules.compute_bytes
        capped = width if self.is_capped("attn_logit_softcapping", "capped_scores") else 0
        if self._is("scores_in_16_bits"):
            return heads * (width + capped)
        return heads * (FP32_BYTES + (width if width < FP32_BYTES else 0) + capped)

    def _norms(self, part: Module, prefix: str, widths: Mapping[str, int]) -> float:
        """The norms of a block; those of queries and keys run over all heads, whatever the size of their weight."""
        kept = 0.0
        for name, child in part.children.items():
            found = norm_width(child)
            if found:
                width = next((size for start, size in widths.items() if name.startswith(start)), found[0])
                each = self.rules.norm(f"{prefix}.{name}", width, has_bias=found[1])
                heads = width // found[0] if found[0] else 1
                kept += each + FP32_BYTES * (heads - 1)
        return kept

    def _feed_forward(self, part: Module, prefix: str, *, is_input_kept: bool) -> Kept:
        linears = linear_children(part, prefix, stored_in_out=self.stored_in_out)
        if len(linears) < _UP_AND_DOWN:
            return Kept(self.rules.inputs(linears) if linears else 0.0)
        ups, down = linears[:-1], linears[-1]
        is_kept = is_input_kept and self.rules.is_trained(ups[0].name)
        kept = self.rules.inputs(ups, is_kept_already=is_kept, reads_stream=True)
        return Kept(kept + self._activated(sum(up.out_features for up in ups), down))

    def _activated(self, ups: int, down: Linear) -> float:
        """The outputs of the ways up, what the activation makes of them, and the input of the way down."""
        width, inner = self.rules.compute_bytes, down.in_features
        is_gated = ups > inner
        copies, is_relu = self._activation()
        if self.rules.is_fused:
            # The kernel makes its result again in the backward pass.
            return width * ups + self.rules.inputs([down], is_kept_already=True)
        if is_gated:
            return width * (ups + inner * (1 + copies)) + self.rules.inputs([down])
        if is_relu:
            return width * inner + self.rules.inputs([down], is_kept_already=True)
        return width * (ups + inner * copies) + self.rules.inputs([down])

    def _activation(self) -> tuple[float, bool]:
        """(copies that the activation function keeps beside its input, whether it keeps its result instead)."""
        table = load_table("training")
        given = (self.config.get(field) for field in ACTIVATION_FIELDS)
        tabled = load_table("activations")["model_types"]
        defaults = {name: row["activation"] for name, row in tabled.items() if "activation" in row}
        defaults |= table["default_activations"]
        default = next((defaults[name] for name in self.model_types if name in defaults), None)
        name = next((name for name in given if name), default)
        copies = 0 if self.rules.has_own_layers else table["extra_activation_copies"].get(name, 0)
        return float(copies), name in table["relu_like"]

    def _mixture(self, part: Module, prefix: str) -> Kept:
        """A router, the experts that a token is sent to, and those that all tokens pass."""
        width, rules = self.rules.compute_bytes, self.rules
        routers = [f"{prefix}.{name}" for name, child in part.children.items() if _is_router(child)]
        is_adapted = any(name in rules.ranks for name in routers)
        kept = self.hidden_size * width if is_adapted or rules.is_trained(prefix) else 0.0
        if rules.is_trained(prefix) and self._is("fp32_router"):
            kept += self.hidden_size * FP32_BYTES
        total = Kept(kept)
        for path, experts, share in _expert_weights(part, prefix):
            total = total.plus(self._experts(path, experts, share))
        for name, child in part.children.items():
            if isinstance(child, (Module, Stack)) and not _experts(child) and not _is_router(child):
                total = total.plus(self.block(child, f"{prefix}.{name}", is_input_kept=True))
        return total

    def _experts(self, path: str, shapes: Mapping[str, tuple[int, ...]], share: tuple[int, int]) -> Kept:
        """The experts that a token is sent to.

        PEFT adds the adapters of fused experts to their weights in each forward pass: the sums are kept whole, and so
        are the inputs that their gradients need.
        """
        used, every = share
        width, hidden = self.rules.compute_bytes, self.hidden_size
        values = list(shapes.values())
        first, last = values[0], values[-1]
        ups, inner = prod(first[1:]) // hidden, prod(last[1:]) // hidden
        copies, _ = self._activation()
        more = load_table("training")["extra_expert_copies"]
        copies += next((more[name] for name in self.model_types if name in more), 0)
        adapted = [(shape, self.rules.ranks.get(f"{path}.{leaf}", 0)) for leaf, shape in shapes.items()]
        keeps_inputs = self.rules.is_trained(path) or any(rank for _, rank in adapted)
        kept = ups + inner * (1 + copies) + hidden + (hidden + inner if keeps_inputs else 0)
        routing = used * (_SORTED_INDEXES * _INDEX_BYTES + FP32_BYTES) + every * FP32_BYTES
        summed = sum(prod(shape) + rank * shape[0] * sum(shape[1:]) for shape, rank in adapted if rank)
        return Kept(used * kept * width + routing, fixed_bytes=summed * width)

    def _mixer(self, part: Module, prefix: str, cache: StateCache) -> Kept:
        """State spaces and linear attention as transformers computes them without their libraries' kernels."""
        width = self.rules.compute_bytes
        linears = linear_children(part, prefix, stored_in_out=self.stored_in_out)
        before, out = linears[:-1], linears[-1:]
        into = [one for one in before if one.in_features == self.hidden_size] or before
        kept = self.rules.inputs(into, reads_stream=True) + self.rules.inputs(out)
        convolved = _conv_channels(part)
        decay = part.children.get("A_log")
        if not isinstance(decay, Weight):
            # LFM: the projections, the gated input, its convolution.
            return Kept(kept + width * (sum(linear.out_features for linear in into) + 2 * convolved))
        trained = self.rules.is_trained(prefix)
        inner = out[0].in_features if out else convolved
        if "in_proj" in part.children:
            kept += width * (sum(linear.out_features for linear in into) + convolved)
            return Kept(kept + self._scan(part, inner, decay, is_trained=trained))
        key_dim = cache.recurrent_elements // max(inner, 1)
        return Kept(kept + 2 * width * convolved + self._delta_rule(inner, key_dim, decay.shape[0], is_trained=trained))

    def _scan(self, part: Module, inner: int, decay: Weight, *, is_trained: bool) -> float:
        """The chunked scan of Mamba-2 and its gated norm, in fp32; Mamba-1 keeps states of every token."""
        if len(decay.shape) == _MATRIX:
            # Mamba-1 without its kernel: decays, inputs and states of every token, and what they yield.
            return _MAMBA_1_COPIES * prod(decay.shape) * FP32_BYTES
        heads = decay.shape[0]
        chunk = int(self.config.get("mamba_chunk_size") or self.config.get("chunk_size") or _CHUNK)
        names = ("mamba_d_state", "ssm_state_size", "state_size")
        state = next((int(self.config[name]) for name in names if self.config.get(name)), _STATE)
        norm = (4 if is_trained else 3) * inner * FP32_BYTES if "norm" in part.children else 0
        width = self.rules.compute_bytes if is_trained else 0
        in_fp32 = (6 if is_trained else 5) * inner + 3 * heads * chunk + 5 * heads * state + 2 * inner * state / chunk
        return inner * width + norm + in_fp32 * FP32_BYTES

    def _delta_rule(self, inner: int, key_dim: int, heads: int, *, is_trained: bool) -> float:
        """The chunked delta rule and its gated norm, in fp32: queries and keys of each value head, and their products.

        Source: `torch_chunk_gated_delta_rule` of transformers 5.24, in chunks of 64 tokens.
        """
        keys = heads * key_dim
        in_fp32 = 11 * keys + 5 * heads * _DELTA_CHUNK + 3 * inner + keys * inner / max(heads, 1) / _DELTA_CHUNK
        width = self.rules.compute_bytes
        return in_fp32 * FP32_BYTES + inner * width * (3 if is_trained else 1)

    def is_capped(self, field: str, table: str) -> bool:
        """Whether scores or logits pass a tanh: as the config says, else as its class does."""
        return bool(self.config[field]) if field in self.config else self._is(table)

    def _is(self, table: str) -> bool:
        names = load_table("training")[table]
        return any(name in names for name in self.model_types)

    def _is_parallel(self, part: Module) -> bool:
        """Whether attention and feed-forward block read the output of one norm."""
        norms = sum(norm_width(child) is not None for child in part.children.values())
        blocks = sum(isinstance(child, Module) and not norm_width(child) for child in part.children.values())
        return norms == 1 and blocks > 1

    def _shared_input(self, part: Module, prefix: str) -> int:
        names = [f"{prefix}.{name}" for name, child in part.children.items() if not norm_width(child)]
        return self.hidden_size * self.rules.compute_bytes if all(map(self.rules.is_trained, names)) else 0

    def _has_own_linears(self, part: Module) -> bool:
        return len(linear_children(part, "", stored_in_out=self.stored_in_out)) >= _UP_AND_DOWN

    def _has_router(self, part: Module) -> bool:
        return any(_experts(child) for child in part.children.values())


def _experts(part: object) -> bool:
    """Whether a module holds the fused weights of experts."""
    if not isinstance(part, Module):
        return False
    return any(isinstance(child, Weight) and child.role == "experts" for child in part.children.values())


def _expert_weights(part: Module, prefix: str) -> Iterator[tuple[str, dict[str, tuple[int, ...]], tuple[int, int]]]:
    """(name, shapes of the weights, (used, all)) of the fused experts in a block."""
    named = {"": part, **part.children}
    for name, child in named.items():
        if isinstance(child, Module) and _experts(child):
            shapes = {
                leaf: weight.shape
                for leaf, weight in child.children.items()
                if isinstance(weight, Weight) and weight.role == "experts"
            }
            share = child.active_share or part.active_share or (1, 1)
            yield f"{prefix}.{name}" if name else prefix, shapes, share


def _is_router(part: object) -> bool:
    weight = part.children.get("weight") if isinstance(part, Module) else None
    return isinstance(weight, Weight)


def _conv_channels(part: Module) -> int:
    for child in part.children.values():
        weight = child.children.get("weight") if isinstance(child, Module) else None
        if isinstance(weight, Weight) and weight.role == "conv":
            return weight.shape[0]
    return 0
