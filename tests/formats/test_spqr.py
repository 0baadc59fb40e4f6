from __future__ import annotations

from typing import Any

import pytest

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers
from budsim_widgets.errors import ConfigError
from budsim_widgets.memory.weights import weights_of

LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "vocab_size": 32,
    "dtype": "float16",
}
SIZES = {"dense_weights": 512, "row_offsets": 129, "col_vals": 77, "in_perm": 32}


def _shapes(module: str, **changes: Any) -> dict[str, Any]:
    return {f"{module}.{name}.shape": size for name, size in {**SIZES, **changes}.items()}


def _weights(shapes: dict[str, Any]) -> Any:
    quantization = {"quant_method": "spqr", "bits": 3, "beta1": 16, "beta2": 16, "shapes": shapes}
    return weights_of(build({**LLAMA, "quantization_config": quantization}), "auto", Transformers())


def test_a_files_sizes_are_those_that_its_config_says_of_each_module() -> None:
    up, down = "model.layers.0.mlp.up_proj", "model.layers.1.mlp.down_proj"
    weights = _weights({**_shapes(up), **_shapes(down, col_vals=[99])})
    plain = weights_of(build(LLAMA), "auto", Transformers())
    own = 2 * (512 * 8 + 129 * 4 + 32 * 4) + (77 + 99) * 4
    assert (weights.basis, weights.num_bytes - plain.num_bytes) == ("exact", own - 2 * 2 * 64 * 128)


def test_without_sizes_it_is_an_estimate_that_says_so() -> None:
    weights = _weights({})
    assert weights.basis == "estimate"
    assert any("one in a hundred" in note for note in weights.notes)


@pytest.mark.parametrize("size", [-1, "7", [1, 2], None, 2**41])
def test_a_size_that_cannot_be_is_refused_with_its_field(size: object) -> None:
    with pytest.raises(ConfigError) as refusal:
        _weights(_shapes("model.layers.0.mlp.up_proj", col_vals=size))
    assert "col_vals" in str(refusal.value.field)
