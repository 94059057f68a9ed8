"""modemlab: virtual cellular modules, and what they talk to, on one desk."""

__version__ = "0.1.0"
