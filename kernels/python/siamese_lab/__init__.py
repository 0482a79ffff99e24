"""Siamese Lab's side in Python: what papermill needs for notebooks in Go. The lab itself is written in Go."""

__version__ = "0.1.0"  # that of the lab: siamese/version
