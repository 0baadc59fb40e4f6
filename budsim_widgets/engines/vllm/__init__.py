"""vLLM: reserves its share of a device, and hands out the KV cache in blocks."""

from __future__ import annotations

from budsim_widgets.engines.vllm.engine import VLLM

__all__ = ["VLLM"]
