"""Forward passes of a model whose weights are on the meta device, and what they hold."""

from __future__ import annotations

from inspect import signature
from typing import Any, Literal, NamedTuple, TypeAlias

import torch
from live_bytes import LiveBytes, cache_bytes, cache_of
from transformers import DynamicCache

Kind: TypeAlias = Literal["prefill", "decode"]


class Pass(NamedTuple):
    """A forward pass.

    Attributes:
        kind: `prefill` reads all tokens at once; `decode` reads one behind `seq_length` others.
        batch_size: Sequences.
        seq_length: Tokens of each.
    """

    kind: Kind
    batch_size: int
    seq_length: int


def measured(model: Any, each: Pass, *, explains: bool = False) -> tuple[int, LiveBytes]:
    """(bytes at the peak of a pass without weights and without the cache that it leaves, the counter).

    An encoder reads as many tokens as the decoder, or the one length of sound or picture that it takes.
    """
    given = _inputs(model, each.batch_size, each.seq_length)
    peak, counter, has_cache = _measured(model, each, given, explains=explains)
    if not has_cache and "cache" in signature(model.forward).parameters:  # it keeps one that it doesn't return
        given = _inputs(model, each.batch_size, each.seq_length) | {"cache": DynamicCache(config=model.config)}
        peak, counter, _ = _measured(model, each, given, explains=explains)
    return peak, counter


def _measured(model: Any, each: Pass, given: dict[str, Any], *, explains: bool = False) -> tuple[int, LiveBytes, bool]:
    """The same for a model that is given this, and whether there is a cache."""
    next_token, own = _tokens(each.batch_size, 1), given.get("cache")
    counter = LiveBytes(model, explains=explains)
    with torch.no_grad(), counter:
        output = model(**given, **_settings(model))
        if each.kind == "decode":
            given |= {_tokens_name(model): next_token}
            found = cache_of(output)
            if found is None:
                raise ValueError("the model returns no cache")
            if getattr(output, "encoder_last_hidden_state", None) is not None:
                given = {name: value for name, value in given.items() if name == "decoder_input_ids"}
                given["encoder_outputs"] = (output.encoder_last_hidden_state,)
            del output
            counter.start_again()
            output = model(**given, **{found[0]: found[1]}, **_settings(model))
        if model.can_generate():  # nobody samples from an encoder
            output.sampled_from = output.logits[:, -1, :].to(copy=True, dtype=torch.float32)
    cached, has_cache = cache_bytes(output), cache_of(output) is not None
    if own is not None:  # what isn't in it stands at the layers
        cached, has_cache = cache_bytes({"cache": own}), True
        states = {id(one): one for part in model.modules() for one in vars(part).values() if torch.is_tensor(one)}
        cached += sum(one.untyped_storage().nbytes() for one in states.values())
    del output
    return counter.peak - cached, counter, has_cache


def _settings(model: Any) -> dict[str, Any]:
    """That a cache is kept, and that the vocabulary is scored for the last token alone."""
    names = signature(model.forward).parameters
    last = {"logits_to_keep": 1} if "logits_to_keep" in names else {}
    return last | ({"use_cache": True} if "use_cache" in names else {})


def _tokens(batch_size: int, seq_length: int) -> torch.Tensor:
    return torch.zeros((batch_size, seq_length), dtype=torch.long, device="meta")


def _tokens_name(model: Any) -> str:
    return "decoder_input_ids" if model.config.is_encoder_decoder else "input_ids"


def _inputs(model: Any, batch_size: int, seq_length: int) -> dict[str, torch.Tensor]:
    """What a model is given: text; or sound or a picture where its encoder takes nothing else."""
    tokens = _tokens(batch_size, seq_length)
    if not model.config.is_encoder_decoder:
        return {"input_ids": tokens}
    return {**_read(model, tokens), "decoder_input_ids": tokens}


def _read(model: Any, tokens: torch.Tensor) -> dict[str, torch.Tensor]:
    """What an encoder reads."""
    config, batch_size = model.config, len(tokens)
    if model.main_input_name == "input_features" and hasattr(config, "max_source_positions"):
        shape = (batch_size, config.num_mel_bins, 2 * config.max_source_positions)
        return {"input_features": torch.empty(shape, dtype=model.dtype, device="meta")}
    if model.main_input_name == "pixel_values":
        tower = getattr(config, "vision_config", None) or config.encoder
        shape = (batch_size, tower.num_channels, tower.image_size, tower.image_size)
        return {"pixel_values": torch.empty(shape, dtype=model.dtype, device="meta")}
    return {"input_ids": tokens}
