"""What a candidate turns out to be: real, a documentation example, or nothing of the kind."""

from __future__ import annotations

from typing import Literal

Judged = Literal["real", "example", "no"]
