"""Why a config may describe another number of parameters than the Hub publishes: the likeliest cause, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from budsim_widgets.architectures.blocks.multi_token_prediction import copied_layers, decoder_layers, last_layer
from budsim_widgets.architectures.config import Config
from budsim_widgets.architectures.parts import num_parameters
from budsim_widgets.data import load_table
from budsim_widgets.printable import quoted, shortened
from budsim_widgets.units import format_count
from budsim_widgets.verification.checkpoint import counts_with_extras

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from budsim_widgets.architectures import Architecture
    from budsim_widgets.hub import HubInfo

_CLOSE_SHARE: Final = 2e-5
_CLOSE_NUMBERS: Final = 2048

_MAX_LAYERS: Final = 512
_MAX_UNDECLARED_LAYERS: Final = 3
_NAME_CHARACTERS: Final = 80


def slack_of(published: int) -> float:
    """By how much two counts may differ and still be the same: files hold small buffers too.

    DeepSeek-V3's correction biases are 2·10⁻⁸ of the whole, BERT's positions 5·10⁻⁶; another vocabulary of Llama 3
    would be 3·10⁻⁴.
    """
    return max(_CLOSE_NUMBERS, _CLOSE_SHARE * published)


def is_close(count: int, published: int) -> bool:
    """Whether two counts differ by no more than buffers do."""
    return abs(count - published) <= slack_of(published)


def likely_cause(architecture: Architecture, info: HubInfo, published: int, stored: Mapping[str, int]) -> str:
    """The likeliest cause, in a sentence or two.

    Args:
        architecture: What the config builds.
        info: What the Hub publishes.
        published: Its number of parameters.
        stored: Numbers of parameters of other models that are kept here.

    Example:
        "That is as many as meta-llama/Llama-3.1-8B has: was its config pasted?"
    """
    return next(_causes(architecture, info, published, stored))


def _causes(architecture: Architecture, info: HubInfo, published: int, stored: Mapping[str, int]) -> Iterator[str]:
    count, model_type = architecture.num_parameters, architecture.model_type
    same = _model_with_as_many(count, {**load_table("published")["parameters"], **stored}, info.model_id)
    if same:
        yield f"That is as many as {shortened(same, _NAME_CHARACTERS)} has: was its config pasted?"
    if info.model_type and model_type and info.model_type != model_type:
        yield (
            f"The Hub says that this is a {quoted(info.model_type)} model, the config is one for "
            f"{quoted(model_type)}: is it the config of another model, or a part of this one's?"
        )
    yield from _other_head(architecture, published)
    yield from _undeclared_prediction_layers(architecture, published)
    yield from _other_value(architecture, published)
    if published > count and "preprocessor_config.json" in info.siblings and architecture.kind != "multimodal":
        yield (
            f"The model's repository has parts for images or sound, perhaps the {format_count(published - count)} "
            "parameters that are missing here: was only the text part of its config pasted?"
        )
    yield "Is it the config of another model?"


def _model_with_as_many(count: int, counts: Mapping[str, int], model_id: str) -> str | None:
    """Another model with as many parameters."""
    return next(
        (name for name, other in counts.items() if is_close(count, other) and name.casefold() != model_id.casefold()),
        None,
    )


def _other_head(architecture: Architecture, published: int) -> Iterator[str]:
    """Whether a head of its own, or the lack of one, makes the difference."""
    table = text_field(architecture, "vocab_size") * _width(architecture)
    if table and is_close(architecture.num_parameters + table, published) and not _has_head(architecture):
        yield (
            "The difference is an output head of its own: either `tie_word_embeddings` should be false, or the "
            "published files hold a copy."
        )
    if table and is_close(architecture.num_parameters - table, published) and _has_head(architecture):
        yield "The difference is the output head: should `tie_word_embeddings` be true?"


def _undeclared_prediction_layers(architecture: Architecture, published: int) -> Iterator[str]:
    """Layers for multi-token prediction that the files hold and the config doesn't speak of."""
    c = Config(architecture.config)
    if (
        not _layer_parameters(architecture)
        or not _width(architecture)
        or any(extra.kind == "prediction_layers" for extra in architecture.extras)
    ):
        return
    for count in range(1, _MAX_UNDECLARED_LAYERS + 1):
        assumed = copied_layers(c, architecture.root, count)
        for extras, expected in counts_with_extras(architecture, assumed):
            if extras and any(is_close(count.total, published) for count in expected):
                size = format_count(sum(extra.num_parameters for extra in extras))
                yield (
                    f"It would agree with {assumed[0].label} ({size}) in the files, which transformers doesn't build "
                    "and the config doesn't speak of."
                )


def _other_value(architecture: Architecture, published: int) -> Iterator[str]:
    """The field that would make both agree, if it had another value."""
    missing = published - architecture.num_parameters
    layers, per_layer = text_field(architecture, "num_hidden_layers"), _layer_parameters(architecture)
    if layers and per_layer:
        needed = layers + round(missing / per_layer)
        if 0 < needed <= _MAX_LAYERS and needed != layers and _leaves_little(missing, per_layer, published):
            yield f"It would agree with {needed} layers in place of {layers}: is it the config of another size?"
    width, words = _width(architecture), text_field(architecture, "vocab_size")
    if width and words:
        tables = 2 if _has_head(architecture) else 1
        needed = words + round(missing / (tables * width))
        if words / 2 < needed < words * 2 and missing % (tables * width) == 0:
            yield (
                f"It would agree with a vocabulary of {needed:,} in place of {words:,}: is it the config of another "
                "version?"
            )


def _leaves_little(missing: int, per_layer: int, published: int) -> bool:
    rest = missing - round(missing / per_layer) * per_layer
    return abs(rest) <= slack_of(published)


def _width(architecture: Architecture) -> int:
    return text_field(architecture, "hidden_size")


def text_field(architecture: Architecture, name: str) -> int:
    """A whole number of the config's text part or of the config; 0 where there is none."""
    for fields in (architecture.text_config, architecture.config):
        value = fields.get(name)
        if type(value) is int:
            return value
    return 0


def _layer_parameters(architecture: Architecture) -> int:
    """Parameters of the last decoder layer; 0 where there is none."""
    _, layers = decoder_layers(Config(architecture.config), architecture.root)
    return num_parameters(last_layer(layers))


def _has_head(architecture: Architecture) -> bool:
    return any(group.role == "head" for group in architecture.tensor_groups)
