"""The tensors of a model as its GGUF file holds them: their names, and what is split, stacked or added."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from budsim_widgets.architectures.cache import AttentionCache
from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.architectures.parts import Module, Stack, Weight
from budsim_widgets.data import load_table
from budsim_widgets.formats.gguf.choice import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.architectures.parts import Part, Role

_MATRIX: Final = 2
_PROJECTOR: Final = "mmproj"
_OF_TEXT: Final = ("model.embed_tokens", "model.embedding", "model.norm", "model.per_layer", "model.altup")


class Tensors(NamedTuple):
    """Tensors of one shape, one in each of some layers, or a single one.

    Attributes:
        name: As the file calls it, with `*` in place of the layer.
        shape: Rows before columns, experts first.
        role: What they are for.
        layers: The layers, or () for a tensor outside of them.
        is_known: Whether the name is llama.cpp's own; else the type of a matrix is an assumption.
    """

    name: str
    shape: tuple[int, ...]
    role: Role
    layers: tuple[int, ...] = ()
    is_known: bool = True

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.layers) or 1


class FileTensors(NamedTuple):
    """What the file of a model holds.

    Attributes:
        tensors: Of the language model.
        projector: Of vision and audio, which llama.cpp keeps in a file of its own (`mmproj`).
        model: What the choice of types asks of the model.
        predicting_layers: The last layers, which predict several tokens and are loaded only when asked for.
    """

    tensors: tuple[Tensors, ...]
    projector: tuple[Tensors, ...]
    model: Model
    predicting_layers: int


def gguf_architecture(architecture: Architecture) -> dict[str, Any] | None:
    """The row of `data/gguf_tensors.json` for a model; None where llama.cpp isn't known to run it."""
    rows: dict[str, dict[str, Any]] = load_table("gguf_tensors")["architectures"]
    found = rows.get(architecture.model_type)
    if found is not None and found.get("of_text"):
        return rows.get(str(_text_config(architecture.config).get("model_type")))
    return found


@kept_with_architecture
def file_tensors(architecture: Architecture) -> FileTensors:
    """The tensors of a model's GGUF file.

    Raises:
        KeyError: llama.cpp isn't known to run the model; see `gguf_architecture`.

    Example:
        >>> from budsim_widgets.architectures import build
        >>> found = file_tensors(build({"model_type": "mixtral", "vocab_size": 32000, "hidden_size": 4096,
        ...     "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        ...     "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2}))
        >>> next((tensors.name, tensors.shape) for tensors in found.tensors if "exps" in tensors.name)
        ('blk.*.ffn_gate_exps.weight', (8, 14336, 4096))
    """
    row = gguf_architecture(architecture)
    if row is None:
        raise KeyError(architecture.model_type)
    found = tuple(_Reader(architecture, row).read())
    predicting = _predicting_layers(architecture.config) if row.get("mtp_in_file") else 0
    tensors = tuple(some for some in found if not some.name.startswith(_PROJECTOR))
    if predicting:
        tensors = tuple(_with_prediction(tensors, predicting))
    projector = tuple(some for some in found if some.name.startswith(_PROJECTOR))
    return FileTensors(tensors, projector, _model(architecture, row, tensors), predicting)


def _predicting_layers(config: Mapping[str, Any]) -> int:
    text = _text_config(config)
    given = (text.get(name) for name in ("num_nextn_predict_layers", "mtp_num_hidden_layers"))
    return next((number for number in given if type(number) is int), 0)


def _with_prediction(tensors: tuple[Tensors, ...], number: int) -> Iterator[Tensors]:
    """The tensors with layers for multi-token prediction behind them: each as the last, and what joins its inputs."""
    last = max((layer for some in tensors for layer in some.layers), default=-1)
    added = tuple(range(last + 1, last + 1 + number))
    for some in tensors:
        yield some._replace(layers=some.layers + added) if last in some.layers else some
    size = next(some.shape[-1] for some in tensors if some.name == "token_embd.weight")
    yield Tensors("blk.*.nextn.eh_proj.weight", (size, 2 * size), "linear", added)
    for name in ("enorm", "hnorm", "shared_head_norm"):
        yield Tensors(f"blk.*.nextn.{name}.weight", (size,), "norm", added)


def _model(architecture: Architecture, row: Mapping[str, Any], tensors: tuple[Tensors, ...]) -> Model:
    layers = 1 + max((layer for some in tensors for layer in some.layers), default=-1)
    experts = max((some.shape[0] for some in tensors if some.role == "experts"), default=0)
    cache = next((cache for cache, _ in architecture.layer_caches if isinstance(cache, AttentionCache)), None)
    grouped = cache.num_attention_heads // (cache.num_key_value_heads or 1) if cache else 0
    if row.get("kv_heads_per_layer") and not _has_attention(tensors, layer=0):
        grouped = 0  # llama.cpp asks the first layer
    has_70b_layers = layers == row.get("is_70b")
    return Model(
        architecture=row["name"],
        layers=layers,
        experts=experts,
        heads_per_kv_head=grouped,
        is_tied=not any(some.name == "output.weight" for some in tensors),
        is_70b=has_70b_layers and (row["name"] != "llama" or grouped > 1),
    )


def _has_attention(tensors: tuple[Tensors, ...], *, layer: int) -> bool:
    return any(layer in some.layers and some.name.endswith("attn_k.weight") for some in tensors)


class _Reader:
    """Walks over the parts of one model."""

    def __init__(self, architecture: Architecture, row: Mapping[str, Any]) -> None:
        table = load_table("gguf_tensors")
        self._architecture = architecture
        self._text: Mapping[str, Any] = _text_config(architecture.config)
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
            walked = list(_with_shared_keys(walked))
        if self._row.get("padded_vocab"):
            walked = list(_with_one_vocabulary(walked))
        for tensors in walked:
            yield tensors
            if self._has_expert_bias and tensors.name == "blk.*.ffn_gate_inp.weight":
                yield Tensors("blk.*.exp_probs_b.bias", tensors.shape[:1], "bias", tensors.layers)
        yield from self._rope_factors()

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
            if known is None and self._is_beside_text(name):
                yield Tensors(f"{_PROJECTOR}.{name}", shape, role, layers)
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
        return name.removeprefix("language_model.")

    def _is_beside_text(self, name: str) -> bool:
        is_multimodal = self._architecture.kind == "multimodal"
        return is_multimodal and not name.startswith(_OF_TEXT)

    def _rope_factors(self) -> Iterator[Tensors]:
        """Factors by which positions are scaled, which a file holds where the config computes them."""
        rope = self._text.get("rope_scaling") or self._text.get("rope_parameters") or {}
        kind = (rope.get("rope_type") or rope.get("type")) if isinstance(rope, dict) else None
        heads = self._text.get("num_attention_heads") or 1
        head_dim = self._text.get("head_dim") or int(self._text.get("hidden_size") or 0) // heads
        if kind == "llama3" or self._row.get("rope_freqs"):
            caches = (cache for cache, _ in self._architecture.layer_caches if isinstance(cache, AttentionCache))
            head_dim = max((cache.key_head_dim for cache in caches), default=head_dim)
            yield Tensors("rope_freqs.weight", (head_dim // 2,), "other")
        elif kind in {"longrope", "su"} and isinstance(rope.get("long_factor"), list):
            for name in ("rope_factors_long.weight", "rope_factors_short.weight"):
                yield Tensors(name, (len(rope["long_factor"]),), "other")


def _with_shared_keys(found: list[Tensors]) -> Iterator[Tensors]:
    """The tensors with keys and values in every layer, though some use those of an earlier one."""
    layers = {layer for some in found if some.name == "blk.*.attn_q.weight" for layer in some.layers}
    missing = {
        name: layers - {layer for some in found if some.name == name for layer in some.layers}
        for name in ("blk.*.attn_k.weight", "blk.*.attn_v.weight", "blk.*.attn_k_norm.weight")
    }
    for some in found:
        added = missing.pop(some.name, set())
        yield some._replace(layers=tuple(sorted({*some.layers, *added})))


def _with_one_vocabulary(found: list[Tensors]) -> Iterator[Tensors]:
    """The tensors with as many rows in each embedding as in the largest."""
    names = ("token_embd.weight", "per_layer_token_embd.weight")
    rows = max((some.shape[0] for some in found if some.name in names), default=0)
    for some in found:
        yield some._replace(shape=(rows, *some.shape[1:])) if some.name in names else some


def _full_name(name: str, kind: str) -> str:
    return f"blk.*.{name[:-1]}" if name.endswith(".") else f"blk.*.{name}.{kind}"


def _squeezed(shape: tuple[int, ...], role: Role) -> tuple[int, ...]:
    """A convolution along the tokens is a matrix of channels and kernel."""
    if role == "conv":
        return (shape[0], prod(shape[1:]))
    return shape


def _text_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    text = config.get("text_config")
    return text if isinstance(text, dict) else config
