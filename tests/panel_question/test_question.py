from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import budsim_widgets as bw
from budsim_widgets.engines import ENGINES, LlamaCpp, Workload
from budsim_widgets.errors import BudsimError, ModelIdError, WorkloadError
from budsim_widgets.panel_question.code import panel_code
from budsim_widgets.panel_question.question import ASKS, KNOWN, Question, changed
from budsim_widgets.panel_question.training_fields import SHARINGS, changed_training
from budsim_widgets.training.names import METHODS, OPTIMIZERS, TOOLS

MODEL = "org/model"
TOKEN = "hf_" + "aB3" * 12

engines = st.sampled_from(sorted(ENGINES)) | st.sampled_from(
    [
        {"name": "llama.cpp", "gpu_layers": 7, "flash_attention": False, "cpu_moe_layers": 3},
        {"name": "llama.cpp", "mmproj": "f16"},
        {"name": "vllm", "version": "0.10", "gpu_memory_utilization": 0.5, "max_num_seqs": 16},
        {"name": "vllm", "version": "0.7.3", "enforce_eager": True},
        {"name": "sglang", "mem_fraction_static": 0.8},
        {"name": "transformers", "attention": "eager"},
    ]
)
trainings = st.builds(
    lambda **given: changed_training(given),
    method=st.sampled_from(METHODS),
    lora_rank=st.integers(1, 65_536),
    optimizer=st.sampled_from(OPTIMIZERS),
    tool=st.sampled_from(TOOLS),
    sharding=st.sampled_from(SHARINGS),
    gradient_checkpointing=st.booleans(),
)
questions = st.builds(
    Question,
    model=st.from_regex(r"[A-Za-z0-9]{1,10}/[\w.-]{1,20}", fullmatch=True).filter(str.isascii),
    workload=st.builds(
        lambda **given: changed(given),
        batch_size=st.integers(1, 4096),
        seq_length=st.integers(1, 1_000_000),
        tensor_parallel=st.sampled_from([1, 2, 8]),
        precision=st.sampled_from(["auto", "bf16", "fp32"]),
        engine=engines,
    ),
    accelerator=st.sampled_from(["", "RTX 4090 24GB", "2x RTX 3090"]),
    compare=st.lists(st.sampled_from(["a/b", "org/x y", "org/caf\u00e9", "a&b=c#d?e"]), max_size=3).map(tuple),
    ask=st.sampled_from(ASKS),
    training=trainings,
)


@given(questions)
def test_a_question_comes_back_from_its_query(question: Question) -> None:
    assert Question.from_query(question.to_query()) == question
    assert Question.from_query(f"https://host/user/me/budsim/panel?{question.to_query()}") == question


def test_settings_of_an_engine_come_back_too() -> None:
    engine = {"name": "llama_cpp", "gpu_layers": 7, "flash_attention": False}
    found = Question.from_query(Question(MODEL, {"engine": engine}).to_query())
    assert Workload.of(**found.workload).engine == LlamaCpp(gpu_layers=7, flash_attention=False)


def test_a_version_is_no_number() -> None:
    assert Question.from_query("engine=vllm&engine.version=0.10").workload["engine"]["version"] == "0.10"


def test_other_spellings_are_those_of_the_fields() -> None:
    found = Question.from_query("ask=finetune&optimizer=adamw_torch_fused&sharding=fsdp2&tool=transformers")
    assert found.training == {"optimizer": "adamw-fused", "sharding": "fsdp", "tool": "peft"}


def test_a_question_without_anything_is_one() -> None:
    assert Question.from_query("") == Question()
    assert Question().to_query() == ""


def test_what_front_ends_add_is_left_out() -> None:
    assert Question.from_query("?model=org/model&theme=dark&token=abc&redirects=1") == Question(MODEL)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("batch_size=0", "batch_size"),
        ("batch_size=1.5", "batch_size"),
        ("batch_size=-1", "batch_size"),
        ("batch_size=9999999999999999", "batch_size"),
        ("batch_size=1&batch_size=2", "batch_size"),
        ("seq_length=\u0661\u0662", "seq_length"),
        ("engine=nothing", "engine"),
        ("engine=__import__('os')", "engine"),
        ("precision=nothing", "precision"),
        ("engine=vllm&engine.max_num_seqs=many", "max_num_seqs"),
        ("engine=vllm&engine.__class__=1", "engine"),
        ("accelerator=nothing", "accelerator"),
        ("actions=1", "actions"),
        ("ask=everything", "ask"),
        ("ask=finetune&method=magic", "method"),
        ("method=full&method=lora", "method"),
        ("lora_rank=0", "lora_rank"),
        ("lora_rank=65537", "lora_rank"),
        ("lora_rank=1e3", "lora_rank"),
        ("optimizer=<b>", "optimizer"),
        ("tool=none", "tool"),
        ("sharding=zero1", "sharding"),
        ("gradient_checkpointing=offload", "gradient_checkpointing"),
        ("gradient_checkpointing=1", "gradient_checkpointing"),
        ("lora_targets=q_proj", "lora_targets"),
        ("precision=none", "precision"),
        ("engine=none", "engine"),
        ("engine=vllm&engine.version=none", "version"),
        ("model", "query"),
        ("model=" + "x" * 5000, "query"),
        ("&".join(f"compare=a/{number}" for number in range(200)), "query"),
    ],
)
def test_what_is_no_parameter_is_refused_with_its_name(query: str, field: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        Question.from_query(query)
    assert caught.value.field == field
    assert caught.value.next_step


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\u202eb", "x" * 201, TOKEN, f"org/{TOKEN}"])
@pytest.mark.parametrize("key", ["model", "compare"])
def test_what_is_no_model_is_refused_and_a_token_not_repeated(key: str, text: str) -> None:
    from urllib.parse import urlencode  # noqa: PLC0415 - written as a browser does

    with pytest.raises(ModelIdError) as caught:
        Question.from_query(urlencode({key: text}))
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("question", [Question(TOKEN), Question("a/b", compare=(TOKEN,)), Question("a/b", {}, TOKEN)])
def test_a_question_with_a_token_is_no_link(question: Question) -> None:
    assert question.to_link_query() == ""


hostile = st.text(max_size=40) | st.sampled_from(
    ["none", "true", "0", "auto", "vllm", "qlora", "zero3", "9" * 15, "1e9"]
)


@given(
    st.text(max_size=300)
    | st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=5)
    | st.lists(st.tuples(st.sampled_from([*sorted(KNOWN), "engine.version", "engine.name"]), hostile), max_size=6)
)
def test_any_query_is_a_question_or_refused(given_: Any) -> None:
    from urllib.parse import urlencode  # noqa: PLC0415 - written as a browser does

    query = given_ if isinstance(given_, str) else urlencode(given_, errors="replace")
    try:
        question = Question.from_query(query)
    except BudsimError:
        return
    again = Question.from_query(question.to_query())
    assert Workload.of(**again.workload) == Workload.of(**question.workload)
    assert (again.ask, again.training) == (question.ask, changed_training(question.training))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60))
def test_what_stands_in_a_link_is_never_code(text: str) -> None:
    """The call is one call of one name, whose arguments are values."""
    call = ast.parse(panel_code(Question(text, {"batch_size": 2}, text, (text,))), mode="eval").body
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.func) == "bw.MemoryPanel"
    assert ast.literal_eval(call.args[0]) == text
    assert {keyword.arg for keyword in call.keywords} == {"batch_size", "compare", "accelerator"}
    assert all(ast.literal_eval(keyword.value) is not None for keyword in call.keywords)


def test_a_panel_opens_with_the_question_of_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    link = "https://host/budsim/panel?model=org%2Fmodel&batch_size=4&accelerator=RTX+4090&engine=vllm&compare=a%2Fb"
    panel = bw.MemoryPanel.from_link(link)
    code = "bw.MemoryPanel('org/model', batch_size=4, engine='vllm', compare=['a/b'], accelerator='RTX 4090 24GB')"
    assert panel.to_code() == code
    assert bw.MemoryPanel.from_link(panel.to_query()).to_code() == code
    monkeypatch.setenv("QUERY_STRING", "model=org/other&seq_length=4096")
    assert bw.MemoryPanel.from_link().to_code() == "bw.MemoryPanel('org/other', seq_length=4096)"
    monkeypatch.delenv("QUERY_STRING")
    assert bw.MemoryPanel.from_link().to_code() == "bw.MemoryPanel('')"
    assert bw.MemoryPanel.from_link("model=org/m", language="zh").calculate_button.description != "Calculate memory"


@pytest.mark.parametrize(
    ("model", "given", "field"),
    [
        *((model, {}, "model_id") for model in (5, b"x", [], {"model_type": "llama"})),
        *(("org/model", {"compare": compare}, "compare") for compare in (5, [5], {"a": 1}, b"x")),
        *(("org/model", {"training": training}, "training") for training in (5, "lora", ["lora"], [])),
    ],
    ids=str,
)
def test_what_is_no_id_and_no_fields_is_refused_with_its_name(model: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        Question.of(model, **given)
    assert caught.value.field == field
    assert caught.value.next_step


def test_one_model_to_compare_may_stand_by_itself() -> None:
    assert Question.of("org/model", compare="org/other").compare == ("org/other",)
