"""The question of a panel, and the query of an address that holds it: a link opens a panel that asks the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args
from urllib.parse import urlencode

from budsim_widgets.access_tokens import holds_token
from budsim_widgets.engines import Workload
from budsim_widgets.engines.names import unknown_name
from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import find_accelerator
from budsim_widgets.panel_question import query as reading
from budsim_widgets.panel_question.training_fields import TRAINING_FIELDS, changed_training, check_training
from budsim_widgets.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

Ask: TypeAlias = Literal["calculate", "analyze", "compare", "finetune"]
"""What is asked: what running takes, how it grows with the context, which of several models, what training takes."""

ASKS: Final[tuple[Ask, ...]] = get_args(Ask)


@dataclass(frozen=True)
class Question:
    """What stands in the fields of a panel, and what is asked with them.

    Attributes:
        model: The model; empty for none.
        workload: The parameters, as `Workload.of` takes them.
        accelerator: On what it should fit; empty for the smallest that does.
        compare: Models to compare.
        ask: What is asked.
        training: The fields of fine-tuning, as `bw.finetune` calls them; batch, length and devices are the workload's.
    """

    model: str = ""
    workload: Mapping[str, Any] = field(default_factory=dict)
    accelerator: str = ""
    compare: tuple[str, ...] = ()
    ask: Ask = "calculate"
    training: Mapping[str, Any] = field(default_factory=dict)

    def to_query(self) -> str:
        """The question as the query of an address, what is as usual left out.

        Example:
            >>> Question("org/model", {"batch_size": 4}, "RTX 4090 24GB").to_query()
            'model=org%2Fmodel&batch_size=4&accelerator=RTX+4090+24GB'
            >>> Question("org/model", ask="finetune", training={"method": "qlora", "lora_rank": 8}).to_query()
            'model=org%2Fmodel&ask=finetune&method=qlora&lora_rank=8'
        """
        pairs: list[tuple[str, object]] = [("model", self.model)] if self.model else []
        pairs += [("ask", self.ask)] if self.ask != "calculate" else []
        for key, value in changed(self.workload).items():
            pairs += _engine_pairs(value) if key == "engine" else [(key, value)]
        pairs += [(key, reading.written(value)) for key, value in changed_training(self.training).items()]
        pairs += [("accelerator", self.accelerator)] if self.accelerator else []
        return urlencode([*pairs, *(("compare", model) for model in self.compare)])

    def to_link_query(self) -> str:
        """The same for a link to hand on: empty where an access token stands in a field."""
        return "" if any(map(holds_token, (self.model, self.accelerator, *self.compare))) else self.to_query()

    @classmethod
    def of(  # noqa: PLR0913 - the fields of a panel
        cls,
        model: str,
        *,
        compare: str | Iterable[str] = (),
        accelerator: str | None = None,
        device_count: int | None = None,
        ask: str = "calculate",
        training: Mapping[str, Any] | None = None,
        **workload: Any,
    ) -> Question:
        """The question of the keywords that `MemoryPanel` takes.

        Raises:
            WorkloadError: A parameter is out of range, unknown, or no text where one is needed; `.field` names it.

        Example:
            >>> Question.of("org/model", accelerator="2x3090").accelerator
            'RTX 3090 24GB'
        """
        compared = _ids(compare)
        _check_ids(model_id=(model,), compare=compared)
        named, count = find_accelerator(accelerator) if accelerator else (None, 1)
        workload["tensor_parallel"] = count if device_count is None else device_count
        checked = Workload.of(**workload)
        if ask not in ASKS:
            raise unknown_name("ask", ask, ASKS)
        return cls(
            model=model,
            workload={name: getattr(checked, name) for name in workload},
            accelerator=named.name if named else "",
            compare=compared,
            ask=next(one for one in ASKS if one == ask),
            training=check_training({} if training is None else training),
        )

    @classmethod
    def from_query(cls, query: str) -> Question:
        """The question of a query, or of an address that ends with one; every value is checked, nothing is executed.

        Raises:
            ModelIdError: A model is no text that an id can be, or holds an access token.
            WorkloadError: A parameter isn't known, no number, out of range, or said twice; `.field` names it.

        Example:
            >>> Question.from_query("https://host/budsim/panel?model=org%2Fmodel&batch_size=4").workload
            {'batch_size': 4}
        """
        link = reading.LinkQuery.of(query, known=KNOWN)
        accelerator = link.given.get("accelerator", "")
        if accelerator:
            find_accelerator(accelerator)
        workload = {**link.whole_numbers(NUMBERS), **link.names(NAMES)}
        settings = link.engine_settings(workload.get("engine", Workload().engine.name))
        workload |= {"engine": settings} if settings else {}
        Workload.of(**workload)
        training = link.names(TRAINING_NAMES) | link.whole_numbers(TRAINING_NUMBERS) | link.switches(TRAINING_SWITCHES)
        return cls(
            model=link.model,
            workload=workload,
            accelerator=accelerator,
            compare=link.compared,
            ask=link.choice("ask", ASKS),
            training=check_training(training),
        )


NUMBERS: Final = ("batch_size", "seq_length", "tensor_parallel")
NAMES: Final = ("precision", "kv_cache_precision", "engine")
TRAINING_NUMBERS: Final = ("lora_rank",)
TRAINING_SWITCHES: Final = ("gradient_checkpointing",)
TRAINING_NAMES: Final = ("method", "optimizer", "tool", "sharding")
KNOWN: Final = frozenset({"model", "compare", "accelerator", "ask", *NUMBERS, *NAMES, *TRAINING_FIELDS})
"""What a link may say, beside the settings of its engine."""


def changed(workload: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that aren't as usual.

    Example:
        >>> changed({"batch_size": 1, "seq_length": 4096})
        {'seq_length': 4096}
    """
    usual = Workload()
    defaults = {**usual.to_dict(), "engine": usual.engine.name}
    return {key: value for key, value in workload.items() if value != defaults[key]}


def _engine_pairs(engine: str | Mapping[str, Any]) -> list[tuple[str, object]]:
    if isinstance(engine, str):
        return [("engine", engine)]
    settings = {key: value for key, value in engine.items() if key != "name"}
    return [
        ("engine", engine["name"]),
        *((f"{reading.ENGINE_SETTING}{key}", reading.written(value)) for key, value in settings.items()),
    ]


def _ids(given: Any) -> tuple[Any, ...]:
    """What was given as one model, as one of several."""
    return tuple(given) if isinstance(given, Iterable) and not isinstance(given, (str, bytes, dict)) else (given,)


def _check_ids(**given: tuple[Any, ...]) -> None:
    for name, ids in given.items():
        for one in ids:
            if not isinstance(one, str):
                raise WorkloadError(
                    f"{name} takes ids of models on the Hub, not {quoted(one, 80)}.",
                    field=name,
                    next_step="Give one such as meta-llama/Llama-3.1-8B; bw.calculate takes a config.",
                )
