"""Configs of every quantization method, as their files have them, for tests that try all of them.

It imports nothing of the package: `tools/answers.py` asks other checkouts with it.
"""

from __future__ import annotations

from typing import Any

QUANTIZATION_CONFIGS: dict[str, list[dict[str, Any]]] = {
    "aqlm": [{"in_group_size": 8, "nbits_per_codebook": 16}],
    "auto-round": [
        {"bits": 4, "group_size": 128},
        {"bits": 4, "packing_format": "auto_round:auto_awq", "extra_config": {"model.layers.0.mlp": {"bits": 16}}},
    ],
    "awq": [{"bits": 4, "group_size": 128}, {"bits": 4, "group_size": 64, "zero_point": False}],
    "bitnet": [{}, {"linear_class": "autobitlinear"}],
    "bitsandbytes": [
        {"load_in_8bit": True},
        {"load_in_4bit": True},
        {"load_in_4bit": True, "bnb_4bit_use_double_quant": True},
    ],
    "compressed-tensors": [
        {
            "format": layout,
            "ignore": ["lm_head"],
            "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}},
        }
        for layout, weights in (
            ("float-quantized", {"num_bits": 8, "type": "float", "strategy": "channel"}),
            ("pack-quantized", {"num_bits": 4, "type": "int", "group_size": 128, "symmetric": True}),
            ("int-quantized", {"num_bits": 8, "type": "int", "strategy": "channel"}),
            ("nvfp4-pack-quantized", {"num_bits": 4, "type": "float", "group_size": 16}),
        )
    ],
    **{
        key: [{}, {"modules_to_not_convert": ["lm_head"]}]
        for key in (
            "nvfp4",
            "nvfp4_online",
            "mxfp_w4a8",
            "quark_mxfp4",
            "fp8_per_channel",
            "ptpc_fp8",
            "w8a8_fp8",
            "fp8_per_block",
            "deepgemm_fp8",
            "auto-round-int8",
            "int8_per_channel_weight_only",
            "tpu_int8",
            "w8a8_int8",
            "experts_int8",
            "fp8_per_tensor",
        )
    },
    "eetq": [{}],
    "exl2": [{"bits": 4.65}],
    "exl3": [{"bits": 3.0, "head_bits": 6}],
    "fbgemm_fp8": [{"modules_to_not_convert": ["lm_head"]}],
    "fouroversix": [{}, {"dtype": "mxfp4"}],
    "fp8": [{"weight_block_size": [128, 128]}, {"activation_scheme": "static"}],
    "fp_quant": [{"forward_dtype": "nvfp4"}, {"forward_dtype": "mxfp4", "store_master_weights": True}],
    "gemma": [{}, {"num_bits": 2, "module_quant_configs": {"mlp": {"num_bits": 8}}}, {"quantize_embeddings": True}],
    "gguf": [{}],
    "gptq": [
        {"bits": 4, "group_size": 128},
        {"bits": 8, "group_size": -1},
        {"bits": 4, "lm_head": True, "dynamic": {"-:.*down_proj": {}, "+:.*\\.0\\..*up_proj": {"bits": 8}}},
        {"bits": 4, "modules_in_block_to_quantize": [["self_attn.q_proj"], ["mlp.up_proj"]]},
    ],
    "higgs": [{"bits": 4}],
    "hqq": [{"quant_config": {"nbits": 4, "group_size": 64}}, {"quant_config": {"self_attn.q_proj": {"nbits": 2}}}],
    "metal": [{}, {"bits": 8, "group_size": 32}],
    "mlx": [{"bits": 4, "group_size": 64}, {"bits": 4, "group_size": 32, "mode": "mxfp4", "lm_head": {"bits": 8}}],
    "modelopt": [
        {"quant_algo": "FP8"},
        {"quant_algo": "NVFP4", "exclude_modules": ["lm_head", "model.layers.0*"]},
        {"quant_algo": "MIXED_PRECISION", "quantized_layers": {"model.layers.0.mlp.up_proj": {"quant_algo": "FP8"}}},
        {"quant_algo": "W4A16_AWQ", "group_size": 128},
        {"quant_algo": "FP8_PB_WO", "moe_quant_algo": "NVFP4"},
    ],
    "mxfp4": [{}],
    "mxfp8": [{"weight_block_size": [1, 32], "scale_fmt": "ue8m0"}],
    "quanto": [{"weights": "int8"}, {"weights": "int4"}],
    "quark": [{"global_quant_config": {"weight": {"dtype": "fp8_e4m3", "qscheme": "per_tensor"}}}, {}],
    "sinq": [{}, {"nbits": 3, "group_size": 128, "tiling_mode": "2D"}],
    "spqr": [{"bits": 3}],
    "torchao": [
        {"quant_type": {"default": {"_type": kind, "_data": {}}}}
        for kind in ("Int8WeightOnlyConfig", "Float8WeightOnlyConfig", "Int4WeightOnlyConfig", "UnknownConfig")
    ],
    "vptq": [
        {"config_for_layers": {"model.layers.0.mlp.up_proj": {"vector_lens": [-1, 8], "num_centroids": [-1, 256]}}}
    ],
}
