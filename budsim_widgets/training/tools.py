"""What each training tool does differently, as data: formats of the adapters, upcasts, losses, kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_MIB: Final = 2**20


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool's way of training.

    Attributes:
        label: What people call it.
        adapter_dtype: Format of the adapters on a 16-bit base.
        upcasts_rest: Whether everything that a 4-bit base leaves unquantized (embedding, head, norms) becomes fp32.
        optimizer: The implementation of AdamW that it runs by default.
        loss: How it computes the loss by default: `whole` in fp32, `chunked`, or `fused` with the head.
        has_fused_kernels: Whether norms, rotary positions and the gated activation run in kernels that keep only their
            inputs, and adapters share the input of their layer.
        has_own_layers: Whether it has layers of its own, whose activation functions are torch's kernels and whose norms
            multiply in fp32.
        keeps_4bit_inputs: Whether frozen layers in 4 bits keep their inputs, as bitsandbytes did up to 0.42.
        steps_in_backward: Whether an 8-bit optimizer steps inside the backward pass, so that one gradient stands at a
            time.
        master_bytes: Bytes a trained 16-bit parameter of the fp32 copy that the optimizer works on.
        accumulated_gradient_bytes: Bytes a trained parameter of gradients in a second format.
        bucket_elements: Elements of its buffers for gradients and weights on their way between devices.
        source: Where this stands.
    """

    label: str
    adapter_dtype: Literal["fp32", "bf16"] = "fp32"
    upcasts_rest: bool = False
    optimizer: str = "adamw-fused"
    loss: Literal["whole", "chunked", "fused"] = "whole"
    has_fused_kernels: bool = False
    has_own_layers: bool = False
    keeps_4bit_inputs: bool = False
    steps_in_backward: bool = False
    master_bytes: int = 0
    accumulated_gradient_bytes: int = 0
    bucket_elements: int = 0
    source: str = ""


TOOLS: Final[dict[str, Tool]] = {
    "peft": Tool(
        label="transformers and PEFT",
        upcasts_rest=True,
        source="peft/utils/other.py prepare_model_for_kbit_training, autocast_adapter_dtype; optim=adamw_torch_fused",
    ),
    "trl": Tool(
        label="TRL",
        upcasts_rest=True,
        source="SFTTrainer on PEFT: prepare_model_for_kbit_training for a quantized base",
    ),
    "unsloth": Tool(
        label="Unsloth",
        loss="fused",
        has_fused_kernels=True,
        source="unsloth/kernels: RMSNorm, RoPE, SwiGLU and LoRA as kernels that keep only their inputs; the loss fused "
        "with the head in chunks",
    ),
    "axolotl": Tool(
        label="Axolotl",
        source="on Trainer and PEFT; embeddings and norms go back to 16 bits after the preparation for 4 bits",
    ),
    "llamafactory": Tool(
        label="LLaMA-Factory",
        source="on Trainer and PEFT; prepares the model itself: norms only with upcast_layernorm, adapters in fp32",
    ),
    "torchtune": Tool(
        label="torchtune",
        adapter_dtype="bf16",
        loss="chunked",
        has_own_layers=True,
        steps_in_backward=True,
        source="recipes: bf16 throughout, CEWithChunkedOutputLoss with 8 chunks, optimizer_in_bwd with PagedAdamW8bit",
    ),
    "litgpt": Tool(
        label="LitGPT",
        adapter_dtype="bf16",
        optimizer="adamw-foreach",
        has_own_layers=True,
        keeps_4bit_inputs=True,
        source="finetune/lora.py: bf16-true, torch.optim.AdamW; logits in fp32, since Fabric converts outputs; "
        "pins bitsandbytes 0.42, whose MatMul4Bit keeps its input",
    ),
    "deepspeed": Tool(
        label="DeepSpeed",
        adapter_dtype="bf16",
        master_bytes=4,
        accumulated_gradient_bytes=4,
        bucket_elements=500_000_000,
        source="bf16 engine: fp32 copy and fp32 gradients (data_types.grad_accum_dtype); reduce_bucket_size 5e8",
    ),
}
"""Every tool by name."""
