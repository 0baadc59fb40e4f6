"""The blocks that families are composed of: layers, attention, mixers, vision, whole models."""
