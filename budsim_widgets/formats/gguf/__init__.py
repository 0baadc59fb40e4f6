"""GGUF files: the types of their tensors, and what llama-quantize makes of a model.

`layout.file_layout` gives the tensors of a model's file, `file_types` the names that such files have.
"""
