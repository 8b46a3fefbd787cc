"""The version of the distribution, read by the build backend and by `auditor --version`."""

__version__ = "0.1.0"
