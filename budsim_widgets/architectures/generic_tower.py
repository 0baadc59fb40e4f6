"""An estimate for a tower that nobody has described: transformer layers of the sizes that its config names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from budsim_widgets.architectures.parts import Module, Weight, module, repeat

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTHS: Final = ("hidden_size", "width", "embed_dim", "n_state", "d_model", "n_embd")
_DEPTHS: Final = ("num_hidden_layers", "layers", "depth", "n_layer", "encoder_layers", "num_layers", "n_layers")
_FEED_FORWARDS: Final = ("intermediate_size", "encoder_ffn_dim", "ffn_dim", "mlp_dim")
_GATED: Final = ("silu", "swiglu", "swish")
_CHANNELS: Final = 3
_USUAL_RATIO: Final = 4.0
_MOST_LAYERS: Final = 200
_MOST_WIDTH: Final = 100_000
_DEEPEST: Final = 3


def generic_tower(fields: Mapping[str, Any], width_out: int | None = None) -> Module | None:
    """Layers with attention and a feed-forward block, a patch embedding, and a projection into the language model.

    Args:
        fields: The tower's config, or one that holds it in an object of its own (`backbone_config`).
        width_out: Width of the language model; None: no projection.

    Returns:
        The tower, or None where the config names no sizes.

    Example:
        Qwen-VL's `visual`: 48 layers of width 1,664, a feed-forward block 4.9231 times as wide.

        >>> from budsim_widgets.architectures.parts import num_parameters
        >>> num_parameters(generic_tower({"width": 1664, "layers": 48, "mlp_ratio": 4.9231, "patch_size": 14}))
        1841548800
    """
    sized = _sized(fields, _DEEPEST)
    if sized is None:
        return None
    width, layers = _first(sized, _WIDTHS), _first(sized, _DEPTHS)
    inner = _first(sized, _FEED_FORWARDS) or int(width * _ratio(sized))
    matrices = 3 if str(sized.get("hidden_act") or "").lower() in _GATED else 2
    layer = module(
        attention=Weight((4 * width, width), "linear"),
        feed_forward=Weight((matrices * inner, width), "linear"),
        norms=Weight((4 * width,), "norm"),
    )
    patch = _first(sized, ("patch_size",))
    return module(
        embedding=Weight((width, _CHANNELS, patch, patch), "conv") if 0 < patch <= width else None,
        layers=repeat(layers, layer),
        projection=Weight((width_out, width), "linear") if width_out else None,
    )


def _sized(fields: Mapping[str, Any], depth: int) -> Mapping[str, Any] | None:
    """The object that names width and depth: this one, or one inside of it."""
    if 0 < _first(fields, _WIDTHS) <= _MOST_WIDTH and 0 < _first(fields, _DEPTHS) <= _MOST_LAYERS:
        return fields
    inner = (value for value in fields.values() if isinstance(value, dict)) if depth else ()
    found = (_sized(value, depth - 1) for value in inner)
    return next((sized for sized in found if sized is not None), None)


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> int:
    values = (fields.get(name) for name in names)
    return next((value for value in values if type(value) is int and value > 0), 0)


def _ratio(fields: Mapping[str, Any]) -> float:
    ratio = fields.get("mlp_ratio")
    is_usual = isinstance(ratio, (int, float)) and not isinstance(ratio, bool) and 0 < ratio <= 100  # noqa: PLR2004
    return float(ratio) if is_usual and ratio is not None else _USUAL_RATIO
