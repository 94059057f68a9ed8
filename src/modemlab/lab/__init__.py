"""Tests in Python and check files: modules, broker and network in one hand."""
