"""What holds for every entry of a registry, so that a new one can't be forgotten anywhere."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from architectures.oracle_rows import rows
from memory.configs import RELEASED, released

from budsim_widgets.actions import Actions
from budsim_widgets.architectures import build
from budsim_widgets.engines import CACHE_PRECISIONS, ENGINES, WEIGHT_PRECISIONS, Engine, Workload, engine_of
from budsim_widgets.errors import WorkloadError
from budsim_widgets.fitting import recommend
from budsim_widgets.formats import READERS, engine_methods, read_format
from budsim_widgets.formats.named_files import FILE_FORMATS
from budsim_widgets.formats.stored_tensor import STORED_BYTES
from budsim_widgets.memory import MemoryReport, measure
from budsim_widgets.verification.checkpoint import expected_counts

if TYPE_CHECKING:
    from budsim_widgets.formats.base import QuantizedFormat

KINDS = {
    "encoder-only": "bert",
    "encoder-decoder": "t5",
    "multimodal": "llava",
    "hybrid": "bamba",
    "sliding window": "gemma3_text",
    "linear attention": "qwen3_next",
}
"""Kinds of models beside the released ones, each with a type whose defaults make one."""

PARALLEL = [(1, 1), (2, 1), (1, 2), (4, 2)]
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
    **{name: [{}, {"modules_to_not_convert": ["lm_head"]}] for name in engine_methods.NAMES},
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


@cache
def of_kind(kind: str) -> Any:
    """A model of this kind."""
    config = next(row["config"] for row in rows("defaults") if row["model_type"] == KINDS[kind])
    return build({**config, "architectures": None})


@pytest.mark.parametrize("name", [*sorted(RELEASED), *KINDS])
@pytest.mark.parametrize("engine", ENGINES)
def test_every_precision_of_every_engine_is_answered_or_refused(engine: str, name: str) -> None:
    model = models_by_name(name)
    for precision in WEIGHT_PRECISIONS:
        for cache_precision in CACHE_PRECISIONS:
            for tensor_parallel, pipeline_parallel in PARALLEL:
                asked: dict[str, Any] = {
                    "engine": engine,
                    "precision": precision,
                    "kv_cache_precision": cache_precision,
                    "tensor_parallel": tensor_parallel,
                    "pipeline_parallel": pipeline_parallel,
                }
                answer = answered(model, asked)
                if isinstance(answer, WorkloadError):
                    assert answer.field in asked, asked
                    assert answer.next_step
                else:
                    _check(answer, model)


def answered(model: Any, asked: dict[str, Any]) -> MemoryReport | WorkloadError:
    """The report, or the refusal; anything else that is raised fails the test."""
    try:
        return measure(model, Workload(**asked))
    except WorkloadError as error:
        return error


def models_by_name(name: str) -> Any:
    return released(name) if name in RELEASED else of_kind(name)


def _check(report: Any, model: Any) -> None:
    engine: Engine = report.workload.engine
    assert report.workload.precision in engine.weight_precisions
    assert report.workload.kv_cache_precision in engine.cache_precisions
    assert len(report.per_device) == report.workload.num_devices
    low, high = report.total_bytes_range
    assert 0 < low <= report.total_bytes <= high
    assert all(line.basis == report.basis_of[line.key] for line in report.lines)
    assert model.basis == "exact" or report.basis == "estimate"
    assert json.loads(json.dumps(report.to_dict()))["workload"]["engine"]["name"] == engine.name


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [*sorted(RELEASED), *KINDS])
def test_reports_of_every_engine_can_be_shown(engine: str, name: str) -> None:
    report = measure(models_by_name(name), Workload(engine=engine, seq_length=100_000))
    assert engine in repr(report)
    assert "<table" in report._repr_html_()
    assert len(report.to_frame()) == len(report.lines) + 1
    assert recommend(report)


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_every_engine_comes_back_from_its_dict_and_answers_for_its_own_names(engine: Engine) -> None:
    assert engine_of(engine.to_dict()) == engine
    assert engine_of(json.loads(json.dumps(engine.to_dict()))) == engine
    assert engine_of(engine.label) == engine
    for smaller, names in (
        (engine.smaller_weight_precisions, engine.weight_precisions),
        (engine.smaller_cache_precisions, engine.cache_precisions),
    ):
        assert set(smaller) <= set(names)
    for precision in engine.weight_precisions:
        assert engine.weight_precision(released("llama"), precision).dtype in {"fp32", "bf16", "fp16"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("field", ["precision", "kv_cache_precision"])
def test_what_an_engine_does_not_run_is_refused_with_what_it_does(engine: str, field: str) -> None:
    own = ENGINES[engine].weight_precisions if field == "precision" else ENGINES[engine].cache_precisions
    for name in {*WEIGHT_PRECISIONS, *CACHE_PRECISIONS, "int3"} - {*own}:
        answer = answered(released("llama"), {"engine": engine, field: name})
        if isinstance(answer, WorkloadError):
            assert answer.field == field
            assert all(known in answer.next_step for known in own)
        else:
            assert getattr(answer.workload, field) in own  # another spelling of a name that it has


@pytest.mark.parametrize("method", READERS)
def test_every_format_lists_its_tensors_and_is_verified_by_them(method: str) -> None:
    for fields in QUANTIZATION_CONFIGS[method]:
        form = read_format({"quant_method": method, **fields})
        _check_format(form)
        config = {**RELEASED["mixtral"], "quantization_config": {"quant_method": method, **fields}}
        architecture = Actions().architecture(config)
        report = measure(architecture, Workload())
        assert report.file_bytes > 0
        assert report.basis_of["weights"] == "estimate" or form.basis == "exact"
        assert report.basis_of["weights"] == "estimate" or expected_counts(architecture), "a format that isn't verified"
        for precision in form.precisions:
            if precision in report.workload.engine.weight_precisions:
                assert measure(architecture, Workload(precision=precision)).weight_bytes == report.weight_bytes


@pytest.mark.parametrize("precision", FILE_FORMATS)
def test_every_format_that_files_are_called_by_runs_somewhere(precision: str) -> None:
    _check_format(FILE_FORMATS[precision][0])
    assert any(precision in engine.weight_precisions for engine in ENGINES.values())


def _check_format(form: QuantizedFormat) -> None:
    tensors = form.tensors(256, 512)
    assert all(tensor.dtype in STORED_BYTES and tensor.numel >= 0 for tensor in tensors)
    assert len({tensor.name for tensor in tensors}) == len(tensors)
    assert tensors[0].in_file
    assert tensors[0].in_memory
    assert form.key
    assert form.label
    assert all(name in WEIGHT_PRECISIONS or "int" in name for name in form.precisions)
