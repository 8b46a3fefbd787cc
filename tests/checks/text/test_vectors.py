"""Blocks of 64 bytes: every test and every change, held against the same byte by byte."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text.kernel import kernel
from checks.text.vectors import WIDTH, Block, Mask, bits_of, rewrite

BYTES = st.binary(min_size=WIDTH, max_size=WIDTH + 9)
TESTS = (
    (bits_of(lambda block: block.is_(7)), lambda byte: byte == 7),
    (bits_of(lambda block: block.below(0x80)), lambda byte: byte < 0x80),
    (bits_of(lambda block: block.between(250, 255)), lambda byte: byte >= 250),
    (bits_of(lambda block: block.between(0, 3) | ~block.below(9)), lambda byte: byte <= 3 or byte >= 9),
    (bits_of(lambda block: block.below(9) & ~block.is_(0)), lambda byte: 0 < byte < 9),
)


def _changed(block: Block) -> tuple[Block, Mask]:
    return block.with_bits(0x20).where(block.below(100), block.where(block.is_(200), 1)), block.is_(99)


_change = rewrite(_changed)


@kernel
def change(data, at, out, to):
    return _change(data, at, out, to)


def compiled(test):
    @kernel
    def bits(data, at):
        return test(data, at)

    return bits


@pytest.mark.parametrize(("test", "expected"), [(compiled(test), expected) for test, expected in TESTS])
def test_bits_tell_which_bytes_pass(test, expected):
    @given(BYTES)
    def held(content):
        data = np.frombuffer(content, np.uint8)
        at = len(data) - WIDTH
        bits = int(test(data, at))
        assert [bits >> i & 1 for i in range(WIDTH)] == [int(expected(byte)) for byte in content[at:]]

    held()


@given(BYTES)
def test_a_block_is_rewritten_and_nothing_around_it(content):
    data, out = np.frombuffer(content, np.uint8), np.full(WIDTH + 20, 77, np.uint8)
    at = len(data) - WIDTH
    bits = int(change(data, at, out, 10))
    small = [byte | 0x20 if byte < 100 else byte if byte == 200 else 1 for byte in content[at:]]
    assert out.tolist() == [77] * 10 + small + [77] * 10
    assert [bits >> i & 1 for i in range(WIDTH)] == [int(byte == 99) for byte in content[at:]]
