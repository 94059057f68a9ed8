"""The dialects of this package: a folder each, registered in `pyproject.toml` under `modemlab.dialects`."""
