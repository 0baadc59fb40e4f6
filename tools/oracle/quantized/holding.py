"""What transformers holds of a model whose files are quantized: its own quantizer's modules, on the meta device."""

from __future__ import annotations

import contextlib
import re
from copy import deepcopy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import torch
import transformers
from transformers.quantizers.auto import AutoHfQuantizer, AutoQuantizationConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

_SWIZZLED_ROWS, _SWIZZLED_COLUMNS = 128, 4


class Held:
    """A model without memory for its weights, and the bytes that its tensors would take.

    Args:
        config: Its config.
        architecture: Its class.
    """

    def __init__(self, config: dict[str, Any], architecture: str) -> None:
        model_class = getattr(transformers, architecture)
        parsed = model_class.config_class.from_dict(deepcopy(config))
        with torch.device("meta"):
            self.model = model_class._from_config(parsed, dtype=torch.bfloat16)  # noqa: SLF001 - what from_pretrained calls
        self.model.tie_weights()
        self._own = list(self.model.modules())  # kept, so that their ids stay theirs

    @property
    def linear_layers(self) -> list[str]:
        """The names of its linear layers."""
        return [name for name, module in self.model.named_modules() if isinstance(module, torch.nn.Linear)]

    def num_bytes(self) -> int:
        """Bytes of all parameters, tied ones once, and of the buffers of modules that a quantizer put in."""
        strict = self.model._keep_in_fp32_modules_strict  # noqa: SLF001 - as loading does
        kept = re.compile("|".join(strict)) if strict else None
        own = set(map(id, self._own))
        parameters = sum(
            tensor.numel() * (4 if kept and kept.search(name) else tensor.element_size())
            for name, tensor in self.model.named_parameters()
        )
        return parameters + sum(_buffer_bytes(module) for module in self.model.modules() if id(module) not in own)

    def quantize(self, quantization: dict[str, Any]) -> None:
        """Put in the modules that transformers makes for files of this quantization."""
        parsed = AutoQuantizationConfig.from_dict(deepcopy(quantization))
        quantizer = AutoHfQuantizer.from_config(parsed, pre_quantized=True)
        with kernels_stood_in_for(), torch.device("meta"):
            quantizer._process_model_before_weight_loading(  # noqa: SLF001 - as `preprocess_model` calls it
                self.model,
                device_map={"": "cpu"},
                keep_in_fp32_modules=self.model._keep_in_fp32_modules,  # noqa: SLF001
            )
        self.model.tie_weights()


def _buffer_bytes(module: nn.Module) -> int:
    return sum(buffer.numel() * buffer.element_size() for buffer in module.buffers(recurse=False))


@contextlib.contextmanager
def kernels_stood_in_for() -> Iterator[None]:
    """Kernels that only a GPU has, and that no module's tensors depend on.

    The shape of NVFP4's swizzled scales is what cuBLAS documents: tiles of 128 rows and four scales, four to a word.
    """

    def swizzled(rows: int, columns: int) -> tuple[int, int]:
        height = -(-rows // _SWIZZLED_ROWS) * _SWIZZLED_ROWS
        return height, -(-columns // 16 // _SWIZZLED_COLUMNS)

    folder, nvfp4 = "transformers.integrations", SimpleNamespace(swizzled_sf_shape=swizzled)
    with (
        mock.patch(f"{folder}.hub_kernels.get_kernel", return_value=SimpleNamespace()),
        mock.patch(f"{folder}.fbgemm_fp8.get_quantize_fp8_per_row", return_value=None),
        mock.patch(f"{folder}.nvfp4.load_nvfp4_kernel", return_value=nvfp4),
    ):
        yield
