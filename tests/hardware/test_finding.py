"""Names as people and drivers write them."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware import Accelerator, accelerators, find, find_accelerator
from budsim_widgets.hardware.table import Known, known_accelerators
from budsim_widgets.units import GIB

MIB = 2**20


@pytest.mark.parametrize("known", known_accelerators(), ids=lambda known: known.accelerator.name)
def test_every_name_and_alias_finds_its_own(known: Known) -> None:
    own = known.accelerator
    for name in (own.name, own.label, *known.aliases):
        assert find_accelerator(name) == (own, 1)
        assert find_accelerator(name.upper()) == (own, 1)
        assert find_accelerator(f"2 x {name}") == (own, 2)


@pytest.mark.parametrize("known", known_accelerators(), ids=lambda known: known.accelerator.name)
def test_every_driver_name_with_the_total_finds_its_own(known: Known) -> None:
    """Of those that the driver calls alike and that have the same memory, the table's first."""
    own = known.accelerator
    for name in own.driver_names:
        total_mib = (own.driver_bytes or own.memory_bytes or 0) // MIB
        found = find(name if "GH200" in name else f"{name}, {total_mib} MiB")
        assert name in found.driver_names
        assert found.memory_bytes == own.memory_bytes


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("4090", "RTX 4090 24GB"),
        ("rtx4090", "RTX 4090 24GB"),
        ("rtx 4090 24gb", "RTX 4090 24GB"),
        ("RTX 4090 24G", "RTX 4090 24GB"),
        ("4090 laptop", "RTX 4090 Laptop 16GB"),
        ("4090 mobile", "RTX 4090 Laptop 16GB"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "RTX 4090 Laptop 16GB"),
        ("NVIDIA GeForce RTX 4090, 24564 MiB", "RTX 4090 24GB"),
        ("3060", "RTX 3060 12GB"),
        ("3060 12gb", "RTX 3060 12GB"),
        ("GeForce RTX 3060 8GB", "RTX 3060 8GB"),
        ("3080", "RTX 3080 10GB"),
        ("4070ti super", "RTX 4070 Ti SUPER 16GB"),
        ("h100", "H100 80GB"),
        ("H100 SXM", "H100 80GB"),
        ("NVIDIA H100 80GB HBM3", "H100 80GB"),
        ("H100 NVL", "H100 NVL 94GB"),
        ("a100-80gb", "A100 80GB"),
        ("a100 80gb pcie", "A100 PCIe 80GB"),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB"),
        ("Tesla T4", "T4 16GB"),
        ("l40", "L40 48GB"),
        ("L40S", "L40S 48GB"),
        ("a10", "A10 24GB"),
        ("a10g", "A10G 24GB"),
        ("a6000", "RTX A6000 48GB"),
        ("rtx 6000 ada", "RTX 6000 Ada 48GB"),
        ("rtx pro 6000", "RTX PRO 6000 Blackwell Workstation 96GB"),
        ("gb200", "GB200 (one GPU) 186GB"),
        ("NVIDIA GH200 480GB", "GH200 96GB"),
        ("AMD Instinct MI300X", "MI300X 192GB"),
        ("7900xtx", "RX 7900 XTX 24GB"),
        ("arc b580", "Arc B580 12GB"),
        ("M3 Max 64GB", "M3 Max 64GB"),
        ("m3max64gb", "M3 Max 64GB"),
        ("MacBook Pro M3 Max 64 GB", "M3 Max 64GB"),
        ("dgx spark", "DGX Spark 128GB"),
        ("Strix Halo 128GB", "Ryzen AI Max+ 395 128GB"),
        ("TPU v5e", "TPU v5e 16GB"),
        ("b200 192gb", "B200 180GB"),
    ],
)
def test_an_accelerator_is_found_by_the_names_that_people_use(asked: str, name: str) -> None:
    assert find(asked).name == name


@pytest.mark.parametrize(
    ("asked", "name", "count"),
    [
        ("2x3090", "RTX 3090 24GB", 2),
        ("2 x RTX 3090", "RTX 3090 24GB", 2),
        ("4× A100-80GB", "A100 80GB", 4),  # noqa: RUF001 - as people write it
        ("8xH100", "H100 80GB", 8),
        ("3090 x2", "RTX 3090 24GB", 2),
        ("2 H100s", "H100 80GB", 2),
        ("dual 4090", "RTX 4090 24GB", 2),
        ("2xGB200", "GB200 (one GPU) 186GB", 2),
        ("16 GB RTX 4080", "RTX 4080 16GB", 1),
        ("1024x4090", "RTX 4090 24GB", 1024),
    ],
)
def test_a_text_says_how_many(asked: str, name: str, count: int) -> None:
    found = find_accelerator(asked)
    assert (found[0].name, found[1]) == (name, count)


@pytest.mark.parametrize("asked", ["0x3090", "0 x RTX 3090", "1025x3090", "65537x3090", "3090 x0", "999999999xH100"])
def test_none_and_too_many_are_refused_with_the_field(asked: str) -> None:
    with pytest.raises(WorkloadError, match="not between 1 and") as caught:
        find_accelerator(asked)
    assert caught.value.field == "accelerator"


def test_an_amount_of_memory_is_a_card_sold_with_so_much_or_a_total() -> None:
    sold, _ = find_accelerator("24 GB")
    assert sold.memory_bytes == 24 * GIB
    assert 23.2 * GIB < sold.usable_bytes < 24 * GIB
    assert sold.usable_is_estimate
    total, count = find_accelerator("2x24GiB")
    assert (total.usable_bytes, total.usable_is_estimate, count) == (24 * GIB, False, 2)


@pytest.mark.parametrize(
    ("asked", "said", "hint"),
    [
        ("a100", "ambiguous", "A100 80GB or A100 40GB"),
        ("4060 ti", "ambiguous", "RTX 4060 Ti 16GB or RTX 4060 Ti 8GB"),
        ("M3 Max", "ambiguous", "M3 Max 36GB"),
        ("6000", "ambiguous", "RTX 6000 Ada 48GB"),
        ("H10000", "unknown", "H100"),
        ("RTX 4900", "unknown", "RTX 4090"),
        ("4090 48GB", "it has 24 GB, not 48", "RTX 4090 24GB"),
        ("", "unknown", "accelerators()"),
        ("geforce", "unknown", "accelerators()"),
        ("99999 GB", "memory of no accelerator", "24 GB"),
        ("0 GB", "memory of no accelerator", "24 GB"),
    ],
)
def test_what_is_not_found_gets_a_hint(asked: str, said: str, hint: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        find(asked)
    assert said in caught.value.message
    assert hint in caught.value.next_step
    assert caught.value.field == "accelerator"


@pytest.mark.parametrize(
    "asked",
    [
        "4090\n",
        "\x1b[31m4090",
        "40\u202e90",
        "x" * 121,
        pytest.param("9" * 1_000_000, id="a million digits"),
        "4090\x00",
    ],
)
def test_control_characters_and_long_texts_are_refused_without_being_shown(asked: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        find_accelerator(asked)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("asked", [None, 24, b"4090", ["4090"]])
def test_what_is_no_name_is_refused(asked: object) -> None:
    with pytest.raises(WorkloadError, match="names no accelerator"):
        find_accelerator(asked)  # type: ignore[arg-type]


def test_an_accelerator_is_its_own_name() -> None:
    card = Accelerator(name="my card", memory_gib=20)
    assert find_accelerator(card) == (card, 1)


def answer(text: str) -> tuple[tuple[Accelerator, int], None] | tuple[None, WorkloadError]:
    try:
        return find_accelerator(text), None
    except WorkloadError as error:
        return None, error


@given(st.text(st.characters(codec="utf-8"), max_size=130))
@example("x")
@example("2x")
@example("x2")
@example("٣ x 4090")
@example("\u00b2x4090")
@example("1e3 GB")
def test_any_text_is_an_answer_or_a_refusal_with_the_field(text: str) -> None:
    found, refused = answer(text)
    if refused is None:
        accelerator, count = found
        assert accelerator.usable_bytes > 0
        assert count >= 1
    else:
        assert refused.field == "accelerator"
        assert refused.message.isprintable()


@given(st.sampled_from(accelerators()), st.data())
def test_upper_case_spaces_and_dashes_say_nothing(accelerator: Accelerator, data: st.DataObject) -> None:
    letters = list(accelerator.name)
    for place, letter in enumerate(letters):
        if letter == " ":
            letters[place] = data.draw(st.sampled_from([" ", "  ", "-", "_", " - "]))
        elif letter in string.ascii_letters:
            letters[place] = data.draw(st.sampled_from([letter.lower(), letter.upper()]))
    assert find("".join(letters)) == accelerator
