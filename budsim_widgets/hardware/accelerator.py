"""An accelerator: what it is called, what it holds, how fast it is."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, cast

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware.checks import (
    MAX_SOURCE_LENGTH,
    checked_bytes,
    checked_gib,
    checked_list,
    checked_name,
    checked_range,
    checked_rate,
    checked_rates,
    checked_year,
)
from budsim_widgets.hardware.rates import Rates
from budsim_widgets.hardware.usable import usable_memory
from budsim_widgets.printable import quoted, shortened
from budsim_widgets.units import GIB

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSET: Final = cast("int", None)
_UNSET_RANGE: Final = cast("tuple[int, int]", None)
_BYTES: Final = ("memory_bytes", "driver_bytes", "usable_bytes")
_RATES: Final = ("bandwidth_bytes_per_second", "interconnect_bytes_per_second")


@dataclass(frozen=True, kw_only=True)
class Accelerator:
    """A device that models run on. Of an accelerator in the table, what isn't known is None.

    Attributes:
        name: What people call it, such as `RTX 4090` or `M3 Max 64GB`.
        vendor: Who makes it; may be empty.
        memory_bytes: Its memory as sold.
        driver_bytes: The total that the vendor's tool shows (nvidia-smi, rocm-smi).
        usable_bytes: What a process gets: the total that CUDA, HIP or Metal reports.
        bandwidth_bytes_per_second: Of its memory.
        flops: Dense operations a second, by number format.
        interconnect_bytes_per_second: To its neighbours, in one direction.
        driver_names: What the driver calls it, as nvidia-smi and NVML report it.
        unified_memory: Whether it shares its memory with the CPU.
        launch_year: When it came out.
        source: Where the figures come from.
        usable_bytes_range: Between which values `usable_bytes` lies, where it isn't measured or differs by system.

    Args:
        memory_gib: For a card of one's own: the total that CUDA reports, in GiB.

    Raises:
        WorkloadError: A value is out of range; `.field` names it.

    Example:
        >>> Accelerator(name="my card", memory_gib=20).usable_bytes
        21474836480
    """

    name: str = ""
    vendor: str = ""
    memory_bytes: int | None = None
    driver_bytes: int | None = None
    usable_bytes: int = _UNSET
    bandwidth_bytes_per_second: float | None = None
    flops: Mapping[str, float] = field(default_factory=Rates, hash=False)
    interconnect_bytes_per_second: float | None = None
    driver_names: tuple[str, ...] = ()
    unified_memory: bool = False
    launch_year: int | None = None
    source: str = ""
    usable_bytes_range: tuple[int, int] = _UNSET_RANGE
    memory_gib: InitVar[float | None] = None

    def __post_init__(self, memory_gib: float | None) -> None:
        if memory_gib is not None:
            self._take_total(checked_gib("memory_gib", memory_gib))
        for name in _BYTES:
            self._set(name, checked_bytes(name, getattr(self, name)))
        for name in _RATES:
            self._set(name, checked_rate(name, getattr(self, name)))
        self._set("flops", Rates(checked_rates("flops", self.flops)))
        self._set("driver_names", tuple(checked_name("driver_names", name) for name in self.driver_names))
        self._set("launch_year", checked_year("launch_year", self.launch_year))
        self._set("vendor", checked_name("vendor", self.vendor))
        self._settle_usable()
        self._set("name", checked_name("name", self.name) or f"{self.usable_bytes / GIB:g} GiB")

    @property
    def label(self) -> str:
        """With the vendor, as a sentence names it.

        Example:
            >>> Accelerator(name="RTX 4090", vendor="NVIDIA", memory_gib=23.5).label
            'NVIDIA RTX 4090'
        """
        return f"{self.vendor} {self.name}".lstrip()

    @property
    def usable_is_estimate(self) -> bool:
        """Whether `usable_bytes` follows from a rule (`hardware.usable`) or differs between systems."""
        least, most = self.usable_bytes_range
        return least != most

    def to_dict(self) -> dict[str, Any]:
        """Its fields, as JSON has them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        lists = {"driver_names": list(self.driver_names), "usable_bytes_range": list(self.usable_bytes_range)}
        return {**values, **lists, "flops": dict(self.flops), "usable_is_estimate": self.usable_is_estimate}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Accelerator:
        """The accelerator that `to_dict` describes; a name and `memory_gib` are enough.

        Raises:
            WorkloadError: A field is unknown or out of range; `.field` names it.

        Example:
            >>> Accelerator.from_dict({"name": "my card", "memory_gib": 20}).usable_bytes
            21474836480
        """
        known = {field.name for field in fields(cls)} | {"memory_gib"}
        given = {key: value for key, value in values.items() if key != "usable_is_estimate"}
        if not known.issuperset(given):
            unknown = checked_name("accelerator", str(next(key for key in given if key not in known))[:80])
            raise WorkloadError(
                f"An accelerator has no field {quoted(unknown)}.",
                field="accelerator",
                next_step='Give its name and memory, as in {"name": "my card", "memory_gib": 24}.',
            )
        usable_range = given.get("usable_bytes_range")
        return cls(
            **{
                **given,
                "driver_names": checked_list("driver_names", given.get("driver_names", ())),
                "source": shortened(given.get("source", ""), MAX_SOURCE_LENGTH),
                "usable_bytes_range": None if usable_range is None else checked_range(usable_range),
            }
        )

    def _take_total(self, num_bytes: int) -> None:
        if self.usable_bytes is not None:
            raise WorkloadError(
                "memory_gib and usable_bytes say the same: the total that CUDA reports.",
                field="memory_gib",
                next_step="Give one of them.",
            )
        self._set("usable_bytes", num_bytes)
        if self.memory_bytes is None:
            self._set("memory_bytes", num_bytes)

    def _settle_usable(self) -> None:
        if self.usable_bytes is None:
            given = self.driver_bytes or self.memory_bytes
            if given is None:
                raise WorkloadError(
                    "An accelerator needs its memory.",
                    field="memory_gib",
                    next_step='For example Accelerator(name="my card", memory_gib=24).',
                )
            kind = "unified" if self.unified_memory else ""
            usable = usable_memory(self.vendor, kind, given, is_shown=self.driver_bytes is not None)
            self._set("usable_bytes", usable.num_bytes)
            self._set("usable_bytes_range", (usable.least_bytes, usable.most_bytes))
        elif self.usable_bytes_range is None:
            self._set("usable_bytes_range", (self.usable_bytes, self.usable_bytes))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
