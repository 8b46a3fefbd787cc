"""Sixty-four bytes at a time, in the widest instructions that a machine has: numba finds them only in simple loops.

What is done with a block is written down in LLVM's own terms, which LLVM turns into AVX, NEON or whatever there is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from checks.text.kernel import Bytes, Hash, Int, pointer

WIDTH = 64
_BLOCK = ir.VectorType(ir.IntType(8), WIDTH)


class Block(NamedTuple):
    """64 bytes while a kernel is compiled; tests of them can be joined by `&`, `|` and `~` (see `Mask`)."""

    builder: Any
    value: Any

    def is_(self, byte: int) -> Mask:
        """Which bytes are this one."""
        return Mask(self.builder, self.builder.icmp_unsigned("==", self.value, _each(byte)))

    def below(self, byte: int) -> Mask:
        """Which bytes are smaller than this one."""
        return Mask(self.builder, self.builder.icmp_unsigned("<", self.value, _each(byte)))

    def between(self, first: int, last: int) -> Mask:
        """Which bytes are in a range of at most 255 values, ends included."""
        moved = Block(self.builder, self.builder.sub(self.value, _each(first)))
        return moved.below(last - first + 1)

    def with_bits(self, bits: int) -> Block:
        """The bytes with some bits set."""
        return Block(self.builder, self.builder.or_(self.value, _each(bits)))

    def where(self, test: Mask, other: Block | int) -> Block:
        """The bytes that pass a test, and those of another block in place of the rest."""
        others = _each(other) if isinstance(other, int) else other.value
        return Block(self.builder, self.builder.select(test.value, self.value, others))


class Mask(NamedTuple):
    """One truth value for each byte of a block."""

    builder: Any
    value: Any

    def __and__(self, other: Mask) -> Mask:
        """Both."""
        return Mask(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: Mask) -> Mask:
        """One or both."""
        return Mask(self.builder, self.builder.or_(self.value, other.value))

    def __invert__(self) -> Mask:
        """The opposite."""
        return Mask(self.builder, self.builder.not_(self.value))

    def bits(self) -> Any:
        """The truth values as bits of one number, the first as its lowest."""
        return self.builder.bitcast(self.value, ir.IntType(WIDTH))


def bits_of(test: Callable[[Block], Mask]) -> Callable[[Bytes, Int], Hash]:
    """An instruction (array, index) -> 64 bits: which of 64 bytes pass a test. The caller keeps inside the array."""

    def typed(_context: Any, array: Any, _index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            block = Block(builder, builder.load(pointer(context, builder, signature, args, _BLOCK), align=1))
            return test(block).bits()

        return types.uint64(array, types.intp), generate

    return cast("Callable[[Bytes, Int], Hash]", intrinsic(typed))


def rewrite(change: Callable[[Block], tuple[Block, Mask]]) -> Callable[[Bytes, Int, Bytes, Int], Hash]:
    """An instruction (array, index, array, index) -> 64 bits: 64 bytes of the first array, changed, go to the second, and
    the bits say which of them pass the test that `change` returns beside them. The caller keeps inside both arrays."""

    def typed(_context: Any, source: Any, _from: Any, target: Any, _to: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            block = Block(builder, builder.load(pointer(context, builder, signature, args, _BLOCK), align=1))
            made, test = change(block)
            builder.store(made.value, pointer(context, builder, signature, args, _BLOCK, 2), align=1)
            return test.bits()

        return types.uint64(source, types.intp, target, types.intp), generate

    return cast("Callable[[Bytes, Int, Bytes, Int], Hash]", intrinsic(typed))


def _each(byte: int) -> Any:
    return ir.Constant(_BLOCK, [byte] * WIDTH)
