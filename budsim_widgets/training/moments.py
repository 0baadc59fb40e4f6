"""The moments of a step, and which of them holds most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from budsim_widgets.architectures.memo import kept_with_architecture
from budsim_widgets.training.forward import activations_of
from budsim_widgets.training.loss import loss_of
from budsim_widgets.training.optimizers import step_bytes
from budsim_widgets.training.states import states_of
from budsim_widgets.training.tools import TOOLS

if TYPE_CHECKING:
    from budsim_widgets.architectures import Architecture
    from budsim_widgets.training.activations import Activations
    from budsim_widgets.training.loss import Loss
    from budsim_widgets.training.settings import TrainingSettings
    from budsim_widgets.training.states import States


class Moment(NamedTuple):
    """What a device holds at one moment, in bytes, without what the process itself takes.

    Attributes:
        name: `load`, `generate`, `forward`, `loss`, `backward` or `step`.
        weight_bytes: Weights and adapters, gathered ones included.
        gradient_bytes: Gradients.
        optimizer_bytes: States of the optimizer, and what it makes while it steps.
        activation_bytes: What the layers keep and make.
        loss_bytes: Logits and loss.
    """

    name: str
    weight_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    activation_bytes: int
    loss_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return sum(self[1:])


@dataclass(frozen=True)
class Step:
    """A step of training, from the second one on, when the optimizer has its states.

    Attributes:
        states: What stands between steps.
        activations: What the layers keep.
        loss: What the loss holds.
        after_forward: What stands after the forward pass.
        moments: After loading, at the peaks of the forward pass, of the loss, of the backward pass and of the step.
    """

    states: States
    activations: Activations
    loss: Loss
    after_forward: Moment
    moments: tuple[Moment, ...]

    @property
    def peak(self) -> Moment:
        """The moment that holds most."""
        return max(self.moments, key=lambda moment: moment.total_bytes)


def step_of(architecture: Architecture, settings: TrainingSettings) -> Step:
    """The moments of a step.

    Raises:
        WorkloadError: The settings don't suit the model.
    """
    states, activations = _whatever_the_batch(architecture, settings.without_tokens)
    loss = loss_of(activations, settings)
    return _Reader(architecture, settings, states, activations, loss).step()


@kept_with_architecture
def _whatever_the_batch(architecture: Architecture, settings: TrainingSettings) -> tuple[States, Activations]:
    return states_of(architecture, settings), activations_of(architecture, settings)


@dataclass(frozen=True)
class _Reader:
    architecture: Architecture
    settings: TrainingSettings
    states: States
    activations: Activations
    loss: Loss

    def step(self) -> Step:
        after = self._moment(
            "forward", gradients=self._standing(), held=self._kept(), loss=self.loss.after_forward_bytes
        )
        load = Moment("load", self.states.weight_bytes, 0, 0, 0, 0)
        return Step(
            self.states,
            self.activations,
            self.loss,
            after,
            (load, *self._generation(), self._forward(), self._loss(), self._backward(), self._step()),
        )

    def _moment(self, name: str, *, gradients: int, held: int, loss: int, optimizer: int = 0) -> Moment:
        states = self.states
        weights = states.weight_bytes + (states.gathered_bytes if name != "step" else 0)
        return Moment(name, weights, gradients, states.resident_optimizer_bytes + optimizer, held, loss)

    def _standing(self) -> int:
        """Gradients that stand in the forward pass: those of earlier batches, and buffers that stay."""
        return self.states.gradient_bytes if self.settings.gradient_accumulation > 1 else 0

    def _kept(self) -> int:
        chosen = self.settings.gradient_checkpointing
        return self.activations.kept_bytes(
            self.settings.num_tokens,
            self.settings.seq_length,
            checkpointing=bool(chosen),
            is_offloaded=chosen == "offload",
        )

    def _generation(self) -> tuple[Moment, ...]:
        """With GRPO the model first answers: it holds the cache of all sequences."""
        settings = self.settings
        if settings.trainer != "grpo":
            return ()
        width = self.states.compute_bytes
        cache = self.architecture.cache(settings.batch_size, settings.seq_length, kv_bytes_per_element=width)
        held = cache.kv_cache_bytes + cache.state_bytes
        return (self._moment("generate", gradients=self._standing(), held=held, loss=0),)

    def _forward(self) -> Moment:
        casts = self.activations.cast_bytes if self.settings.gradient_checkpointing else 0
        held = self._kept() + casts
        return self._moment("forward", gradients=self._standing(), held=held, loss=self.loss.forward_bytes)

    def _loss(self) -> Moment:
        return self._moment("loss", gradients=self._standing(), held=self._kept(), loss=self.loss.backward_bytes)

    def _backward(self) -> Moment:
        """The fullest point while the layers' gradients are made, from the last layer to the embedding.

        As the layers' kept tensors go, their gradients come: one of the ends holds most. At the beginning all layers
        are kept, and the head has its gradient; when the first layer's turn comes, all others have theirs; at the end
        all gradients stand, and of a tied embedding two.
        """
        tokens, length = self.settings.num_tokens, self.settings.seq_length
        flowing = self.activations.flowing_bytes(tokens)
        layer = self.activations.largest_layer_bytes(tokens, length)
        if self.settings.gradient_checkpointing:
            layer -= self.activations.shared_with_checkpoint_bytes(tokens)
        gradients, table = self.states.gradient_bytes, self._table()
        in_layer = self._layer_gradient()
        tied = table if self._is_tied else 0
        if self.settings.gradient_checkpointing:
            first, within = self._kept() + layer + flowing, layer + flowing
        else:
            first, within = self._kept() + max(flowing, self.activations.norm_flowing_bytes(tokens)), layer + flowing
        head = 0 if self._is_tied and self.settings.frozen else table
        moments = (
            (min(gradients, head), first),
            # By then about half of the layer's own gradients are made.
            (max(gradients - in_layer // 2 - (0 if self._is_tied else table), 0), within),
            (gradients + tied, 0),
        )
        return max(
            (
                self._moment(
                    "backward",
                    gradients=max(standing, self._standing()),
                    held=held,
                    loss=self.loss.logits_bytes,
                )
                for standing, held in moments
            ),
            key=lambda moment: moment.total_bytes,
        )

    @property
    def _is_tied(self) -> bool:
        return not any(group.role == "head" for group in self.architecture.tensor_groups)

    def _table(self) -> int:
        """The gradient of the embedding, or of the head."""
        if self.settings.has_adapters or not self.states.trained:
            return 0
        width = self.states.trained[0].dtype_bytes
        return self.activations.vocab_size * self.activations.hidden_size * width

    def _layer_gradient(self) -> int:
        """Gradients of one layer."""
        tables = self._table() * (1 if self._is_tied else 2)
        return max(self.states.gradient_bytes - tables, 0) // max(self.activations.num_layers, 1)

    def _step(self) -> Moment:
        optimizer = self.settings.optimizer
        if optimizer == "adamw":
            optimizer = TOOLS[self.settings.tool].optimizer
        extra = step_bytes(optimizer, self.states.trained)
        return self._moment("step", gradients=self.states.gradient_bytes, held=0, loss=0, optimizer=extra)
