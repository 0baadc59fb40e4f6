"""JSON files that lie beside a config.json and get pasted in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from budsim_widgets.errors import ConfigError
from budsim_widgets.intake.wording import step_of_draft

_CONFIG: Final = "Paste the file config.json that lies beside it."
_GGUF: Final = "It has no sizes: paste what `gguf-dump` prints, or the config.json of the model that it was made from."
_ON_THE_HUB: Final = (
    "Open config.json among the model's files (on the Hub: Files and versions), and paste what it holds."
)
_OLLAMA: Final = "Paste what `ollama show --verbose` prints about the model."
_SERVED: Final = "Paste the config.json of the model that is served, or what `gguf-dump` prints about its file."
_BASE: Final = "It changes another model: paste the config.json of its base model."
_DRAFT: Final = "It drafts for another model: paste the config.json of that one."
_CONVERTED: Final = "It lacks sizes: paste the config.json of the model that it was converted from."
_EXPORTED: Final = (
    "It lacks the width of the feed-forward blocks: paste the config.json of the model that it was converted from."
)
_QUANTIZATION: Final = (
    "Paste the config.json that lies beside it; what this file says belongs into it, as its `quantization_config`."
)
_NO_LANGUAGE_MODEL: Final = "Only configs of language models in the format of transformers can be calculated."


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file, and how it is told.

    Attributes:
        name: What it is called.
        has_all: Fields that it always has.
        has_any: Fields of which it has one at least; empty for none.
        code: The code of the refusal.
        next_step: What to paste instead.
    """

    name: str
    has_all: frozenset[str] = frozenset()
    has_any: frozenset[str] = frozenset()
    code: str = "WRONG_FILE"
    next_step: str = _CONFIG

    def matches(self, fields: frozenset[str]) -> bool:
        """Whether an object with these fields is this file."""
        return self.has_all <= fields and (not self.has_any or not self.has_any.isdisjoint(fields))


def _file(name: str, *, all_of: str = "", any_of: str = "", **rest: str) -> KnownFile:
    return KnownFile(name=name, has_all=frozenset(all_of.split()), has_any=frozenset(any_of.split()), **rest)


# The first that matches counts: what tells a file best comes first.
KNOWN_FILES: Final = (
    _file("a Jupyter notebook", all_of="cells nbformat", next_step=_ON_THE_HUB),
    _file("a safetensors index", any_of="weight_map"),
    _file("the header of a safetensors file", any_of="__metadata__"),
    _file(
        "the Hub's model-info answer (/api/models/…)",
        any_of="modelId siblings cardData pipeline_tag",
        next_step=_ON_THE_HUB,
    ),
    _file("the config of a draft with Medusa's heads", any_of="medusa_num_heads medusa_num_layers", next_step=_DRAFT),
    _file("the config of a draft with Hydra's heads", any_of="hydra_num_heads hydra_num_layers", next_step=_DRAFT),
    _file("the config of a speculator (a draft)", any_of="speculators_model_type speculators_config", next_step=_DRAFT),
    _file("the config of a speculator (a draft)", all_of="n_predict inner_dim", next_step=_DRAFT),
    _file("genai_config.json of ONNX Runtime", all_of="model search", next_step=_EXPORTED),
    _file("CTranslate2's config", any_of="add_source_bos add_source_eos", next_step=_CONVERTED),
    _file("CTranslate2's config", all_of="lang_ids suppress_ids", next_step=_CONVERTED),
    _file("CTranslate2's config", all_of="unk_token layer_norm_epsilon bos_token", next_step=_CONVERTED),
    _file("MLC's mlc-chat-config.json", any_of="conv_template model_lib", next_step=_CONVERTED),
    _file("openvino_config.json", any_of="optimum_version input_info"),
    _file("a manifest of Core ML", any_of="itemInfoEntries", next_step=_CONVERTED),
    _file("ExLlama's measurement of a model", any_of="measurement"),
    _file("a recipe of LLM Compressor", any_of="quant_stage default_stage sparsity_stage"),
    _file("adapter_config.json of MLX", any_of="lora_parameters fine_tune_type", next_step=_BASE),
    _file("adapter_config.json", any_of="peft_type lora_alpha base_model_name_or_path", next_step=_BASE),
    _file("model_index.json of a diffusers pipeline", all_of="_class_name _diffusers_version scheduler"),
    _file("model_index.json of a diffusers pipeline", all_of="_class_name _diffusers_version text_encoder"),
    _file("model_index.json of a diffusers pipeline", all_of="_class_name scheduler"),
    _file(
        "the config of a diffusers component",
        any_of="_diffusers_version _class_name",
        code="UNSUPPORTED",
        next_step=_NO_LANGUAGE_MODEL,
    ),
    _file("the config of a timm model", any_of="pretrained_cfg", code="UNSUPPORTED", next_step=_NO_LANGUAGE_MODEL),
    _file("an open_clip config", any_of="model_cfg", code="UNSUPPORTED", next_step=_NO_LANGUAGE_MODEL),
    _file("the answer of llama.cpp's server (/props)", any_of="default_generation_settings", next_step=_SERVED),
    _file("LM Studio's answer about a model", all_of="id compatibility_type", next_step=_SERVED),
    _file("a server's list of models (/v1/models)", all_of="object data", next_step=_SERVED),
    _file("Ollama's answer without metadata", all_of="details modelfile", next_step=_OLLAMA),
    _file("GitHub's answer about a file", all_of="sha content encoding", next_step=_ON_THE_HUB),
    _file("tokenizer.json", all_of="added_tokens model"),
    _file("tekken.json, Mistral's tokenizer", all_of="config vocab"),
    _file("tokenizer_config.json", any_of="added_tokens_decoder chat_template clean_up_tokenization_spaces"),
    _file("tokenizer_config.json", any_of="tokenizer_class tokenizer_type add_bos_token"),
    _file("preprocessor_config.json", any_of="image_processor_type feature_extractor_type video_processor_type"),
    _file("preprocessor_config.json", any_of="do_resize do_normalize do_rescale image_mean"),
    _file("processor_config.json", any_of="processor_class"),
    _file("hf_quant_config.json", all_of="producer quantization", next_step=_QUANTIZATION),
    _file("quantize_config.json", all_of="bits group_size"),
    _file("quantize_config.json", any_of="w_bit q_group_size"),
    _file("trainer_state.json", all_of="global_step log_history"),
    _file(
        "a list of a server's settings",
        any_of="max_model_len gpu_memory_utilization mem_fraction_static",
        next_step=_SERVED,
    ),
    _file("SGLang's answer about a server", all_of="model_path tokenizer_path", next_step=_SERVED),
    _file("a DeepSpeed config", any_of="zero_optimization train_micro_batch_size_per_gpu", next_step=_ON_THE_HUB),
    _file("the pooling config of sentence-transformers", any_of="word_embedding_dimension pooling_mode_mean_tokens"),
    _file("the config of a layer of sentence-transformers", all_of="in_features out_features activation_function"),
    _file("config_sentence_transformers.json", any_of="similarity_fn_name __version__"),
    _file("sentence_bert_config.json", all_of="max_seq_length do_lower_case"),
    _file("the settings of a training", any_of="per_device_train_batch_size num_train_epochs", next_step=_ON_THE_HUB),
    _file("the settings of ExLlama's conversion", all_of="in_dir out_dir", next_step=_CONVERTED),
    _file("the results of an evaluation", all_of="results config_general", next_step=_ON_THE_HUB),
    _file("the config of a Keras model", all_of="class_name config", next_step=_NO_LANGUAGE_MODEL),
    _file("configuration.json of ModelScope", all_of="framework task"),
    _file("params.json, the model's native config", all_of="dim n_layers norm_eps"),
    _file("the metadata of a GGUF file", any_of="general.architecture"),
    _file("the Hub's summary of a GGUF file", all_of="architecture total", next_step=_GGUF),
    _file("the Hub's summary of a GGUF file", all_of="gguf", next_step=_GGUF),
    _file("generation_config.json", any_of="_from_model_config do_sample temperature top_p top_k max_new_tokens"),
    _file("generation_config.json", all_of="eos_token_id transformers_version"),
)

_DRAFTS: Final = frozenset({"mlp_speculator", "medusa", "speculator"})

_SPECIAL_TOKENS: Final = frozenset(
    f"{name}_token{end}" for name in ("bos", "eos", "unk", "pad", "sep", "cls", "mask") for end in ("", "_id")
) | {"additional_special_tokens"}

MODEL_FIELDS: Final = frozenset(
    (
        *("model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "n_embd", "n_layer", "d_model"),
        *("text_config", "llm_config", "language_config", "dim", "n_layers", "n_heads"),
    )
)
"""Fields of which a model's config has two at least, whatever else it holds."""


def refuse_known_file(value: Any) -> None:
    """Refuse JSON that is known to be another file than a config.json, or no object at all.

    Raises:
        ConfigError: WRONG_FILE, UNSUPPORTED or NOT_OBJECT.
    """
    known = _known_list(value) if isinstance(value, list) else None
    if known is None and not isinstance(value, dict):
        kind = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
        next_step = "Paste the whole config.json, from the first { to the last }."
        raise ConfigError("NOT_OBJECT", f"A config is a JSON object {{…}}; this is {kind}.", next_step=next_step)
    if isinstance(value, dict):
        known = _known_object(value)
    if known is not None:
        next_step = step_of_draft(value) or known.next_step
        raise ConfigError(known.code, f"This is {known.name}, not the model's config.json.", next_step=next_step)


def _known_object(fields: dict[str, Any]) -> KnownFile | None:
    sure = _known_by_type(fields)
    if sure is not None or len(MODEL_FIELDS & fields.keys()) > 1:
        return sure
    names = frozenset(fields)
    found = next((known for known in KNOWN_FILES if known.matches(names)), None)
    if found is not None and found.code == "UNSUPPORTED":
        return found
    if "model_type" in fields:
        return None
    if names and names <= _SPECIAL_TOKENS:
        return _file("special_tokens_map.json")
    return found or _known_by_values(fields)


def _known_by_type(fields: dict[str, Any]) -> KnownFile | None:
    """A file whose fields are partly those of a model."""
    model_type = fields.get("model_type")
    if isinstance(model_type, str) and (model_type in _DRAFTS or (model_type == "eagle" and "model" in fields)):
        return _file("the config of a speculator (a draft)", next_step=_DRAFT)
    if {"model_format", "model_family", "rootfs"} <= fields.keys():
        return _file("Ollama's record of a model's layers", next_step=_OLLAMA)
    return None


def _known_by_values(fields: dict[str, Any]) -> KnownFile | None:
    values = fields.values()
    if values and all(isinstance(value, dict) and "data_offsets" in value for value in values):
        return _file("the header of a safetensors file")
    quantization = fields.get("quantization")
    if isinstance(quantization, dict) and fields.keys() <= {"quantization", "producer"}:
        return _file("hf_quant_config.json", next_step=_QUANTIZATION)
    if fields.keys() == {"models"}:
        return _file("Ollama's list of models (/api/tags)", next_step=_OLLAMA)
    is_token = any(name.startswith("<") or not name.isidentifier() for name in fields)
    if is_token and all(type(value) is int for value in values):
        return _file("a tokenizer's vocabulary (vocab.json or added_tokens.json)")
    return None


def _known_list(items: list[Any]) -> KnownFile | None:
    first = items[0] if items and isinstance(items[0], dict) else {}
    if str(first.get("type", "")).startswith("sentence_transformers."):
        return _file("modules.json of sentence-transformers")
    if "modelKey" in first:
        return _file("LM Studio's list of models", next_step=_SERVED)
    if {"path", "oid"} <= first.keys():
        return _file("the Hub's list of files", next_step="Open config.json in that list, and paste what it holds.")
    return None
