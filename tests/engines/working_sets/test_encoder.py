"""What an encoder holds that reads before the decoder does."""

from __future__ import annotations

from budsim_widgets.architectures import build
from budsim_widgets.engines import Transformers, Workload
from budsim_widgets.engines.working_sets.encoder import encoded_tokens, while_encoding
from budsim_widgets.engines.working_sets.held import Held

LLAMA = {
    "model_type": "llama", "vocab_size": 1000, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "intermediate_size": 128,
}  # fmt: skip
WHISPER = {
    "model_type": "whisper", "architectures": ["WhisperForConditionalGeneration"], "vocab_size": 51865, "d_model": 384,
    "encoder_layers": 4, "decoder_layers": 4, "encoder_attention_heads": 6, "decoder_attention_heads": 6,
    "encoder_ffn_dim": 1536, "decoder_ffn_dim": 1536, "max_source_positions": 1500, "num_mel_bins": 80,
}  # fmt: skip


def test_a_decoder_alone_has_no_encoder() -> None:
    assert encoded_tokens(build(LLAMA)) is None


def test_whisper_always_hears_as_many_frames() -> None:
    assert encoded_tokens(build(WHISPER)) == 1500


def test_an_encoder_of_one_length_grows_with_the_sequences_alone() -> None:
    (moment,) = while_encoding([Held(stream=8, square=2)], 1500, Held(block=-4))
    assert moment == Held(block=-4, sequence=8 * 1500 + 2 * 1500 * 1500)


def test_the_sound_of_a_short_transcript_is_its_peak_in_eager() -> None:
    """tools/activations/measure.py with transformers 5.24: Whisper's encoder, 4 x 100 tokens, two layers."""
    config = {**WHISPER, "encoder_layers": 2, "decoder_layers": 2}
    said = Transformers(attention="eager").activations(build(config), Workload(batch_size=4, seq_length=100), "bf16")
    assert said.least_bytes <= 223_999_200 <= said.most_bytes
