"""A change that would make a model fit, in the words of the form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from budsim_widgets.fitting.sentences import place_words
from budsim_widgets.translation import mark, tr, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from budsim_widgets.fitting import Option

_LABELS: Final = {
    "batch_size": mark("batch size"),
    "seq_length": mark("context"),
    "precision": mark("precision"),
    "kv_cache_precision": mark("KV cache"),
    "tensor_parallel": mark("number of devices"),
    "gpu_layers": mark("layers on the GPU"),
    "cpu_moe_layers": mark("experts in RAM"),
    "num_devices": mark("number of devices"),
    "method": mark("method"),
    "attention": mark("attention"),
    "lora_rank": mark("LoRA rank"),
    "optimizer": mark("optimizer"),
    "gradient_checkpointing": mark("gradient checkpointing"),
    "sharding": mark("shared with"),
    "gradient_accumulation": mark("gradient accumulation"),
    "loss": mark("loss"),
    "offload_optimizer": mark("optimizer in the computer's memory"),
}
_VALUES: Final = {
    ("method", "full"): mark("full fine-tuning"),
    ("method", "lora"): "LoRA",
    ("method", "qlora"): "QLoRA",
    ("optimizer", "adamw-8bit"): mark("AdamW in 8 bits"),
    ("gradient_checkpointing", "offload"): mark("kept in the computer's memory"),
    ("loss", "fused"): mark("in pieces"),
    ("offload_optimizer", "True"): "",
}
_IN_PYTHON: Final = re.compile(rf"\b(?P<name>{'|'.join(_LABELS)})=(?P<value>'[\w.+-]{{1,40}}'|\d{{1,15}})")


def changes_text(changes: Mapping[str, object]) -> str:
    """What is changed, field by field.

    Example:
        >>> changes_text({"seq_length": 4096, "precision": "fp8"})
        'context 4,096, precision fp8'
    """
    return ", ".join(f"{tr(_LABELS.get(name, name))} {_value(name, value)}".strip() for name, value in changes.items())


def advice(sentences: Iterable[str]) -> Iterator[str]:
    """What the calculator recommends, in the words of the form: it says `seq_length=4096`, as in Python.

    Example:
        >>> list(advice(["seq_length=65536 saves 1.00 GiB and leaves 2.00 GiB."]))
        ['context 65,536 saves 1.00 GiB and leaves 2.00 GiB.']
    """
    for sentence in sentences:
        yield _IN_PYTHON.sub(_in_words, translated(sentence))


def option_label(option: Option) -> str:
    """What a button says.

    Example:
        >>> from budsim_widgets.fitting import Option
        >>> option_label(Option({"precision": "fp8"}, 2**31, 2**30, "fits"))
        'precision fp8: fits, 1.00 GiB free'
    """
    return f"{changes_text(option.changes)}: {place_words(option.verdict, option.free_bytes)}"


def _in_words(found: re.Match[str]) -> str:
    value = found["value"].strip("'")
    return changes_text({found["name"]: int(value) if value.isdecimal() else value})


def _value(name: str, value: object) -> str:
    named = _VALUES.get((name, str(value)))
    if named is not None:
        return tr(named) if named else ""
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return f"{value:,}" if isinstance(value, int) else str(value)
