"""What a model is made of: named modules whose leaves are weights.

A family describes its model as a tree of these; the names are the ones that `transformers` gives its parameters, so
that a description can be compared with the real model tensor for tensor. Equal parts are equal values, and a `Stack`
holds each kind of layer once, however many layers there are.
"""

from __future__ import annotations

from budsim_widgets.architectures.parts.change import (
    extended,
    extended_at,
    merged,
    nested,
    recached,
    repeated_caches,
    selected,
    uncached,
)
from budsim_widgets.architectures.parts.listing import (
    FeedForward,
    Layer,
    Listing,
    Tensor,
    TensorGroup,
    caches,
    feed_forwards,
    groups,
    listed,
    names_of_groups,
    num_parameters,
    tensors,
)
from budsim_widgets.architectures.parts.tree import (
    Module,
    Part,
    Role,
    Stack,
    TooManyLayerKindsError,
    Weight,
    module,
    repeat,
    stack,
)

__all__ = [
    "FeedForward",
    "Layer",
    "Listing",
    "Module",
    "Part",
    "Role",
    "Stack",
    "Tensor",
    "TensorGroup",
    "TooManyLayerKindsError",
    "Weight",
    "caches",
    "extended",
    "extended_at",
    "feed_forwards",
    "groups",
    "listed",
    "merged",
    "module",
    "names_of_groups",
    "nested",
    "num_parameters",
    "recached",
    "repeat",
    "repeated_caches",
    "selected",
    "stack",
    "tensors",
    "uncached",
]
