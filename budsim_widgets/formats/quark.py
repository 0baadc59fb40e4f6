"""AMD's Quark: one config for all layers, others for kinds and names of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from budsim_widgets.formats import generic
from budsim_widgets.formats.base import Assigned
from budsim_widgets.formats.fields import Fields
from budsim_widgets.formats.microscaling import Microscaled
from budsim_widgets.formats.module_names import EVERYTHING, globs
from budsim_widgets.formats.quark_files import QuarkFP8, QuarkInteger

if TYPE_CHECKING:
    from budsim_widgets.formats.base import Basis, QuantizedFormat

_FP8: Final = ("fp8_e4m3", "fp8_e5m2")
_MICROSCALED_GROUP: Final = 32
_GROUP: Final = 128
_PER: Final[dict[str, Literal["tensor", "row", "group"]]] = {
    "per_channel": "row",
    "per_group": "group",
    "per_tensor": "tensor",
}
_INTEGERS: Final[dict[str, Literal[4, 8]]] = {"int4": 4, "int8": 8}


@dataclass(frozen=True, kw_only=True)
class QuarkMXFP4(Microscaled):
    """MXFP4 as Quark writes it: in files, scales are bytes; in what transformers makes ready for them, fp32."""

    key: ClassVar[str] = "quark-mxfp4"
    basis: ClassVar[Basis] = "estimate"

    @property
    def notes(self) -> tuple[str, ...]:
        """What isn't known."""
        return ("Scales of Quark's MXFP4 are counted as bytes, as its files have them; no released file was compared.",)


def read(fields: Fields) -> QuantizedFormat:
    """The format of `quant_method: quark`: its `global_quant_config`, and those in `layer_quant_config`.

    Source: `QConfig` of AMD Quark 0.12, `QuarkConfig` of vLLM 0.33.
    """
    main = _form(fields, fields.within("global_quant_config"))
    is_simulated = fields.within("export").get("weight_format") == "fake_quantized"
    skip_modules = (EVERYTHING,) if is_simulated else globs(fields.names("exclude") or ())
    named = fields.within("layer_quant_config")
    own = tuple(
        Assigned(globs((name,)), _form(fields, named.within(name)))
        for name, value in named.values.items()
        if isinstance(value, dict)
    )
    if main is None:
        kept = next((form for _, form in own if form is not None), None)
        main = kept or generic.read(fields)
    return replace(main, skip_modules=skip_modules, assigned=own)


def _form(fields: Fields, settings: Fields) -> QuantizedFormat | None:
    """The format of the weights in these settings; None where they leave weights as they are."""
    weight = settings.get("weight")
    if isinstance(weight, list):
        weight = weight[0] if weight else None
    if not isinstance(weight, dict):
        return None
    own = Fields(weight, settings.path("weight"))
    dtype, scheme = str(own.get("dtype", "")), str(own.get("qscheme", ""))
    group_size = own.group_size("group_size", None)
    if dtype in _FP8 and scheme in {"per_tensor", "per_channel"}:
        return QuarkFP8(per="tensor" if scheme == "per_tensor" else "row", has_input_scale=_is_static(settings))
    if dtype == "fp4" and group_size == _MICROSCALED_GROUP:
        return QuarkMXFP4()
    bits = _INTEGERS.get(dtype)
    if bits is not None and scheme in _PER:
        return QuarkInteger(
            bits=bits, per=_PER[scheme], group_size=group_size or _GROUP, has_input_scale=_is_static(settings)
        )
    known = {"quant_method": fields.method, "bits": generic.bits_of_name(dtype), "group_size": group_size or -1}
    return generic.read(Fields(known, own.place))


def _is_static(settings: Fields) -> bool:
    """Whether a scale of the inputs is held."""
    inputs = settings.get("input_tensors")
    return isinstance(inputs, dict) and inputs.get("is_dynamic") is False
