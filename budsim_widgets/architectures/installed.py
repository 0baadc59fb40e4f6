"""What the transformers in this kernel builds, for a model type that nobody has described here.

It is asked only where it is installed together with torch; the model is built on the meta device, which holds no
weights, and code from the Hub is never run.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from budsim_widgets.architectures.generic import generic_decoder
from budsim_widgets.architectures.parts import Module, Role, Weight, caches, module
from budsim_widgets.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budsim_widgets.architectures.cache import LayerCache
    from budsim_widgets.architectures.config import Config

_FETCHING_FIELDS = frozenset({"auto_map", "custom_pipelines", "_name_or_path", "backbone", "use_pretrained_backbone"})
"""Fields that name what transformers would fetch, and so are kept from it; kernels (`…_implementation`) are, too."""

_AUTO_CLASSES = ("AutoModelForCausalLM", "AutoModelForImageTextToText", "AutoModelForSeq2SeqLM", "AutoModelForMaskedLM")
_EXPERT_AXES = 3
_REFUSALS = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, AssertionError),
    ImportError,  # a class that needs another library
)
"""What its hundreds of model classes raise for a config that doesn't fit them."""


def built_by_transformers(c: Config) -> tuple[Module, str] | None:
    """The model that the installed transformers builds, and a note that says so; None where it can't.

    The parameters are its own; what the model caches isn't asked of it, and is estimated from the config's dimensions.
    Importing torch takes seconds: call it off the event loop.
    """
    if find_spec("torch") is None or find_spec("transformers") is None:
        return None
    import transformers  # noqa: PLC0415 - seconds, and only for types that are unknown here

    model = _on_meta(transformers, c)
    if model is None:
        return None
    held = _estimated_caches(c)
    root = module(dict(_weights(model)), cache=held)
    cache_note = "its cache is estimated" if held else "its cache isn't known"
    return (
        root,
        f"Parameters are those that the installed transformers {transformers.__version__} builds; {cache_note}.",
    )


def harmless(value: Any) -> Any:
    """A config, or a part of one, without the fields that make transformers fetch or run what they name.

    Example:
        >>> harmless({"hidden_size": 64, "text_config": {"attn_implementation": "somebody/kernel"}})
        {'hidden_size': 64, 'text_config': {}}
    """
    if isinstance(value, Mapping):
        return {
            name: harmless(part)
            for name, part in value.items()
            if name not in _FETCHING_FIELDS and "_implementation" not in name
        }
    if isinstance(value, (list, tuple)):
        return [harmless(part) for part in value]
    return value


def _on_meta(transformers: Any, c: Config) -> Any:
    """The model without weights, or None where transformers refuses the config."""
    import torch  # noqa: PLC0415 - as above

    fields = harmless(c.fields)
    try:
        config = transformers.AutoConfig.for_model(fields.pop("model_type", ""), **fields)
        auto = _auto_class(transformers, config)
        if auto is None:
            return None
        with torch.device("meta"):
            return auto.from_config(config, trust_remote_code=False, attn_implementation="eager")
    except _REFUSALS:
        return None


def _auto_class(transformers: Any, config: Any) -> Any:
    """The class that generates from such a config, else the next best; None where there is none."""
    known = (getattr(transformers, name, None) for name in _AUTO_CLASSES)
    # The mapping isn't public, but there is no other way to ask without building.
    return next((auto for auto in known if auto and type(config) in auto._model_mapping), None)  # noqa: SLF001


def _weights(model: Any) -> Iterator[tuple[str, Weight]]:
    """Each parameter once: `named_parameters` leaves out what is tied."""
    owners = dict(model.named_modules())
    for name, parameter in model.named_parameters():
        owner = owners[name.rpartition(".")[0]]
        yield name, Weight(tuple(parameter.shape), _role(name, type(owner).__name__, parameter.ndim))


def _role(name: str, owner: str, num_axes: int) -> Role:
    if name.endswith("bias"):
        return "bias"
    if "Norm" in owner:
        return "norm"
    if owner.startswith("Conv") and num_axes > _EXPERT_AXES - 1:
        return "conv"
    if owner == "Linear":
        return "head" if name.startswith("lm_head") else "linear"
    if owner == "Embedding":
        return "embedding"
    return "experts" if num_axes == _EXPERT_AXES else "other"


def _estimated_caches(c: Config) -> tuple[LayerCache, ...]:
    try:
        decoder = generic_decoder(c)
    except ConfigError:
        return ()
    return tuple(cache for cache, count in caches(decoder) for _ in range(count))
