"""SpQR: three bits, scales that are quantized themselves, and single weights kept apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import Assigned, QuantizedFormat
from budsim_widgets.formats.module_names import EVERYTHING
from budsim_widgets.formats.plain_names import WHOLE
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div
from budsim_widgets.intake.field_values import value_error

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_TILE = 16
_TENSORS: Final = {"dense_weights": "I64", "row_offsets": "I32", "col_vals": "I32", "in_perm": "I32"}
_FIRST: Final = ".dense_weights.shape"
_MAX_SIZE: Final = 2**40
_NO_SHAPES: Final = (
    "SpQR keeps single weights apart, and the config doesn't say how many: one in a hundred is counted, so that the "
    "weights are an estimate."
)


@dataclass(frozen=True, kw_only=True)
class SpQR(QuantizedFormat):
    """Tiles of 16 x 16 in sixteen 64-bit words, with scales and zeros; and 32 bits for each weight that is kept apart.

    Attributes:
        shapes: Elements of `dense_weights`, `row_offsets`, `col_vals` and `in_perm`, which configs list by module;
            None: one weight in a hundred is counted as kept apart.

    Example:
        4096 · 4096: tiles 8,388,608, weights kept apart 671,088, rows 16,388, order of the columns 16,384.

        >>> SpQR().memory_bytes(4096, 4096)
        9092468

    Source: `QuantizedLinear.create_placehodler` of spqr_quant 0.2, as transformers 5.24 calls it.
    """

    shapes: tuple[int, ...] | None = None

    key: ClassVar[str] = "spqr"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})
    ONE_IN: ClassVar[int] = 100

    @property
    def label(self) -> str:
        """What people call the format."""
        return "int3 (SpQR)"

    @property
    def precisions(self) -> tuple[str, ...]:
        """None: nobody asks for it by name."""
        return ()

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The tiles, where rows begin, what is kept apart, and the order of the columns."""
        tiles = ceil_div(rows, _TILE) * ceil_div(columns, _TILE)
        sizes = self.shapes or (_TILE * tiles, rows + 1, rows * columns // self.ONE_IN, columns)
        return tuple(
            StoredTensor(name, dtype, size) for (name, dtype), size in zip(_TENSORS.items(), sizes, strict=True)
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: spqr`.

    Raises:
        ConfigError: A number that can't be. Source: `SpQRConfig.post_init` of transformers 5.24.
    """
    fields.number("bits", 3, choices=(3,))
    for name in ("beta1", "beta2"):
        fields.number(name, _TILE, choices=(_TILE,))
    skip_modules = fields.names("modules_to_not_convert")
    shapes = fields.within("shapes")
    modules = [name.removesuffix(_FIRST) for name in shapes.values if name.endswith(_FIRST)]
    if not modules:
        return SpQR(skip_modules=skip_modules, doubts=(_NO_SHAPES,))
    assigned = [Assigned((f"{WHOLE}{module}",), SpQR(shapes=_sizes(shapes, module))) for module in modules]
    return replace(SpQR(), skip_modules=skip_modules, assigned=(*assigned, Assigned((EVERYTHING,), None)))


def _sizes(shapes: Fields, module: str) -> tuple[int, ...]:
    """The elements of a module's tensors, each a number or a list of one."""
    found = []
    for tensor in _TENSORS:
        name = f"{module}.{tensor}.shape"
        match shapes.get(name):
            case int(size) | [int(size)] if 0 <= size < _MAX_SIZE:
                found.append(size)
            case value:
                raise value_error(shapes.path(name), value, "a number of elements")
    return tuple(found)
