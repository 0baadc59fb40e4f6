"""The parts of a panel by the names that people and programs know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from budsim_widgets.panel.inputs.inputs import Inputs


def name_parts(panel: Any, inputs: Inputs) -> None:
    """Makes the fields and buttons attributes of a panel."""
    models, hardware, workload, training = inputs.models, inputs.hardware, inputs.workload_fields, inputs.training
    parts = {
        "model_input": models.model,
        "compare_input": models.compare,
        "compare_button": models.start_comparing,
        "accelerator_input": hardware.accelerator,
        "device_count_input": hardware.device_count,
        "engine_input": workload.engine,
        "precision_input": workload.precision,
        "kv_cache_precision_input": workload.kv_cache_precision,
        "batch_size_input": workload.batch_size,
        "seq_length_input": workload.seq_length,
        "context_slider": workload.context_slider,
        "gpu_layers_input": workload.gpu_layers,
        "cpu_moe_layers_input": workload.cpu_moe_layers,
        "method_input": training.method,
        "lora_rank_input": training.lora_rank,
        "tool_input": training.tool,
        "optimizer_input": training.optimizer,
        "sharding_input": training.sharding,
        "gradient_checkpointing_input": training.gradient_checkpointing,
        "finetune_button": training.start,
        "use_input": training.use,
        "calculate_button": inputs.calculate,
        "analyze_button": inputs.analyze,
        "saved_button": inputs.open_saved,
    }
    for name, part in parts.items():
        setattr(panel, name, part)
