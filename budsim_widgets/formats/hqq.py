"""HQQ: half-quadratic quantization, without data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from budsim_widgets.formats.base import Assigned, QuantizedFormat
from budsim_widgets.formats.stored_tensor import StoredTensor, ceil_div

if TYPE_CHECKING:
    from budsim_widgets.architectures.parts import Role
    from budsim_widgets.formats.base import Basis
    from budsim_widgets.formats.fields import Fields

_BITS: Final = (1, 2, 3, 4, 8)
_IN_A_WORD: Final = 10
_SETTINGS_BYTES: Final = 69


@dataclass(frozen=True, kw_only=True)
class HQQ(QuantizedFormat):
    """Elements packed into bytes, of 3 bits ten to a 32-bit word; per group a 16-bit scale and a 16-bit zero.

    Attributes:
        bits: Bits an element.
        group_size: Elements that share scale and zero; None: a row.

    Example:
        A file also holds the settings of each matrix, 69 bytes.

        >>> HQQ().matrix_bytes(768, 1024), HQQ(bits=3).matrix_bytes(768, 1024)
        ((442368, 442437), (363776, 363845))

    Source: `Quantizer` and `HQQLinear` of hqq 0.2.8, measured.
    """

    bits: int = 4
    group_size: int | None = 64

    key: ClassVar[str] = "hqq"
    basis: ClassVar[Basis] = "exact"
    roles: ClassVar[frozenset[Role]] = frozenset({"linear", "head"})

    @property
    def label(self) -> str:
        """What people call the format."""
        groups = f"groups of {self.group_size}" if self.group_size else "a scale per row"
        return f"int{self.bits} (HQQ, {groups})"

    @property
    def precisions(self) -> tuple[str, ...]:
        """Such as `int4`."""
        return (f"int{self.bits}",)

    def is_regular(self, rows: int, columns: int) -> bool:
        """Whether groups fill the matrix, which `Quantizer.quantize` asks for."""
        return self.group_size is None or rows * columns % self.group_size == 0

    def tensors(self, rows: int, columns: int) -> tuple[StoredTensor, ...]:
        """The packed elements, and a scale and a zero a group."""
        groups = ceil_div(rows * columns, self.group_size or columns)
        width = self.group_size or columns
        if self.bits == 3:  # noqa: PLR2004 - the only one that doesn't fill a byte
            packed = StoredTensor("W_q", "I32", ceil_div(groups, _IN_A_WORD) * width)
        else:
            packed = StoredTensor("W_q", "U8", ceil_div(rows * columns * self.bits, 8))
        return (
            packed,
            StoredTensor("scale", "F16", groups),
            StoredTensor("zero", "F16", groups),
            StoredTensor("settings", "U8", _SETTINGS_BYTES, in_memory=False),
        )


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: hqq`; its `quant_config` may name kinds of layers, and then quantizes those alone.

    Raises:
        ConfigError: Its bits or its group size can't be. Source: `BaseQuantizeConfig` of hqq.
    """
    skip_modules = fields.names("skip_modules", "modules_to_not_convert")
    skip_modules = ("lm_head",) if skip_modules is None else skip_modules
    config = fields.within("quant_config") if "quant_config" in fields else fields
    if "weight_quant_params" in config or "nbits" in config or not config.values:
        return replace(_form(config), skip_modules=skip_modules)
    tags = tuple(
        Assigned((name,), _form(config.within(name)))
        for name, value in config.values.items()
        if isinstance(value, dict)
    )
    if not tags or config is fields:
        return replace(_form(config), skip_modules=skip_modules)
    main = tags[0].form or HQQ()
    return replace(main, skip_modules=skip_modules, assigned=(*tags, Assigned(("re:.*",), None)))


def _form(config: Fields) -> HQQ:
    own = config.within("weight_quant_params") if "weight_quant_params" in config else config
    return HQQ(bits=own.number("nbits", 4, choices=_BITS), group_size=own.group_size("group_size", 64))
