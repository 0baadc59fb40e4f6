"""What an encoder holds that reads before the decoder does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budsim_widgets.architectures.cache import CrossAttentionCache
from budsim_widgets.engines.working_sets.held import NOTHING, Held

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.engines.working_sets.computation import Computation


def encoded_tokens(architecture: Architecture) -> int | None:
    """Tokens that an encoder yields, 0 where it yields as many as the prompt has; None where there is no encoder."""
    for cache, _ in architecture.layer_caches:
        if isinstance(cache, CrossAttentionCache):
            return cache.fixed_tokens or 0
    return None


def encoded(architecture: Architecture, tokens: int | None, run: Computation) -> Held:
    """What an encoder has made of its tokens, which stands while the decoder runs.

    A frame around text and pictures (Florence 2) holds the embeddings that it gives to the encoder as well.

    Args:
        architecture: The model.
        tokens: What `encoded_tokens` says of it.
        run: How it computes.
    """
    if tokens is None:
        return NOTHING
    copies = 2 if architecture.is_multimodal else 1
    return Held(sequence=tokens * run.stream_bytes) if tokens else Held(stream=copies * run.stream_bytes)


def while_encoding(moments: list[Held], tokens: int, later: Held) -> list[Held]:
    """The moments of an encoder that always reads so many tokens, when the decoder has cached nothing.

    Args:
        moments: Those of its layers, by what they grow with.
        tokens: What it reads.
        later: What isn't there yet, below 0: what the decoder's layers will cache, and what the encoder makes.
    """
    return [later.plus(Held(sequence=one.num_bytes(1, tokens))) for one in moments]
