"""Names of the parts of multimodal models that read pictures and sound, in files and in transformers."""

from __future__ import annotations

from typing import Final

from budsim_widgets.formats.module_names import REGEX

TOWERS: Final = tuple(
    f"{REGEX}.*{word}"
    for word in (
        *("visual", "vision", "audio", "image_", "multi_modal_projector", "mm_projector", "connector"),
        *("aligner", "qformer", "perceiver", "resampler", "modality_projection"),
    )
)
"""Modules of such parts, in the language of `formats.skip_modules`."""

_EXPERTS: Final = ".mlp.experts"
_EXPERTS_OF_MINIMAX: Final = ".block_sparse_moe.experts"
"""What the files of Mixtral, and of MiniMax after it, call them."""


def older_names(name: str) -> tuple[str, ...]:
    """What files of earlier versions of transformers call a module of a multimodal model.

    Since version 4.52 everything but the head lies below `model`; quantized files, and their lists, keep the names of
    their own version.

    Example:
        >>> older_names("model.visual.blocks.0.attn.qkv")
        ('visual.blocks.0.attn.qkv',)
        >>> older_names("model.language_model.norm")
        ('language_model.model.norm', 'model.norm', 'language_model.norm')
        >>> older_names("model.language_model.layers.3.mlp.experts")[-1]
        'language_model.model.layers.3.block_sparse_moe.experts'

    Source: `conversion_mapping.py` of transformers 5.24.
    """
    if name == "lm_head":
        return ("language_model.lm_head",)
    part, _, rest = name.removeprefix("model.").partition(".")
    if not name.startswith("model.") or not rest:
        return ()
    if part == "language_model":
        usual = f"language_model.model.{rest}", f"model.{rest}", f"language_model.{rest}"
        has_experts = _EXPERTS in rest
        return (*usual, usual[0].replace(_EXPERTS, _EXPERTS_OF_MINIMAX)) if has_experts else usual
    return (f"{part}.{rest}",)
