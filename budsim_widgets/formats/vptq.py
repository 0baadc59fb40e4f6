"""VPTQ: vectors of weights that stand for the entries of codebooks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats import generic
from budsim_widgets.formats.base import Assigned, QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div
from budsim_widgets.intake.field_values import value_error

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_WORD_BITS: Final = 32
_LAYERS: Final = ("config_for_layers", "shared_layer_config")
_EVERYTHING_ELSE: Final = "re:.*"


@dataclass(frozen=True, kw_only=True)
class VPTQ(QuantizedFormat):
    """Indexes packed into 32-bit words, the codebooks they point at, and what undoes norm and order of the columns.

    Attributes:
        vector_len: Rows that one index stands for.
        num_centroids: Entries of the codebook.
        num_res_centroids: Entries of the second codebook; 0 where there is none.
        group_num: Groups of columns, each with codebooks of its own.
        group_size: Columns of a group; None: all that aren't quantized apart, by the number of groups.
        outlier: (columns, rows of a vector, entries) of what is quantized apart; zeros where nothing is.
        has_norm: Whether a 16-bit scale and bias a column are stored.
        has_perm: Whether the order of the columns is stored, two bytes each.

    Example:
        4096 · 4096, vectors of 8, twice 65,536 entries: indexes 8,388,608, codebooks 2,097,152, norm 16,384.

        >>> VPTQ(vector_len=8, num_centroids=65536, num_res_centroids=65536, has_norm=True).memory_bytes(4096, 4096)
        10502144

    Source: `VQuantLinear` of vptq 0.0.5, measured.
    """

    vector_len: int
    num_centroids: int
    num_res_centroids: int = 0
    group_num: int = 1
    group_size: int | None = None
    outlier: tuple[int, int, int] = (0, 0, 0)
    has_norm: bool = False
    has_perm: bool = False

    key: ClassVar[str] = "vptq"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        return f"{self._index_bits / self.vector_len:g} bits (VPTQ)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    @property
    def _index_bits(self) -> int:
        return _floor_log2(self.num_centroids) + (_floor_log2(self.num_res_centroids) if self.num_res_centroids else 0)

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """Indexes and codebooks, those of the outliers, norm and order."""
        outliers, outlier_len, outlier_entries = self.outlier
        group = self.group_size or ceil_div(columns - outliers, self.group_num)
        words = ceil_div(group * self._index_bits, _WORD_BITS) * ceil_div(rows, self.vector_len) * self.group_num
        found = [
            StoredTensor("indices", "I32", words),
            StoredTensor("centroids", "F16", self.group_num * self.num_centroids * self.vector_len),
        ]
        if self.num_res_centroids:
            entries = self.group_num * self.num_res_centroids * self.vector_len
            found.append(StoredTensor("res_centroids", "F16", entries))
        if outliers:
            found.append(StoredTensor("outlier_centroids", "F16", outlier_entries * outlier_len))
            found.append(StoredTensor("outlier_indices", "I16", ceil_div(rows, outlier_len) * outliers))
        if self.has_perm:
            found.append(StoredTensor("perm", "I16", columns))
        if self.has_norm:
            found.append(StoredTensor("weight_scale", "F16", columns))
            found.append(StoredTensor("weight_bias", "F16", columns))
        return tuple(found)


def _floor_log2(number: int) -> int:
    return number.bit_length() - 1


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: vptq`: what it says of each module, or of a kind of modules.

    Raises:
        ConfigError: A number that can't be.
    """
    assigned = tuple(
        Assigned((name,), _form(fields.within(key).within(name)))
        for key in _LAYERS
        for name, value in fields.within(key).values.items()
        if isinstance(value, dict)
    )
    skip_modules = fields.names("modules_to_not_convert") or ()
    main = next((form for _, form in assigned if form is not None), None)
    if main is None:
        return replace(generic.read(fields), skip_modules=skip_modules)
    return replace(main, skip_modules=skip_modules, assigned=(*assigned, Assigned((_EVERYTHING_ELSE,), None)))


def _form(own: Fields) -> VPTQ:
    outlier_len, vector_len = _pair(own, "vector_lens")
    outlier_entries, centroids = _pair(own, "num_centroids")
    residual = _pair(own, "num_res_centroids")[1]
    if vector_len < 1 or centroids < 1:
        raise value_error(own.path("vector_lens"), own.get("vector_lens"), "two whole numbers, the second from 1")
    has_outliers = outlier_len > 1 and outlier_entries > 0
    outliers = own.number("outlier_size", 0, low=0) if has_outliers else 0
    return VPTQ(
        vector_len=vector_len,
        num_centroids=centroids,
        num_res_centroids=max(residual, 0),
        group_num=own.number("group_num", 1),
        group_size=own.group_size("group_size", None),
        outlier=(outliers, outlier_len, outlier_entries) if outliers else (0, 0, 0),
        has_norm=own.flag("enable_norm", default=True),
        has_perm=own.flag("enable_perm", default=True),
    )


def _pair(own: Fields, name: str) -> tuple[int, int]:
    value = own.get(name, [-1, -1])
    match value:
        case [int(first), int(second)] if second < 2**24 and first < 2**24:
            return first, second
    raise value_error(own.path(name), value, "two whole numbers, such as [-1, 8]")
