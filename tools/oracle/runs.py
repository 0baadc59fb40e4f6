"""What a small model's cache holds after a real forward pass in bfloat16."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import transformers
from grouping import starred
from meta import build, own_part, parsed, refusals, time_limit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

MAX_PARAMETERS = 20_000_000
RUN_SECONDS = 30
CACHES = (
    "cache",
    "past_key_values",
    "past_buckets_states",
    "cache_params",
    "state",
    "rnn_state",
    "mems",
    "encoder_past_key_values",
    "padding_cache",
)
KEYS_AND_VALUES = ("keys", "values", "prefill_keys", "prefill_values")
WHOLE_TEXT = ("cpmant",)  # takes the text from its beginning, and cuts off what the cache holds


class TooLargeError(Exception):
    """The model is too large to be run just for its cache."""


@dataclass(frozen=True)
class Run:
    """How many tokens a model is given: a prompt at once, then some one by one."""

    batch: int
    prompt: int
    decode: int

    @classmethod
    def drawn(cls, random: Random) -> Run:
        """A short random run."""
        return cls(random.randint(1, 3), random.randint(2, 40), random.choice((0, 0, 1, 4)))


def run_row(config: dict[str, Any], architecture: str, run: Run) -> dict[str, Any]:
    """What the cache holds after a run, as a saved row has it.

    Raises:
        RefusedError: transformers doesn't build or run it.
        TooLargeError: it has more than `MAX_PARAMETERS`.
    """
    if build(config, architecture).num_parameters > MAX_PARAMETERS:
        raise TooLargeError(architecture)
    with refusals(), time_limit(RUN_SECONDS), torch.no_grad():
        model = _model(config, architecture)
        held = list(_tensors(_cache_after(model, run)))
    kv = [tensor for name, tensor in held if name.rsplit(".", 1)[-1] in KEYS_AND_VALUES]
    state = [tensor for name, tensor in held if name.rsplit(".", 1)[-1] not in KEYS_AND_VALUES]
    decoded = run.decode + (run.prompt // 2 if model.config.is_encoder_decoder else run.prompt)
    return {
        "batch": run.batch,
        "seq_length": decoded,
        "encoder_length": run.prompt,
        "kv_bytes": _bytes(kv),
        "state_bytes": _bytes(state),
        "tensors": _counted(held),
    }


def _model(config: dict[str, Any], architecture: str) -> Any:
    model_class = getattr(transformers, architecture)
    read = own_part(parsed(config), model_class)
    read.dtype = torch.bfloat16
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        model = model_class(read).eval()
    finally:
        torch.set_default_dtype(before)
    _keep_in_fp32(model)
    return model


def _keep_in_fp32(model: Any) -> None:
    """As `from_pretrained` does: some modules stay in fp32 whatever the model's format."""
    names = model._keep_in_fp32_modules_strict  # noqa: SLF001 - where transformers says which
    kept = re.compile("|".join(name.replace("*", ".*") for name in names)) if names else None
    for name, weights in model.state_dict(keep_vars=True).items():
        if kept is not None and kept.search(name):
            weights.data = weights.data.float()


def _cache_after(model: Any, run: Run) -> Any:
    tokens = torch.ones((run.batch, run.prompt), dtype=torch.long)
    given = _inputs(model, tokens)
    answer = model(**given, use_cache=True)
    for _ in range(run.decode):
        last = torch.zeros((run.batch, 1), dtype=torch.long)
        if model.config.model_type in WHOLE_TEXT:
            last = tokens = torch.cat((tokens, last), dim=1)
        given = _next_inputs(model, given, last)
        answer = model(**given, **_caches_of(answer), use_cache=True)
    caches = _caches_of(answer)
    return caches if len(caches) > 1 else next(iter(caches.values()))


def _inputs(model: Any, tokens: torch.Tensor) -> dict[str, Any]:
    """What a model is given for a prompt; an encoder reads it first and apart, as in `generate`."""
    if not model.config.is_encoder_decoder:
        return {"input_ids": tokens, **_heard(model, tokens)}
    given = _read(model, tokens)
    if "encoder_outputs" in inspect.signature(model.forward).parameters:
        given = {"encoder_outputs": model.get_encoder()(**given, return_dict=True)}
    return {**given, "decoder_input_ids": _written(model, tokens[:, : tokens.shape[1] // 2])}


def _read(model: Any, tokens: torch.Tensor) -> dict[str, Any]:
    """What an encoder reads: the tokens, sound or pictures."""
    config = model.config
    if model.main_input_name == "input_features":
        shape = (len(tokens), config.num_mel_bins, 2 * config.max_source_positions)
        return {"input_features": torch.zeros(shape, dtype=torch.bfloat16)}
    if model.main_input_name == "pixel_values":
        return {"pixel_values": _pictures(config, len(tokens))}
    return {"input_ids": tokens}


def _next_inputs(model: Any, given: dict[str, Any], last: torch.Tensor) -> dict[str, Any]:
    if model.config.is_encoder_decoder:
        return {**given, "decoder_input_ids": _written(model, last)}
    return {"input_ids": last, **_heard(model, last)}


def _heard(model: Any, tokens: torch.Tensor) -> dict[str, Any]:
    """What a model that listens while it writes has heard for each token; its convolutions halve the frames."""
    if "encoder_past_key_values" not in inspect.signature(model.forward).parameters:
        return {}
    config = model.config
    shape = (len(tokens), config.audio_config.num_mel_bins, 2 * config.downsample_factor * tokens.shape[1])
    return {"input_features": torch.zeros(shape, dtype=torch.bfloat16)}


def _pictures(config: Any, count: int) -> torch.Tensor:
    """Black pictures of the one size that an encoder-decoder's tower takes."""
    tower = config.vision_config if hasattr(config, "vision_config") else config.encoder
    return torch.zeros((count, tower.num_channels, tower.image_size, tower.image_size), dtype=torch.bfloat16)


def _written(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    """The decoder's tokens; as often as there are channels of sound that it writes at once."""
    channels = getattr(getattr(model.config, "decoder_config", None), "num_channels", None)
    return tokens if channels is None else tokens[..., None].repeat(1, 1, channels)


def _caches_of(answer: Any) -> dict[str, Any]:
    caches = {name: cache for name in CACHES if (cache := getattr(answer, name, None)) is not None}
    if not caches:
        raise ValueError("the model returns no cache")
    return caches


def _tensors(thing: Any, name: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor that an object holds, with the way to it; each once."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, (str, int, float, type(None), torch.dtype, torch.device)):
        return
    seen.add(id(thing))
    if isinstance(thing, torch.Tensor):
        yield name, thing
        return
    if isinstance(thing, dict):
        parts = [(str(key), value) for key, value in thing.items()]
    elif isinstance(thing, (list, tuple)):
        parts = [(str(index), value) for index, value in enumerate(thing)]
    else:
        parts = [] if isinstance(thing, transformers.PreTrainedConfig) else _attributes(thing)
    for part_name, part in parts:
        yield from _tensors(part, f"{name}.{part_name}".lstrip("."), seen)


def _attributes(thing: Any) -> list[tuple[str, Any]]:
    """What a cache's layer holds; what it only counts with is private."""
    return [(name, value) for name, value in getattr(thing, "__dict__", {}).items() if not name.startswith("_")]


def _bytes(tensors: list[torch.Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _counted(held: list[tuple[str, torch.Tensor]]) -> list[list[Any]]:
    counts: dict[tuple[str, tuple[int, ...], str], int] = {}
    for name, tensor in held:
        key = starred(name), tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
        counts[key] = counts.get(key, 0) + 1
    return [[name, list(shape), dtype, count] for (name, shape, dtype), count in counts.items()]
