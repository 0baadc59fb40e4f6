"""Quantizations of each of transformers' methods, drawn at random within what its config class takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_NAMED = 0.6  # of the lists name the head besides


def skipped(random: Random, linear_layers: Sequence[str]) -> list[str] | None:
    """A list of modules that stay as they are: whole names, ends, parts of the tree, patterns; or no list."""
    if random.random() < 1 / 2:
        return random.choice([None, [], ["lm_head"]])
    spellings: tuple[Callable[[str], str], ...] = (
        str,
        lambda name: name.rpartition(".")[2],
        lambda name: ".".join(name.split(".")[-2:]),
        lambda name: name.rpartition(".")[0] or name,
        lambda name: re.sub(r"\.\d+\.", ".*", name),
        lambda name: re.sub(r"\.\d+\.", r"\\.\\d+\\.", name),
    )
    names = [random.choice(spellings)(random.choice(linear_layers)) for _ in range(random.randint(1, 3))]
    return names + ["lm_head"] * (random.random() < _NAMED)


def drawn(method: str, random: Random, names: list[str] | None) -> dict[str, Any]:
    """A `quantization_config` of a method.

    Args:
        method: One of `METHODS`.
        random: Where its values come from.
        names: Modules that stay as they are.
    """
    name = "linear_weights_not_to_quantize" if method == "aqlm" else "modules_to_not_convert"
    listed = {} if names is None else {name: names}
    return {"quant_method": method, **METHODS[method](random), **listed}


def _fp8(random: Random) -> dict[str, Any]:
    fields = {
        "activation_scheme": random.choice(["dynamic", "static"]),
        "weight_block_size": random.choice([[128, 128], [64, 64], [1, 32], [128, 64], None]),
        "scale_fmt": random.choice(["float", "ue8m0"]),
        "expert_dtype": random.choice(["fp8", "fp8", "fp4"]),
    }
    return {**fields, "dequantize": True} if random.random() < 1 / 8 else fields


def _gemma(random: Random) -> dict[str, Any]:
    named = [{}, {"mlp": {"num_bits": 2}}, {".*self_attn": {"num_bits": 8}, "^model": {"num_bits": 2}}]
    return {"num_bits": random.choice([2, 4, 8]), "module_quant_configs": random.choice(named)}


METHODS: dict[str, Callable[[Random], dict[str, Any]]] = {
    "aqlm": lambda random: {
        "in_group_size": random.choice([4, 8]),
        "out_group_size": random.choice([1, 2]),
        "num_codebooks": random.choice([1, 2]),
        "nbits_per_codebook": random.choice([8, 12, 16]),
    },
    "bitnet": lambda random: {
        "linear_class": random.choice(["bitlinear", "autobitlinear"]),
        "quantization_mode": random.choice(["online", "offline"]),
        "use_rms_norm": random.random() < 1 / 3,
    },
    "eetq": lambda _: {"weights": "int8"},
    "fbgemm_fp8": lambda _: {"activation_scale_ub": 1200.0},
    "fp8": _fp8,
    "fp_quant": lambda random: {
        "forward_dtype": random.choice(["mxfp4", "nvfp4"]),
        "hadamard_group_size": random.choice([None, 32, 64, 128]),
        "store_master_weights": random.random() < 1 / 5,
    },
    "gemma": _gemma,
    "higgs": lambda random: {
        "bits": random.choice([2, 3, 4]),
        "group_size": random.choice([64, 128, 256]),
        "hadamard_size": random.choice([256, 512, 1024]),
    },
    "metal": lambda random: {"bits": random.choice([2, 4, 8]), "group_size": random.choice([32, 64, 128])},
    "mxfp8": lambda _: {"weight_block_size": [1, 32], "scale_fmt": "ue8m0"},
    "nvfp4": lambda _: {},
}
"""What each method's config holds beside its list of modules."""
