"""The libraries that numbers rest on, and which versions of them are installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("msgspec", "numba", "numpy", "polars", "pyarrow", "rapidfuzz", "scipy")


def versions() -> dict[str, str]:
    """Version by library; "unknown" where another distribution brings it under its own name."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
