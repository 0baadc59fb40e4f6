"""The names and shapes that the parts of a model have in its GGUF file: what is split, stacked or added."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.cache import AttentionCache
from budsim_widgets.architectures.parts import Module, Stack, Weight
from budsim_widgets.data import load_table
from budsim_widgets.formats.gguf.beyond_model import (
    rope_factors,
    with_hash_layers,
    with_one_vocabulary,
    with_shared_keys,
)
from budsim_widgets.formats.gguf.rows import text_config
from budsim_widgets.formats.gguf.typed import Tensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Part, Role

PROJECTOR: Final = "mmproj"
"""Begins the names of vision and audio, which stand in a file of their own."""

_MATRIX: Final = 2
_OF_TEXT: Final = ("model.embed_tokens", "model.embedding", "model.norm", "model.per_layer", "model.altup")


def named_tensors(architecture: Architecture, row: Mapping[str, Any]) -> Iterator[Tensors]:
    """The tensors of a model under llama.cpp's names.

    Args:
        architecture: The model.
        row: Its row of `data/gguf_tensors.json`.
    """
    yield from _Reader(architecture, row).read()


class _Reader:
    """Walks over the parts of one model."""

    def __init__(self, architecture: Architecture, row: Mapping[str, Any]) -> None:
        table = load_table("gguf_tensors")
        self._architecture = architecture
        self._text: Mapping[str, Any] = text_config(architecture.config)
        self._in_layer: dict[str, str | list[str]] = {**table["in_layer"], **row.get("in_layer", {})}
        self._outside: dict[str, str] = table["outside"]
        self._layers = tuple(f"{stack}." for stack in table["layers"])
        self._text_prefixes: tuple[str, ...] = tuple(table["text_prefixes"])
        self._stacked: dict[str, str] = table["stacked"]
        self._row = row
        self._split_names = {"attn_qkvz", "attn_q_k_v"} | ({"attn_kv_b"} if not row.get("latent_as_heads") else set())
        self._has_expert_bias = bool(row.get("expert_bias"))
        self._is_stored_in_out = architecture.model_type in load_table("weights")["stored_in_out"]
        has_experts = any(group.role == "experts" for group in architecture.tensor_groups)
        self._has_conv1d = self._is_stored_in_out and not has_experts  # of those with experts, only they are turned

    def read(self) -> Iterator[Tensors]:
        walked = list(self._walk(self._architecture.root, "", ()))
        if self._row.get("shared_kv_in_file"):
            walked = list(with_shared_keys(walked))
        if self._row.get("padded_vocab"):
            walked = list(with_one_vocabulary(walked))
        if self._row.get("hash_layers"):
            walked = list(with_hash_layers(walked, self._text))
        for tensors in walked:
            yield tensors
            if self._has_expert_bias and tensors.name == "blk.*.ffn_gate_inp.weight":
                yield Tensors("blk.*.exp_probs_b.bias", tensors.shape[:1], "bias", tensors.layers)
        yield from rope_factors(self._architecture, always=bool(self._row.get("rope_freqs")))

    def _walk(self, part: Part, name: str, layers: tuple[int, ...]) -> Iterator[Tensors]:
        if isinstance(part, Module):
            for child_name, child in part.children.items():
                yield from self._walk(child, f"{name}.{child_name}" if name else child_name, layers)
        elif isinstance(part, Stack) and self._plain(name) in self._stacked:
            yield from self._as_one(part, self._stacked[self._plain(name)])
        elif isinstance(part, Stack):
            is_inner = bool(layers)
            for layer, indexes in part.kinds:
                if is_inner:  # such as single experts of a layer
                    for index in indexes:
                        yield from self._walk(layer, f"{name}.{index}", layers)
                else:
                    yield from self._walk(layer, f"{name}.*", indexes)
        else:
            yield from self._named(name, part.shape, part.role, layers)

    @staticmethod
    def _as_one(stack: Stack, name: str) -> Iterator[Tensors]:
        """The weights of a stack as one tensor."""
        for layer, indexes in stack.kinds:
            weight = layer.children.get("weight") if isinstance(layer, Module) else layer
            if isinstance(weight, Weight):
                yield Tensors(name, (len(indexes), *weight.shape), weight.role)

    def _named(self, name: str, shape: tuple[int, ...], role: Role, layers: tuple[int, ...]) -> Iterator[Tensors]:
        name = self._plain(name)
        in_layer = next((name.removeprefix(stack + "*.") for stack in self._layers if name.startswith(stack)), None)
        module, _, kind = (in_layer or name).rpartition(".")
        if in_layer is None:
            known = self._outside.get(module)
            if known is None and name in self._outside:  # a parameter of its own name
                yield Tensors(self._outside[name].removesuffix("."), shape, role, layers)
                return
            if known is None and self._is_beside_text(name):
                yield Tensors(f"{PROJECTOR}.{name}", shape, role, layers)
            else:
                yield Tensors(f"{known or module or name}.{kind}", shape, role, layers, is_known=known is not None)
            return
        known_here = self._in_layer.get(module) if kind in {"weight", "bias"} else None
        if known_here is None:
            known_here = self._in_layer.get(in_layer)
        yield from self._in_file(known_here, in_layer, kind, shape, role, layers)

    def _in_file(  # noqa: PLR0913, PLR0917 - the parts of a name and of a tensor
        self,
        known: str | list[str] | None,
        in_layer: str,
        kind: str,
        shape: tuple[int, ...],
        role: Role,
        layers: tuple[int, ...],
    ) -> Iterator[Tensors]:
        if known is None:
            yield Tensors(f"blk.*.{in_layer}", _squeezed(shape, role), role, layers, is_known=False)
            return
        if not known:  # a key of the file in place of a tensor
            return
        if role == "experts" and (self._is_stored_in_out or self._row.get("experts_in_out")):
            shape = (*shape[:-2], shape[-1], shape[-2])
        elif self._has_conv1d and role == "linear" and len(shape) == _MATRIX:
            shape = (shape[1], shape[0])
        if isinstance(known, list):
            rows = -1 if role == "bias" or in_layer.endswith("bias") else -2
            shape = (*shape[:rows], shape[rows] // 2, *(shape[rows + 1 :] if rows + 1 else ()))
            for half in known:
                yield Tensors(_full_name(half, kind), shape, role, layers)
        elif known in self._split_names and len(shape) == _MATRIX:
            yield from self._split(known, shape, layers)
        else:
            if self._row.get("state_columns"):
                shape = self._in_columns(known, shape)
            yield Tensors(_full_name(known, kind), _squeezed(shape, role), role, layers)

    def _in_columns(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Numbers of a state-space block as llama.cpp has them: a column a head, a row a group."""
        if name in {"ssm_a.", "ssm_d."}:
            return (*shape, 1)
        groups = self._text.get("mamba_n_groups") or self._text.get("n_groups")
        if name == "ssm_norm" and type(groups) is int and len(shape) == 1:
            return (groups, shape[0] // groups)
        return shape

    def _split(self, name: str, shape: tuple[int, ...], layers: tuple[int, ...]) -> Iterator[Tensors]:
        """What the converter splits: halves of MLA's projection; queries, keys and values, or these from a gate."""
        text, (rows, columns) = self._text, shape
        if name == "attn_q_k_v":
            caches = (cache for cache, _ in self._architecture.layer_caches if isinstance(cache, AttentionCache))
            kept = next((cache.num_key_value_heads * cache.key_head_dim for cache in caches), rows // 3)
            for part, part_rows in (("q", rows - 2 * kept), ("k", kept), ("v", kept)):
                yield Tensors(f"blk.*.attn_{part}.weight", (part_rows, columns), "linear", layers)
            return
        if name == "attn_qkvz":
            gate = text["linear_num_value_heads"] * text["linear_value_head_dim"]
            yield Tensors("blk.*.attn_qkv.weight", (rows - gate, columns), "linear", layers)
            yield Tensors("blk.*.attn_gate.weight", (gate, columns), "linear", layers)
            return
        key_dim, value_dim = text["qk_nope_head_dim"], text["v_head_dim"]
        heads = rows // (key_dim + value_dim)
        yield Tensors("blk.*.attn_k_b.weight", (heads, columns, key_dim), "linear", layers)
        yield Tensors("blk.*.attn_v_b.weight", (heads, value_dim, columns), "linear", layers)

    def _plain(self, name: str) -> str:
        """A name without what a multimodal model puts in front of its language model."""
        for prefix in self._text_prefixes:
            if name.startswith(prefix):
                return "model." + name.removeprefix(prefix)
        return name.removeprefix("thinker.").removeprefix("language_model.")

    def _is_beside_text(self, name: str) -> bool:
        is_multimodal = self._architecture.is_multimodal
        return is_multimodal and not name.startswith(_OF_TEXT)


def _full_name(name: str, kind: str) -> str:
    return f"blk.*.{name[:-1]}" if name.endswith(".") else f"blk.*.{name}.{kind}"


def _squeezed(shape: tuple[int, ...], role: Role) -> tuple[int, ...]:
    """A convolution along the tokens is a matrix of channels and kernel."""
    if role == "conv":
        return (shape[0], prod(shape[1:]))
    return shape
