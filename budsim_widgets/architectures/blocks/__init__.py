"""The blocks that families are composed of.

General ones: `layers`, `attention`, `mixers`, `models` (the frames of whole models), `vision` (multimodal frames and
towers), `multi_token_prediction`, `buffers`. The others are parts that the models of several families build, and are
named after the model that has them first:

- text: `bert`, `bart`, `t5`, `gpt2`, `llama`, `gemma`, `qwen`, `deepseek` with `indexed_attention` and
  `hyper_connections`, `moe_decoder`, `mamba`, `qwen_hybrid`, `delta_hybrid`, `inkling`, `ngram_tables`;
- pictures: `clip`, `siglip`, `sam`, `qwen_vision`, `glm_vision`, `pix2struct`, `pixtral`, `vq_gan`, `q_former`,
  `inkling_tower`;
- sound: `whisper`, `wav2vec2`, `asr_decoder`, `qwen_omni`, `dots3_note`.
"""
