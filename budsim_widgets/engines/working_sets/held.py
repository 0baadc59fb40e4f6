"""What is held at one moment of a forward pass, by what it grows with."""

from __future__ import annotations

from typing import Final, NamedTuple


class Held(NamedTuple):
    """Bytes beside weights and cache at one moment, as factors of what they grow with.

    Attributes:
        stream: Bytes a token that every rank holds: the residual stream and what norms make of it.
        block: Bytes a token inside a block, which ranks share.
        square: Bytes a pair of tokens of one sequence, which ranks share: scores.
        mask: Bytes a pair of tokens of one sequence, on every rank: masks.
        shared_mask: Bytes a pair of positions, one mask for all sequences.
        position: Bytes a position, whatever the number of sequences.
        sequence: Bytes a sequence, whatever its length: states.
        above: Length of a sequence above which this moment comes; 0: always.
        least_batch: Sequences from which on it comes: what one sequence is only a view of is copied for more.
        padded: Tokens to whose multiple a sequence is filled up for the block; 0: it isn't.
        once: Bytes whatever the number of sequences and their length, which ranks share.

    Example:
        Scores in 16 bits of 32 heads for two sequences of 100 tokens: 2 · 100 · 100 · 32 · 2.

        >>> Held(square=32 * 2).num_bytes(batch_size=2, seq_length=100)
        1280000
    """

    stream: float = 0.0
    block: float = 0.0
    square: float = 0.0
    mask: float = 0.0
    shared_mask: float = 0.0
    position: float = 0.0
    sequence: float = 0.0
    above: int = 0
    least_batch: int = 1
    padded: int = 0
    once: float = 0.0

    def plus(self, other: Held) -> Held:
        """Both at once; of a block that isn't filled up, beside one that is, each rank counts all."""
        if self.padded != other.padded:
            if self.padded:
                other = other.unfilled()
            elif self.block:
                self = self.unfilled()  # noqa: PLW0642 - the same value otherwise put
        stream, block, square, mask, shared_mask, position, sequence, above, least_batch, padded, once = other
        return Held(
            self.stream + stream,
            self.block + block,
            self.square + square,
            self.mask + mask,
            self.shared_mask + shared_mask,
            self.position + position,
            self.sequence + sequence,
            max(above, self.above),
            max(least_batch, self.least_batch),
            self.padded or padded,
            self.once + once,
        )

    def unfilled(self) -> Held:
        """The same with the bytes of its block beside it, where nothing fills them up."""
        return self._replace(stream=self.stream + self.block, block=0.0)

    def holding(self, block: float) -> Held:
        """The same with so many bytes a token more inside the block."""
        return self._replace(block=self.block + block)

    def beside(self, stream: float) -> Held:
        """The same beside copies of the residual stream, in bytes a token."""
        return self._replace(stream=self.stream + stream)

    def num_bytes(self, batch_size: int, seq_length: int, ranks: int = 1) -> int:
        """Bytes on each of the ranks that share the layer.

        Args:
            batch_size: Sequences.
            seq_length: Tokens of each.
            ranks: Devices that share a layer.
        """
        stream, block, square, mask, shared_mask, position, sequence, _, _, padded, once = self
        tokens, pairs = batch_size * seq_length, seq_length * seq_length
        if not (square or mask or shared_mask or position or sequence or padded or once):  # as most moments are
            return int(tokens * stream + tokens * block / ranks)
        filled = batch_size * -(-seq_length // padded) * padded if padded else tokens
        return int(
            tokens * stream
            + (filled * block + batch_size * pairs * square) / ranks
            + pairs * (batch_size * mask + shared_mask)
            + seq_length * position
            + (batch_size * sequence + once) / ranks
        )


NOTHING: Final = Held()


def highest(moments: list[Held]) -> tuple[Held, ...]:
    """The moments that no other one of them outgrows in every respect."""
    found: list[Held] = []
    for one in sorted(set(moments), reverse=True):  # so that what outgrows others comes before them
        for other in found:
            if _outgrows(other, one):
                break
        else:
            found.append(one)
    return tuple(found)


def _outgrows(other: Held, one: Held) -> bool:
    return (
        other.block >= one.block
        and other.stream >= one.stream
        and other.square >= one.square
        and other.mask >= one.mask
        and other.padded == one.padded
        and other.above <= one.above
        and other.least_batch <= one.least_batch
        and other.shared_mask >= one.shared_mask
        and other.position >= one.position
        and other.sequence >= one.sequence
        and other.once >= one.once
    )
