"""A page taken apart by the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "input", "rect", "line", "circle", "polygon", "polyline", "path", "link", "img"}


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag, attrs):
        parent = self.open[-1] if self.open else None
        made = Element(tag, {name: value or "" for name, value in attrs}, parent)
        assert len(made.attributes) == len(attrs), f"{tag} has an attribute twice"
        if parent is not None:
            parent.children.append(made)
        self.found.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.said.append(data)


def elements(page: str) -> list[Element]:
    """Every element in order; a tag that is not closed as it should be is an error."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader.found
