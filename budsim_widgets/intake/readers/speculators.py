"""Configs of the library speculators: a draft, with the config of its layers and the name of the other model inside."""

from __future__ import annotations

from typing import Any, Final

from budsim_widgets.intake.defaults import declaration_of, resolve_fields
from budsim_widgets.intake.readers.json_text import Parsed

_LAYERS: Final = "transformer_layer_config"
_KIND: Final = "speculators_model_type"

_CLASSES: Final = {
    "dflash": "DFlashSpeculator",
    "dflash2": "DFlash2DraftModel",
    "dspark": "DSparkSpeculator",
    "eagle3": "Eagle3Speculator",
    "mtp": "MTPDraftModel",
    "peagle": "PEagleSpeculator",
    "xpress": "XPressSpeculator",
}
"""The kinds of drafts that are read, and what their configs name as the class. The kind decides which one is built."""

_OF_LAYERS: Final = "qwen3"
"""The type of the layers where the config inside names none."""

_OUTER: Final = frozenset({_LAYERS, "architectures", "auto_map", "model_type", "has_no_defaults_at_init"})


def is_speculator(fields: dict[str, Any]) -> bool:
    """Whether an object is such a config, of a kind that is read.

    Example:
        >>> is_speculator({"speculators_model_type": "eagle3", "transformer_layer_config": {"hidden_size": 64}})
        True
    """
    kind, layers = fields.get(_KIND), fields.get(_LAYERS)
    return isinstance(kind, str) and kind in _CLASSES and isinstance(layers, dict) and bool(layers)


def convert(fields: dict[str, Any]) -> Parsed:
    """One config of the draft: the fields of its layers, with all defaults of their class, and its own.

    A config that transformers writes leaves out what equals the default of its class, sizes included.

    Source: `SpeculatorModelConfig` and its kinds in speculators 0.9.

    Example:
        >>> layers = {"model_type": "llama", "num_hidden_layers": 1}
        >>> draft = {"speculators_model_type": "eagle3", "transformer_layer_config": layers}
        >>> found = convert(draft).value
        >>> found["model_type"], found["layer_model_type"], found["hidden_size"]
        ('speculator_eagle3', 'llama', 4096)
    """
    kind, layers = fields[_KIND], {"model_type": _OF_LAYERS, **fields[_LAYERS]}
    known = declaration_of(layers)
    sizes = resolve_fields({**(known.defaults if known else {}), **layers})
    own = {name: value for name, value in fields.items() if name not in _OUTER}
    # An object around the draft's may say in which format its numbers are; that of its layers says the same, or less.
    dtype = fields.get("dtype") or fields.get("torch_dtype") or sizes.get("dtype")
    config = {
        **{name: value for name, value in sizes.items() if name not in {"architectures", "dtype", "torch_dtype"}},
        **own,
        **({"torch_dtype": dtype, "dtype": dtype} if dtype else {}),
        "model_type": f"speculator_{kind}",
        "layer_model_type": layers["model_type"],
        "architectures": [_CLASSES[kind]],
    }
    return Parsed(config, "json", ("took the draft's config out of a speculators config",))
