"""The knowledge index: encoder, chunks, rankings and search over help-center articles. Imports nothing of `bot/`."""
