"""Layers that predict tokens beyond the next one: files hold them, transformers doesn't build them with the model.

Each joins the state below it with the embedding of the token that was predicted before, passes both through a layer of
the model, and norms: `enorm`, `hnorm`, `eh_proj` of [hidden_size, 2 · hidden_size], a decoder layer, a last norm.
Sources: DeepSeek-V3's `README_WEIGHTS.md`, and `MtpLayer` in transformers' `modeling_layers.py`. Where files hold them,
each class of transformers says in `_keys_to_ignore_on_load_unexpected`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.buffers import correction_biases, with_correction_bias
from budsim_widgets.architectures.blocks.layers import embedding, linear, rms_norm
from budsim_widgets.architectures.extras import Extra
from budsim_widgets.architectures.parts import Module, Stack, module, nested, num_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from budsim_widgets.architectures.config import Config

_COUNT_FIELDS: Final = (
    "num_nextn_predict_layers",
    "num_mtp_layers",
    "mtp_num_hidden_layers",
    "mtp_num_layers",
)
_MAX_LAYERS: Final = 16
"""Released models have up to three; a config with more than this says something else."""


def appended_layers(c: Config, root: Module) -> tuple[Extra, ...]:
    """As many copies of the last layer behind it as the config says, perhaps with copies of embedding and head."""
    return copied_layers(c, root, num_prediction_layers(c))


def appended_routed_layers(c: Config, root: Module) -> tuple[Extra, ...]:
    """The same for DeepSeek-V3's kind, and what the routers of its experts hold besides.

    DeepSeek-V3's `model.layers.61`: 11,610,068,224 parameters, and twice 129,280 · 7,168. With them and 256 numbers for
    each of 58 routers, its files hold what the Hub counts: 680,571,043,840 in fp8 and 3,960,342,160 others.
    """
    path, layers = decoder_layers(c, root)
    count, biases = num_prediction_layers(c), correction_biases(path, layers)
    if not count:
        return biases

    def copies() -> list[Module]:
        return [with_correction_bias(last_layer(layers))] * count

    return (*_with_tables(text_part(c), path, count, copies, num_layers(layers)), *biases)


def layers_at(path: str, *, is_size_noted: bool = False) -> Callable[[Config, Module], tuple[Extra, ...]]:
    """Copies of the last layer that stand in a list of their own.

    Args:
        path: The list, such as `mtp.layers`.
        is_size_noted: Whether the note names their size: published totals or published code confirm it.
    """

    def described(c: Config, root: Module) -> tuple[Extra, ...]:
        count = num_prediction_layers(c)
        if not count:
            return ()
        _, layers = decoder_layers(c, root)
        size = text_part(c).hidden_size
        return (
            prediction_layers(size, path, count, lambda: [last_layer(layers)] * count, is_size_noted=is_size_noted),
        )

    return described


def prediction_layers(  # noqa: PLR0913 - what they are, where, and how many
    hidden_size: int,
    path: str,
    count: int,
    layers: Callable[[], Sequence[Module]],
    *,
    first: int = 0,
    is_size_noted: bool = False,
) -> Extra:
    """Layers for multi-token prediction.

    Args:
        hidden_size: The width of the text model.
        path: The list in which they stand.
        count: How many there are.
        layers: Gives the decoder layer of each.
        first: The index of the first.
        is_size_noted: Whether the note names their size: published totals or published code confirm it.

    Example:
        MiMo-7B holds one: a layer of 177,219,584 parameters, 2 · 4,096² and 3 · 4,096.

        >>> from budsim_widgets.architectures.parts import Weight
        >>> layer = module(layer=Weight((177_219_584,)))
        >>> prediction_layers(4096, "model.mtp_layers", 1, lambda: [layer]).num_parameters
        210786304
    """

    def part() -> Module:
        kinds = tuple((_joined(hidden_size, layer), (index,)) for index, layer in enumerate(layers(), start=first))
        return nested(path, Stack(kinds))

    return Extra("prediction_layers", count, part, is_size_noted)


def _joined(hidden_size: int, layer: Module) -> Module:
    """A decoder layer with what joins its two inputs, and norms what comes out."""
    norm = rms_norm(hidden_size)
    join = linear(2 * hidden_size, hidden_size, role="other")  # quantized files leave it as it is
    around = {"enorm": norm, "hnorm": norm, "eh_proj": join, "shared_head": module(norm=norm)}
    return module({**layer.children, **around}, cache=layer.cache)


def prediction_tables(vocab_size: int, hidden_size: int, path: str, count: int, *, first: int = 0) -> Extra:
    """A copy of the embedding and one of the head for each of these layers."""

    def part() -> Module:
        head = linear(hidden_size, vocab_size, role="head")
        tables = module(embed_tokens=embedding(vocab_size, hidden_size), shared_head=module(head=head))
        return nested(path, Stack(((tables, tuple(range(first, first + count))),)))

    return Extra("prediction_tables", count, part)


def num_prediction_layers(c: Config, *, default: int = 0) -> int:
    """How many layers for multi-token prediction a config, or its text part, speaks of; 0 for an absurd number.

    Args:
        c: The config.
        default: How many there are where the config says nothing.
    """
    for fields in (text_part(c).fields, c.fields):
        for name in _COUNT_FIELDS:
            if name in fields:
                count = fields[name]
                return count if type(count) is int and 0 < count <= _MAX_LAYERS else 0
    return default


def text_part(c: Config) -> Config:
    """The config of the text model: `text_config` of a multimodal one, else the whole."""
    text: Config = c.get("text_config", c)
    return text


def copied_layers(c: Config, root: Module, count: int) -> tuple[Extra, ...]:
    """Copies of the last layer behind it, with what joins and norms, and the tables that files may hold for each.

    Args:
        c: The config: `hidden_size`, `vocab_size`.
        root: What it builds.
        count: How many copies.
    """
    if not 0 < count <= _MAX_LAYERS:
        return ()
    path, layers = decoder_layers(c, root)
    return _with_tables(text_part(c), path, count, lambda: [last_layer(layers)] * count, num_layers(layers))


def decoder_layers(c: Config, root: Module) -> tuple[str, Stack]:
    """Where the decoder layers of the text model stand, and the layers: the largest stack of `num_hidden_layers`."""
    count = text_part(c).get("num_hidden_layers", 0)
    found: list[tuple[str, Stack]] = []
    _gather_stacks(found, root, "")
    counted = [place for place in found if num_layers(place[1]) == count] or found
    if len(counted) <= 1:
        return counted[0] if counted else ("layers", Stack(()))
    return max(counted, key=lambda place: num_parameters(place[1]))


def num_layers(layers: Stack) -> int:
    """How many layers stand in a stack."""
    return sum([len(indexes) for _, indexes in layers.kinds])


def last_layer(layers: Stack) -> Module:
    """The layer that stands last in a stack; an empty one where there is none."""
    last = max(layers.kinds, key=lambda kind: kind[1][-1], default=(module(), ()))[0]
    return last if isinstance(last, Module) else module(layer=last)


def _with_tables(
    text: Config, path: str, count: int, layers: Callable[[], Sequence[Module]], first: int
) -> tuple[Extra, ...]:
    size = text.hidden_size
    return (
        prediction_layers(size, path, count, layers, first=first),
        prediction_tables(text.vocab_size, size, path, count, first=first),
    )


def _gather_stacks(found: list[tuple[str, Stack]], part: Module, prefix: str) -> None:
    """The stacks of a model, under their paths; what their layers hold isn't looked into."""
    for name, child in part.children.items():
        if type(child) is Stack:
            found.append((prefix + name, child))
        elif type(child) is Module:
            _gather_stacks(found, child, f"{prefix}{name}.")
