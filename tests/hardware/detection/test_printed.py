"""What nvidia-smi and rocm-smi print, pasted from another machine."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budsim_widgets.errors import WorkloadError
from budsim_widgets.hardware.detection import DetectedAccelerator, detect_accelerators, parse_nvidia_smi

MIB = 2**20
GIB = 2**30

TWO_CARDS = """
Wed Nov 12 03:22:39 2025
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 570.124.06             Driver Version: 570.124.06     CUDA Version: 12.8     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|                                         |                        |               MIG M. |
|=========================================+========================+======================|
|   0  NVIDIA GeForce RTX 4090        Off |   00000000:4E:00.0 Off |                  Off |
| 30%   29C    P8             22W /  450W |     564MiB /  24564MiB |      0%      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+
|   1  NVIDIA RTX A6000               On  |   00000000:4F:00.0 Off |                  Off |
| 30%   31C    P8             20W /  300W |   12140MiB /  49140MiB |      4%      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+

+-----------------------------------------------------------------------------------------+
| Processes:                                                                              |
|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |
|        ID   ID                                                               Usage      |
|=========================================================================================|
|    0   N/A  N/A            2113      G   /usr/lib/xorg/Xorg                      500MiB |
|    1   N/A  N/A           90111      C   python                                12000MiB |
+-----------------------------------------------------------------------------------------+
"""

CUT_OFF = """
+-----------------------------------------------------------------------------+
| NVIDIA-SMI 470.82.01    Driver Version: 470.82.01    CUDA Version: 11.4     |
|-------------------------------+----------------------+----------------------+
|   0  NVIDIA GeForce ...  Off  | 00000000:01:00.0  On |                  N/A |
| N/A   45C    P8    12W /  N/A |    300MiB /  8192MiB |      2%      Default |
+-------------------------------+----------------------+----------------------+
|   1  NVIDIA A100-SXM...  On   | 00000000:07:00.0 Off |                    0 |
| N/A   33C    P0    52W / 400W |      0MiB / 40960MiB |      0%      Default |
+-------------------------------+----------------------+----------------------+
"""

DIVIDED = """
|-----------------------------------------+------------------------+----------------------+
|   0  NVIDIA A100-SXM4-40GB          On  |   00000000:07:00.0 Off |                   On |
| N/A   31C    P0             45W /  400W |      87MiB /  40960MiB |     N/A      Default |
|                                         |                        |              Enabled |
+-----------------------------------------+------------------------+----------------------+
| MIG devices:                                                                            |
+------------------+----------------------------------+-----------+-----------------------+
| GPU  GI  CI  MIG |                     Memory-Usage |        Vol|         Shared        |
|      ID  ID  Dev |                       BAR1-Usage | SM     Unc| CE ENC  DEC  OFA  JPG |
|==================+==================================+===========+=======================|
|  0    1   0   0  |              37MiB / 19968MiB    | 42      0 |  3   0    2    0    0 |
|                  |               0MiB / 32767MiB    |           |                       |
+------------------+----------------------------------+-----------+-----------------------+
|  0    5   0   1  |              12MiB /  9856MiB    | 28      0 |  2   0    1    0    0 |
|                  |               0MiB / 16383MiB    |           |                       |
+------------------+----------------------------------+-----------+-----------------------+
"""

UNIFIED = """
|   0  NVIDIA GB10                    On  |   0000000F:01:00.0 Off |                  N/A |
| N/A   42C    P0             11W /  N/A  | Not Supported          |      0%      Default |
"""

LISTED_PARTS = """
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-1)
  MIG 3g.20gb     Device  0: (UUID: MIG-1)
  MIG 1g.5gb      Device  1: (UUID: MIG-2)
GPU 1: NVIDIA L4 (UUID: GPU-2)
"""

QUERIED = """
==============NVSMI LOG==============
Driver Version                            : 550.54.15
Attached GPUs                             : 1
GPU 00000000:01:00.0
    Product Name                          : NVIDIA L4
    FB Memory Usage
        Total                             : 23034 MiB
        Reserved                          : 434 MiB
        Used                              : 34 MiB
        Free                              : 22566 MiB
    BAR1 Memory Usage
        Total                             : 32768 MiB
        Free                              : 32764 MiB
"""

ROCM_LINES = """
============================ ROCm System Management Interface ============================
GPU[0]		: Card Series: 		AMD Instinct MI300X
GPU[0]		: VRAM Total Memory (B): 206141652992
GPU[0]		: VRAM Total Used Memory (B): 297791488
==================================== End of ROCm SMI Log =================================
"""

ROCM_JSON = json.dumps(
    {
        "card0": {
            "Card Series": "AMD Radeon RX 7900 XTX",
            "VRAM Total Memory (B)": "25753026560",
            "VRAM Total Used Memory (B)": "1073741824",
        },
        "card1": {
            "Card Series": "AMD Radeon 8060S Graphics",
            "VRAM Total Memory (B)": "536870912",
            "GTT Total Memory (B)": str(62 * GIB),
        },
        "system": {"Driver version": "6.12"},
    }
)

AMD_SMI_JSON = json.dumps(
    [
        {
            "gpu": 0,
            "asic": {"market_name": "AMD Instinct MI300X", "device_id": "0x74a1"},
            "vram": {"type": "HBM", "size": {"value": 196592, "unit": "MB"}},
        }
    ]
)


def brief(found: tuple[DetectedAccelerator, ...]) -> list[tuple[str, int, int, int | None]]:
    return [
        (one.accelerator.name, one.index, one.total_bytes // MIB, one.free_bytes and one.free_bytes // MIB)
        for one in found
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TWO_CARDS, [("RTX 4090 24GB", 0, 24564, 24000), ("RTX A6000 48GB", 1, 49140, 37000)]),
        (TWO_CARDS.replace("\n", "\r\n"), [("RTX 4090 24GB", 0, 24564, 24000), ("RTX A6000 48GB", 1, 49140, 37000)]),
        (
            "\x1b[32m" + TWO_CARDS.replace("|", "\x1b[0m|"),
            [("RTX 4090 24GB", 0, 24564, 24000), ("RTX A6000 48GB", 1, 49140, 37000)],
        ),
        (CUT_OFF, [("NVIDIA GeForce ...", 0, 8192, 7892), ("A100 40GB", 1, 40960, 40960)]),
        (DIVIDED, [("A100 40GB MIG #0", 0, 19968, 19931), ("A100 40GB MIG #1", 0, 9856, 9844)]),
        (UNIFIED, [("DGX Spark 128GB", 0, 124549, None)]),
        (QUERIED, [("L4 24GB", 0, 23034, 22566)]),
        (
            "GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-1)\nGPU 1: NVIDIA A100-SXM4-80GB (UUID: GPU-2)",
            [("A100 80GB", 0, 81920, None), ("A100 80GB", 1, 81920, None)],
        ),
        (
            LISTED_PARTS,
            [
                ("A100 40GB MIG 3g.20gb", 0, 20480, None),
                ("A100 40GB MIG 1g.5gb", 0, 5120, None),
                ("L4 24GB", 1, 23034, None),
            ],
        ),
        (
            "index, name, memory.total [MiB], memory.free [MiB]\n0, NVIDIA H100 80GB HBM3, 81559 MiB, 81000 MiB",
            [("H100 80GB", 0, 81559, 81000)],
        ),
        ("memory.used [MiB], name, memory.total [MiB]\n34, Tesla T4, 15360", [("T4 16GB", 0, 15360, 15326)]),
        ("NVIDIA GeForce RTX 3090, 24576 MiB", [("RTX 3090 24GB", 0, 24576, None)]),
        ("1, NVIDIA GeForce RTX 3090, 24576, 310", [("RTX 3090 24GB", 0, 24576, None)]),
        (ROCM_LINES, [("MI300X 192GB", 0, 196592, 196308)]),
        (ROCM_JSON, [("RX 7900 XTX 24GB", 0, 24560, 23536), ("Ryzen AI Max+ 395 64GB", 1, 64000, None)]),
        (AMD_SMI_JSON, [("MI300X 192GB", 0, 196592, None)]),
    ],
    ids=[
        *("table", "windows lines", "coloured", "cut-off names", "mig", "unified", "query", "list", "list with mig"),
        *("csv", "csv without index", "csv without header", "csv without units", "rocm lines", "rocm json", "amd json"),
    ],
)
def test_every_form_is_read(text: str, expected: list[tuple[str, int, int, int | None]]) -> None:
    assert brief(parse_nvidia_smi(text)) == expected
    assert brief(detect_accelerators(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "hello", "{", "[1]", '{"card0": 1}', "|||||", "GPU 0: ", "name, memory.total [MiB]", "{" * 10_000]
)
def test_what_names_none_gives_none(text: str) -> None:
    assert parse_nvidia_smi(text) == ()


def test_an_unknown_card_is_what_the_driver_says() -> None:
    (found,) = parse_nvidia_smi("NVIDIA Imaginary 9000, 20480 MiB")
    assert found.accelerator.name == found.name == "NVIDIA Imaginary 9000"
    assert found.accelerator.driver_bytes == 20480 * MIB
    assert found.accelerator.usable_is_estimate
    assert found.to_dict()["accelerator"]["name"] == "NVIDIA Imaginary 9000"


def test_memory_that_ecc_takes_is_missing_in_what_a_process_gets() -> None:
    (found,) = parse_nvidia_smi("NVIDIA RTX 6000 Ada Generation, 46068 MiB")
    assert found.accelerator.name == "RTX 6000 Ada 48GB"
    assert found.accelerator.driver_bytes == 46068 * MIB
    assert abs(found.accelerator.usable_bytes / GIB - 44.43) < 0.15  # what PyTorch reports there


@pytest.mark.parametrize("text", [None, 1, b"GPU 0", "x" * 8_000_001])
def test_what_is_no_text_or_too_long_is_refused_with_the_field(text: object) -> None:
    with pytest.raises(WorkloadError) as caught:
        parse_nvidia_smi(text)  # type: ignore[arg-type]
    assert caught.value.field == "text"


@given(st.text(st.sampled_from('|0129 MiB/:\nGPUOnOff,.{}[]"NVIDIAL4()UUID-'), max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    assert all(one.total_bytes > 0 for one in parse_nvidia_smi(text))


@given(st.data())
def test_a_text_cut_off_anywhere_gives_what_stands_before(data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(TWO_CARDS)))
    names = [one.accelerator.name for one in parse_nvidia_smi(TWO_CARDS[:end])]
    assert names == ["RTX 4090 24GB", "RTX A6000 48GB"][: len(names)]
