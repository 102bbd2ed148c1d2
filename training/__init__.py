"""The nightly training: it turns rated answers into LoRA adapters."""
