"""What is asked in a terminal is what the actions answer, with the exit code that a script reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub.repos import LLAMA_3_1_8B, QWEN_2_5_0_5B
from hub.scenario import Repo, as_file

from budsim_widgets.actions import Actions

if TYPE_CHECKING:
    from pathlib import Path

    from hub.loopback import LoopbackHub

    from cli.conftest import Budsim

QWEN = "Qwen/Qwen2.5-7B"
GATED = "meta-llama/Llama-3.1-8B"


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(LLAMA_3_1_8B), encoding="utf-8")
    return path


def test_json_with_a_gpu_is_the_fit_report(budsim: Budsim, config_file: Path) -> None:
    told = budsim(str(config_file), "--gpu", "2x RTX 4090", "--engine", "vllm", "--seq-length", "8,192", "--json")
    assert (told.returncode, told.stderr) == (0, "")
    expected = Actions().fitting.fit(str(config_file), "2x RTX 4090", engine="vllm", seq_length=8192)
    assert json.loads(told.stdout) == json.loads(json.dumps(expected.to_dict()))


def test_without_a_gpu_the_memory_is_told(budsim: Budsim) -> None:
    told = budsim(QWEN, "--batch-size", "4", "--precision", "fp8", "--kv-cache-precision", "auto", "--json")
    report = json.loads(told.stdout)
    assert told.returncode == 0
    assert report["model_id"] == QWEN
    assert (report["workload"]["batch_size"], report["workload"]["precision"]) == (4, "fp8")


def test_what_does_not_fit_ends_with_one(budsim: Budsim) -> None:
    told = budsim(QWEN, "--gpu", "RTX 3060 12GB")
    assert told.returncode == 1
    assert "Does not fit on one NVIDIA RTX 3060 12GB" in told.stdout


def test_a_tight_fit_ends_with_zero(budsim: Budsim, config_file: Path) -> None:
    fit = Actions().fitting.fit
    lengths = (length for length in range(1024, 131072, 512))
    tight = next(length for length in lengths if fit(str(config_file), "4090", seq_length=length).verdict == "tight")
    told = budsim(str(config_file), "--gpu", "4090", "--seq-length", str(tight), "--json")
    assert (json.loads(told.stdout)["verdict"], told.returncode) == ("tight", 0)


def test_a_gated_model_without_anybody_to_ask_ends_with_three(budsim: Budsim) -> None:
    told = budsim(GATED, "--gpu", "4090", "--json")
    assert (told.returncode, told.stdout) == (3, "")
    assert "is gated" in told.stderr
    assert f"budsim submit {GATED}" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_a_submitted_config_answers_the_next_question(budsim: Budsim, config_file: Path, source: str) -> None:
    text = config_file.read_text(encoding="utf-8")
    given, text = (str(config_file), "") if source == "file" else ("-", text)
    kept = budsim("submit", GATED, given, text=text)
    assert (kept.returncode, kept.stdout) == (0, f"The config of {GATED} is saved.\n")
    assert budsim(GATED, "--gpu", "4090").returncode == 0
    saved = budsim("saved", "--json")
    assert [one["model_id"] for one in json.loads(saved.stdout)] == [GATED]
    assert GATED in budsim("saved").stdout


def test_a_config_beside_the_question_is_kept_and_the_question_goes_on(budsim: Budsim, config_file: Path) -> None:
    told = budsim(GATED, "--config", str(config_file), "--gpu", "4090", "--json")
    assert told.returncode == 0
    assert json.loads(told.stdout)["memory"]["num_parameters"] == 8_030_261_248
    assert budsim(GATED).returncode == 0


def test_a_refused_config_says_what_to_do(budsim: Budsim) -> None:
    told = budsim("submit", GATED, "-", text='{"model_type": "llama", "hidden_size": 64')
    assert told.returncode == 2
    assert "cut off" in told.stderr
    assert json.loads(budsim("saved", "--json").stdout) == []


def test_models_stand_beside_each_other(budsim: Budsim) -> None:
    told = budsim(QWEN, "--compare", "openai-community/gpt2", GATED, "--gpu", "RTX 3060 12GB")
    assert told.returncode == 3
    rows = {line.split()[0]: line for line in told.stdout.splitlines() if "/" in line}
    assert rows[QWEN].endswith("does not fit")
    assert rows["openai-community/gpt2"].endswith("fits")
    assert f"budsim submit {GATED}" in told.stderr
    assert budsim(QWEN, "openai-community/gpt2", "--gpu", "RTX 3060 12GB").returncode == 1
    assert budsim("openai-community/gpt2", "--compare", "Qwen/Qwen2.5-0.5B", "--gpu", "4090").returncode == 0


def test_precisions_stand_beside_each_other(budsim: Budsim) -> None:
    told = budsim(QWEN, "--compare", "--gpu", "RTX 3060 12GB", "--markdown")
    assert told.returncode == 0
    assert "| \\* Q8\\_0 |" in told.stdout


def test_a_log_stands_beside_our_numbers(budsim: Budsim) -> None:
    told = budsim(QWEN, "--log", "-", text="Model loading took 14.2487 GiB and 3.65 seconds")
    assert told.returncode == 0
    assert "Log of vLLM" in told.stdout


def test_fine_tuning_is_told_with_the_same_exit_codes(budsim: Budsim) -> None:
    told = budsim(QWEN, "--finetune", "full", "--gpu", "4090", "--seq-length", "4096", "--json")
    report = json.loads(told.stdout)
    assert (told.returncode, report["method"], report["workload"]["seq_length"]) == (1, "full", 4096)
    assert budsim(QWEN, "--finetune", "qlora", "--gpu", "4090").returncode == 0


def test_accelerators_are_listed_by_words(budsim: Budsim) -> None:
    known = json.loads(budsim("gpus", "rtx", "4090", "--json").stdout)["accelerators"]
    assert {"RTX 4090 24GB"} <= {one["name"] for one in known}
    assert all("4090" in one["name"] for one in known)
    none = budsim("gpus", "no-such-card")
    assert none.returncode == 1
    assert "No accelerator has 'no-such-card' in its name." in none.stderr


def test_the_address_of_a_folder_is_answered_with_its_config(budsim: Budsim, loopback_hub: LoopbackHub) -> None:
    files = (("config.json", as_file(LLAMA_3_1_8B)), ("draft/config.json", as_file(QWEN_2_5_0_5B)))
    loopback_hub.put(Repo(model_id="org/two", files=files))
    told = budsim("https://huggingface.co/org/two/blob/main/draft/config.json", "--json")
    assert (told.returncode, json.loads(told.stdout)["model_id"]) == (0, "hf://org/two/draft")
    assert json.loads(told.stdout)["num_parameters"] == 494_032_768
    missing = budsim("https://huggingface.co/org/two/tree/main/vae")
    assert missing.returncode != 0
    assert "org/two has no vae/config.json" in missing.stderr
    assert "budsim submit" not in missing.stderr
