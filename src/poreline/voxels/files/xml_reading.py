"""XML of image files, read without the entities that could make a short text long or fetch another file."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from poreline.voxels.files.image_file import damaged, unreadable

DEEPEST = 64
"""Levels of elements; no format here nests more than ten."""


def parse(
    text: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Read XML text and call back for each element.

    Raises InvalidInput for text that is no XML, declares a document type or an entity, or nests too deeply.
    """
    depth = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise damaged("its XML elements are nested without end")
        start(name, attributes)

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name)

    def refuse(*_: object) -> None:
        reason = "Its XML declares a document type or entities, which no image needs and which can be abused."
        raise unreadable("<!DOCTYPE>", "plain XML elements", reason, "Remove the declaration, or export it again.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse  # type: ignore[assignment]
    if characters is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = characters
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise damaged(f"its XML cannot be read ({error})") from error
