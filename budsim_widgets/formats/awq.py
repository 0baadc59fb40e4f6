"""AWQ, as AutoAWQ, llm-awq and GPTQModel write it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from budsim_widgets.formats import generic
from budsim_widgets.formats.base import Assigned
from budsim_widgets.formats.integers import GroupQuantized
from budsim_widgets.formats.module_names import EVERYTHING, NUMBERED_LAYERS, parts_of_names

if TYPE_CHECKING:
    from budsim_widgets.formats.base import QuantizedFormat
    from budsim_widgets.formats.fields import Fields

_BITS: Final = (2, 3, 4, 8)
_VERSIONS: Final = ("gemm", "gemv", "gemv_fast", "exllama", "marlin", "ipex", "llm-awq", "torch_awq", "torch_fused_awq")
_COMPARED: Final = frozenset({"gemm", "exllama", "marlin", "ipex", "torch_awq", "torch_fused_awq"})
"""Versions whose files are laid out as those of `gemm`; kernels repack them while they load."""


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: awq`, whose older files spell the fields `w_bit` and `q_group_size`.

    Modules are left out where a part of their name is listed: `exclude_layers_to_not_quantize` of AutoAWQ. It
    quantizes nothing outside of the language model's layers.

    Raises:
        ConfigError: Its bits or its group size can't be.
    """
    bits = fields.number("bits" if "bits" in fields else "w_bit", 4, choices=_BITS)
    group_size = fields.group_size("group_size" if "group_size" in fields.values else "q_group_size", 128)
    name = next((name for name in ("version", "format", "checkpoint_format") if name in fields), "version")
    version = fields.choice(name, "gemm", _VERSIONS)
    listed = parts_of_names(fields.names("modules_to_not_convert") or ())
    skip_modules = ("lm_head", *listed)
    if version not in _COMPARED:
        return generic.GenericQuantization(
            skip_modules=skip_modules,
            is_for_text=True,
            method=f"awq {version}",
            bits=bits,
            group_size=group_size,
            is_declared=True,
        )
    form = GroupQuantized(
        key="awq", bits=bits, group_size=group_size, has_zeros=fields.flag("zero_point", default=True)
    )
    return replace(
        form,
        is_for_text=True,
        skip_modules=skip_modules,
        assigned=(Assigned((NUMBERED_LAYERS,), form), Assigned((EVERYTHING,), None)),
    )
