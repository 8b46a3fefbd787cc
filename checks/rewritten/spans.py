"""Which parts of a text are compared: the prompt, the question in it, and in long ones each of its paragraphs.

A question after a passage is a small part of its prompt, and so is one turn of a long chat: compared as a whole they
drown in what stands around them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks.text.kernel import Bytes, Int, kernel, part
from checks.text.texts import TextArrays

WHOLE, QUESTION, PARAGRAPH = range(3)
KINDS = ("prompt", "question", "paragraph")
"""As reports name the parts."""
PASSAGE = 400
"""Bytes from which a prompt is looked at for a question of its own: about 70 words. Word problems of one paragraph (GSM8K:
235 bytes, nine in ten under 390) are compared as a whole."""
SHORTEST = 30
"""Bytes of a question, at least: "Why?" asks nothing by itself."""
MOST_OF_IT = 0.6
"""Share of the prompt from which a question is nearly all of it, so that it is not looked at twice."""
LONG = 1_500
"""Bytes from which a training prompt is also compared paragraph by paragraph; turns of a chat begin on new lines."""
PARAGRAPH_FROM = 80
"""Bytes of such a paragraph, at least."""
_NEWLINE, _MARK, _SPACE = ord("\n"), ord("?"), ord(" ")


class Spans(NamedTuple):
    """Parts of the texts of a batch."""

    rows: NDArray[np.int64]
    """Row of the batch."""
    starts: NDArray[np.int64]
    """Byte of the batch where the part begins."""
    stops: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    """`WHOLE`, `QUESTION` or `PARAGRAPH`."""


def spans(texts: TextArrays, *, paragraphs: bool) -> Spans:
    """The parts of each text: of its prompt, or of all of it where it has none.

    Args:
        texts: a batch.
        paragraphs: whether long prompts are cut.
    """
    room = 2 * len(texts.prompts) + int(texts.bounds[-1] - texts.bounds[0]) // PARAGRAPH_FROM
    found = Spans(
        np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint8)
    )
    count = _cut(texts, paragraphs, found)
    return Spans(found.rows[:count], found.starts[:count], found.stops[:count], found.kinds[:count])


@part
def _sentence(data: Bytes, start: Int, end: Int) -> Int:
    """Where the sentence that ends at `end` begins."""
    place = end - 1
    while place > start:
        before = data[place - 1]
        if before == _NEWLINE:
            break
        if data[place] == _SPACE and (before == ord(".") or before == ord("!") or before == _MARK):
            break
        place -= 1
    return place


@part
def _question(data: Bytes, start: Int, stop: Int) -> tuple[Int, Int]:
    """The last sentence of `data[start:stop]` with a question mark, else its last line."""
    end: Int = stop
    while end > start and data[end - 1] != _MARK:
        end -= 1
    if end > start:
        return _sentence(data, start, end - 1), end
    end = stop
    while end > start and data[end - 1] <= _SPACE:
        end -= 1
    place: Int = end
    while place > start and data[place - 1] != _NEWLINE:
        place -= 1
    return place, end


@kernel
def _cut(texts: TextArrays, paragraphs: bool, out: Spans) -> Int:
    data = texts.data
    count: Int = 0
    for row in range(len(texts.prompts)):
        start, stop = texts.bounds[row], texts.bounds[row + 1]
        if texts.prompts[row] > 0:
            stop = start + texts.prompts[row]
        out.rows[count], out.starts[count], out.stops[count], out.kinds[count] = row, start, stop, WHOLE
        count += 1
        size = stop - start
        if size < PASSAGE:
            continue
        first, end = _question(data, start, stop)
        if SHORTEST <= end - first <= MOST_OF_IT * size:
            out.rows[count], out.starts[count], out.stops[count] = row, first, end
            out.kinds[count] = QUESTION
            count += 1
        if not paragraphs or size < LONG:
            continue
        place = start
        while place < stop:
            end = place
            while end < stop and data[end] != _NEWLINE:
                end += 1
            if PARAGRAPH_FROM <= end - place <= MOST_OF_IT * size:
                out.rows[count], out.starts[count], out.stops[count] = row, place, end
                out.kinds[count] = PARAGRAPH
                count += 1
            place = end + 1
    return count
