"""Uploaded SVG drawings, rebuilt from an allow-list of elements and attributes.

svg-hush, an established sanitizer, removes links and needs gigabytes of memory for deeply nested groups, so this module has its
own allow-list.
"""

import gzip
import re
import zlib
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError, register_namespace, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.core.exceptions import ValidationError

SVG, XLINK, XML = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"
MAX_BYTES, MAX_ELEMENTS, MAX_DEPTH = 20_000_000, 100_000, 200
ELEMENTS = frozenset(
    """
    a circle clipPath defs desc ellipse feBlend feColorMatrix feComponentTransfer feComposite
    feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB
    feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting
    feSpotLight feTile feTurbulence filter g image line linearGradient marker mask path pattern polygon
    polyline radialGradient rect stop style svg switch symbol text textPath title tspan use
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotes.
)
LINK = re.compile(r"(?:https?|mailto):[^\s]*|#.*", re.IGNORECASE)
EMBEDDED = re.compile(r"data:image/(?:png|jpe?g|webp|gif);base64,[a-z0-9+/=\s]*|#.*", re.IGNORECASE)
URL = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)", re.IGNORECASE | re.DOTALL)
HARMLESS_URL = re.compile(r"#.*|data:(?:image/(?:png|jpe?g|webp|gif)|(?:application/(?:x-)?|)font[\w/+-]*);[^\s]*", re.IGNORECASE)
ACTIVE_CSS = re.compile(r"@import[^;]*;?|expression\s*\(|javascript:|-moz-binding|behavior\s*:|\\|<!--|-->", re.IGNORECASE)
ENTITIES = "This drawing declares entities, which can hide other content. Export it again as a plain SVG."
UNREADABLE = "This file is not an SVG drawing that can be read: {}. Export it again as a plain SVG."
TOO_LARGE = "This drawing is too large: it has more than {}."


def clean_drawing(content: bytes) -> bytes:
    """Return an SVG, or a gzip-compressed one, without scripts, event handlers, external references and foreign elements.

    Raises ValidationError with the reason for a file that cannot be read or is too large.
    """
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content)
    if len(content) > MAX_BYTES:
        raise ValidationError(TOO_LARGE.format(f"{MAX_BYTES // 1_000_000} MB"))
    root = _parse(content)
    if root.tag not in {f"{{{SVG}}}svg", "svg"}:
        raise ValidationError(UNREADABLE.format("its first element is not <svg>"))
    _clean_element(root)
    _refuse_copies(root)
    # Other libraries change these prefixes for the whole process.
    register_namespace("", SVG)
    register_namespace("xlink", XLINK)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.open(BytesIO(content)) as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValidationError(UNREADABLE.format("its compression is broken")) from error


def _parse(content: bytes) -> Element:
    depth = number = 0
    root = None
    try:
        for event, element in iterparse(BytesIO(content), events=("start", "end")):
            depth += 1 if event == "start" else -1
            number += event == "start"
            if root is None:
                root = element
            if depth > MAX_DEPTH:
                raise ValidationError(TOO_LARGE.format(f"{MAX_DEPTH} levels of nested groups"))
            if number > MAX_ELEMENTS:
                raise ValidationError(TOO_LARGE.format(f"{MAX_ELEMENTS:,} elements"))
    except DefusedXmlException as error:
        raise ValidationError(ENTITIES) from error
    except (ParseError, ValueError, LookupError) as error:
        raise ValidationError(UNREADABLE.format(error)) from error
    if root is None:
        raise ValidationError(UNREADABLE.format("it is empty"))
    return root


def _clean_element(element: Element) -> None:
    name = element.tag.rpartition("}")[2]
    element.tag = f"{{{SVG}}}{name}"
    for attribute, value in list(element.attrib.items()):
        if not _is_allowed(name, attribute, value):
            del element.attrib[attribute]
        elif "url(" in value.lower() or attribute == "style":
            element.attrib[attribute] = _clean_css(value)
    if name == "style":
        element.text = _clean_css(element.text or "")
    for child in list(element):
        namespace, _, child_name = str(child.tag).rpartition("}")
        if namespace in {"", f"{{{SVG}"} and child_name in ELEMENTS:
            _clean_element(child)
        else:
            element.remove(child)


def _is_allowed(element: str, attribute: str, value: str) -> bool:
    namespace, _, name = attribute.rpartition("}")
    if namespace not in {"", f"{{{XLINK}", f"{{{XML}"} or name.lower().startswith("on"):
        return False
    if name.lower() in {"href", "src"}:
        pattern = LINK if element == "a" else EMBEDDED
        return bool(pattern.fullmatch(value.strip()))
    return name.lower() != "base"


def _clean_css(text: str) -> str:
    while ACTIVE_CSS.search(text):
        text = ACTIVE_CSS.sub("", text)
    return URL.sub(lambda match: match[0] if HARMLESS_URL.fullmatch(match[2].strip()) else "none", text)


def _refuse_copies(root: Element) -> None:
    """Raise ValidationError for <use> elements that multiply each other, which a browser would draw for hours."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    known: dict[Any, int] = {}

    def size_of(element: Element) -> int:
        if element not in known:
            # Placeholder until the size is known, so that a cycle ends.
            known[element] = MAX_ELEMENTS
            total = 1 + sum(size_of(child) for child in element)
            if element.tag == f"{{{SVG}}}use":
                target = by_id.get((element.get("href") or element.get(f"{{{XLINK}}}href") or "").strip().lstrip("#"))
                total += size_of(target) if target is not None else 0
            known[element] = min(total, MAX_ELEMENTS + 1)
        return known[element]

    try:
        is_bomb = size_of(root) > MAX_ELEMENTS
    except RecursionError:
        is_bomb = True
    if is_bomb:
        raise ValidationError(TOO_LARGE.format(f"{MAX_ELEMENTS:,} elements, counting copies"))
