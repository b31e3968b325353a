"""A style as QGIS reads it: QML, for the table ``layer_styles`` that it looks into when it opens a layer.

Symbols, classes, hatches, icons, opacity and blending go over; labels do not. Source:
QGIS 3.22, ``QgsSingleSymbolRenderer``, ``QgsGraduatedSymbolRenderer``, ``QgsCategorizedSymbolRenderer``.
"""

from base64 import b64encode
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing foreign is parsed

from layers.cartography.ink import picture_ink, picture_rings
from layers.cartography.style import Fill, Marker, Stroke, Style, Symbol
from layers.grid import Array
from layers.layer import GeometryKind

_BRUSHES = {
    "horizontal": "horizontal", "vertical": "vertical", "cross": "cross", "diagonal_cross": "diagonal_x",
    "diagonal": "b_diagonal", "back_diagonal": "f_diagonal", "dots": "dense6",
}  # fmt: skip
_CAPS = {"butt": "flat", "round": "round", "square": "square"}
_BLEND = {"normal": 0, "lighten": 1, "screen": 2, "darken": 5, "multiply": 6, "overlay": 8}
"""As `QgsPainting::BlendMode` counts them."""
_SYMBOLS = {"point": "marker", "line": "line", "polygon": "fill"}


def qml(style: Style, kind: GeometryKind) -> str:
    """The style of a layer of that geometry as a QML document."""
    root = Element("qgis", version="3.22.0", styleCategories="Symbology|Rendering")
    if style.smallest_scale:
        root.set("hasScaleBasedVisibilityFlag", "1")
        root.set("minScale", f"{style.smallest_scale:.0f}")
    root.append(_renderer(style, kind))
    SubElement(root, "blendMode").text = str(_BLEND[style.blend])
    SubElement(root, "layerOpacity").text = f"{style.opacity:g}"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode")


def _renderer(style: Style, kind: GeometryKind) -> Element:
    if not style.classes:
        renderer = Element("renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0")
        renderer.append(_symbols([style.symbol], kind))
        return renderer
    renderer = Element("renderer-v2", attr=style.field, symbollevels="0", forceraster="0")
    drawn = [c.symbol for c in style.classes]
    if style.kind == "graduated":
        renderer.set("type", "graduatedSymbol")
        renderer.set("graduatedMethod", "GraduatedColor")
        _ranges(renderer, style)
    else:
        renderer.set("type", "categorizedSymbol")
        _categories(renderer, style)
        drawn.append(style.symbol)
    renderer.append(_symbols(drawn, kind))
    return renderer


def _ranges(renderer: Element, style: Style) -> None:
    ranges = SubElement(renderer, "ranges")
    for number, c in enumerate(style.classes):
        lower, upper = (repr(float(v)) if v is not None else "0" for v in (c.lower, c.upper))
        SubElement(
            ranges, "range", lower=lower, upper=upper, symbol=str(number), label=c.title, render="true"
        )


def _categories(renderer: Element, style: Style) -> None:
    categories = SubElement(renderer, "categories")
    for number, c in enumerate(style.classes):
        is_number = isinstance(c.value, int | float)
        value = f"{c.value:g}" if is_number else str(c.value)
        kind = "double" if is_number else "string"
        SubElement(
            categories, "category", value=value, type=kind, symbol=str(number), label=c.title, render="true"
        )
    other = {"value": "", "symbol": str(len(style.classes)), "label": style.other, "render": "true"}
    SubElement(categories, "category", other)


def _symbols(drawn: Iterable[Symbol], kind: GeometryKind) -> Element:
    symbols = Element("symbols")
    for number, symbol in enumerate(drawn):
        element = SubElement(symbols, "symbol", type=_SYMBOLS[kind], name=str(number), alpha="1")
        for painter, options in _layers(symbol, kind):
            layer = SubElement(element, "layer", {"class": painter, "enabled": "1", "pass": "0"})
            listed = SubElement(layer, "Option", type="Map")
            for name, value in options.items():
                SubElement(listed, "Option", name=name, type="QString", value=value)
    return symbols


def _layers(symbol: Symbol, kind: GeometryKind) -> list[tuple[str, dict[str, str]]]:
    """Symbol layers of QGIS from below: class and properties."""
    if kind == "point":
        marker = symbol.marker or Marker()
        found = [("SimpleMarker", _marker(marker))] if marker.shape != "none" else []
        rings = picture_rings(marker)
        return [*found, ("SvgMarker", _picture(marker, rings))] if rings else found
    if kind == "line":
        strokes = [stroke for stroke in (symbol.casing, symbol.stroke) if stroke is not None]
        return [("SimpleLine", _line(stroke)) for stroke in strokes or [Stroke(opacity=0.0)]]
    fill, stroke = symbol.fill, symbol.stroke
    found = [("SimpleFill", _plain(fill))] if fill else []
    if fill and fill.hatch != "none":
        found.append(("SimpleFill", _hatch(fill)))
    return [*found, ("SimpleFill", {"style": "no", "color": "0,0,0,0", **_outline(stroke)})]


def _plain(fill: Fill) -> dict[str, str]:
    return {"style": "solid", "color": _rgba(fill.color, fill.opacity), **_outline(None)}


def _hatch(fill: Fill) -> dict[str, str]:
    color = _rgba(fill.hatch_color, fill.hatch_opacity)
    return {"style": _BRUSHES[fill.hatch], "color": color, **_outline(None)}


def _outline(stroke: Stroke | None) -> dict[str, str]:
    if stroke is None or not stroke.width_mm:
        return {"outline_style": "no"}
    return {
        "outline_style": "dash" if stroke.dash else "solid",
        "outline_color": _rgba(stroke.color, stroke.opacity),
        "outline_width": f"{stroke.width_mm:g}",
        "outline_width_unit": "MM",
        "joinstyle": stroke.join,
    }


def _line(stroke: Stroke) -> dict[str, str]:
    options = {
        "line_color": _rgba(stroke.color, stroke.opacity),
        "line_width": f"{stroke.width_mm:g}",
        "line_width_unit": "MM",
        "capstyle": _CAPS[stroke.cap],
        "joinstyle": stroke.join,
    }
    if stroke.dash:
        dashes = ";".join(f"{length:g}" for length in stroke.dash)
        options |= {"use_custom_dash": "1", "customdash": dashes, "customdash_unit": "MM"}
    return options


def _marker(marker: Marker) -> dict[str, str]:
    return {
        "name": "cross_fill" if marker.shape == "cross" else marker.shape,
        "color": _rgba(marker.fill.color, marker.fill.opacity),
        **_size(marker),
        **_outline(marker.stroke),
    }


def _picture(marker: Marker, rings: Iterable[Array]) -> dict[str, str]:
    """The icon or glyph as an SVG within the document: in a box as high as the marker."""
    ink = picture_ink(marker)
    moves = ("M" + "L".join(f"{1000 * x:.0f} {1000 * y:.0f}" for x, y in ring) + "Z" for ring in rings)
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-500 -500 1000 1000"><path fill-rule="evenodd" '
        f'fill="param(fill) {ink[0]}" d="{"".join(moves)}"/></svg>'
    )
    return {
        "name": "base64:" + b64encode(drawing.encode()).decode(),
        "color": _rgba(*ink),
        **_size(marker),
        **_outline(None),
    }


def _size(marker: Marker) -> dict[str, str]:
    if marker.size_m:
        return {"size": f"{marker.size_m:g}", "size_unit": "RenderMetersInMapUnits"}
    return {"size": f"{marker.size_mm:g}", "size_unit": "MM"}


def _rgba(color: str, opacity: float) -> str:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return f"{red},{green},{blue},{round(255 * opacity)}"
