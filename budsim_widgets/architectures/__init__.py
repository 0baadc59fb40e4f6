"""Config dict → Architecture: its tensors and what each layer caches."""

from __future__ import annotations

from budsim_widgets.architectures.architecture import Architecture
from budsim_widgets.architectures.build import build
from budsim_widgets.architectures.cache import CacheSize
from budsim_widgets.architectures.extras import Extra
from budsim_widgets.architectures.parts import Tensor, TensorGroup

__all__ = ["Architecture", "CacheSize", "Extra", "Tensor", "TensorGroup", "build"]
