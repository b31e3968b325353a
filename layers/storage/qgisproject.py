"""The QGIS project inside the file: Chinese layer names in groups, simple styles, the right place.

QGIS keeps a project in the table ``qgis_projects`` as the hexadecimal text of a zipped ``.qgs`` file (QGIS
3.22, ``QgsGeoPackageProjectStorage``). Paths in it are relative to the GeoPackage, so the file may be moved.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

import pyproj

from layers.census.catalogue import catalogue
from layers.errors import KnownError
from layers.grid import Extent
from layers.storage.crs import transformed_extent
from layers.storage.entries import LayerEntry
from layers.storage.rasters import value_range
from layers.words import Language, say

PROJECT_NAME = "riskatlas"
Styles = Mapping[str, str]

_GROUPS = ("plan", "capacity", "exposure", "region", "base", "hazard", "other")
_DEPTH = {"point": 0, "line": 1, "polygon": 2, "raster": 3, "table": 4}
_WKB = {"point": "MultiPoint", "line": "MultiLineString", "polygon": "MultiPolygon", "table": "NoGeometry"}
_GEOMETRY = {"point": "Point", "line": "Line", "polygon": "Polygon", "table": "No geometry"}
_COLOURS = {
    "capacity": ("#2e7d5b", "#1d4d38"),
    "exposure": ("#a1887f", "#5d4037"),
    "region": ("none", "#37474f"),
    "base": ("#9ec9e2", "#3f7fa6"),
    "hazard": ("#f2b36b", "#a65c12"),
    "other": ("#c5cae9", "#3f51b5"),
    "plan": ("#8fc7a8", "#2e8b57"),
}
_KIND_COLOURS = {
    "river": ("#5b9bd5", "#3f7fa6"),
    "lake": ("#9ec9e2", "#3f7fa6"),
    "levee": ("#b0783c", "#8d5a24"),
    "road": ("#9e9e9e", "#9e9e9e"),
    "site_class": ("none", "#bdbdbd"),
    "township": ("none", "#90a4ae"),
    "place": ("#455a64", "#263238"),
    "park": ("#8bc34a", "#558b2f"),
    "enterprise": ("#d84315", "#8d2c0e"),
    "building": ("#d7ccc8", "#8d6e63"),
    "earthquake_event": ("#8e24aa", "#4a148c"),
}
_WIDTHS = {"county": 0.5, "city": 0.8, "township": 0.2, "river": 0.4}
_STYLE_PARTS = {"renderer-v2", "blendMode", "layerOpacity", "labeling", "labelsEnabled"}
_RAMP = ("#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b")


def qgis_project(
    listed: Sequence[LayerEntry],
    path: Path,
    title: str,
    crs: str,
    styles: Styles,
    language: Language = "zh_CN",
) -> bytes:
    """The zipped project that lists these layers.

    Parameters
    ----------
    listed : sequence of LayerEntry
    path : Path
        The GeoPackage; rasters lie beside it.
    title, crs : str
        Name and reference system of the project.
    styles : dict
        Layer name → QML, as it stands in ``layer_styles``; a plain one by role where there is none.
    language : {"zh_CN", "en"}
        Of the group names.
    """
    root = Element("qgis", version="3.22.0", projectname=_plain(title))
    SubElement(root, "title").text = _plain(title)
    root.append(_crs_element("projectCrs", crs))
    drawn = sorted(listed, key=lambda e: (_GROUPS.index(_group(e)), _DEPTH[e.geometry], e.position))
    root.append(_tree(drawn, path, language))
    layers = SubElement(root, "projectlayers")
    for entry in drawn:
        layers.append(_layer(entry, path, styles.get(entry.name, "")))
    order = SubElement(root, "layerorder")
    for entry in drawn:
        SubElement(order, "layer", id=_id(entry))
    root.extend(_view(_whole(listed, crs), crs))
    properties = SubElement(root, "properties")
    SubElement(SubElement(properties, "Paths"), "Absolute", type="bool").text = "false"
    SubElement(SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"
    return _zipped(tostring(root, encoding="unicode"))


def metadata() -> str:
    """What QGIS shows beside the name of a stored project."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return json.dumps({"last_modified_time": now, "last_modified_user": PROJECT_NAME})


def _zipped(xml: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        archive.writestr(zipfile.ZipInfo(f"{PROJECT_NAME}.qgs"), head + xml, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _group(entry: LayerEntry) -> str:
    kind = catalogue().get(entry.kind)
    return kind.role if kind else "other"


def _id(entry: LayerEntry) -> str:
    return f"riskatlas_{entry.name}"


def _plain(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable() or letter == " ")


def _source(entry: LayerEntry, path: Path) -> str:
    if entry.geometry == "raster":
        return f"./{path.stem}.rasters/{entry.path}"
    return f"./{path.name}|layername={entry.name}"


def _tree(drawn: Iterable[LayerEntry], path: Path, language: Language) -> Element:
    tree = Element("layer-tree-group")
    groups: dict[str, Element] = {}
    for entry in drawn:
        role = _group(entry)
        if role not in groups:
            words = say(f"layer_group.{role}", language)
            groups[role] = SubElement(
                tree, "layer-tree-group", name=words, expanded="1", checked="Qt::Checked"
            )
        SubElement(
            groups[role],
            "layer-tree-layer",
            id=_id(entry),
            name=_plain(entry.title),
            source=_source(entry, path),
            providerKey="gdal" if entry.geometry == "raster" else "ogr",
            checked="Qt::Checked" if entry.visible else "Qt::Unchecked",
            expanded="0",
        )
    return tree


def _layer(entry: LayerEntry, path: Path, qml: str) -> Element:
    raster = entry.geometry == "raster"
    layer = Element("maplayer", type="raster" if raster else "vector", hasScaleBasedVisibilityFlag="0")
    if not raster:
        layer.set("geometry", _GEOMETRY[entry.geometry])
        layer.set("wkbType", _WKB[entry.geometry])
    if entry.extent:
        layer.append(_extent_element("extent", entry.extent))
    SubElement(layer, "id").text = _id(entry)
    SubElement(layer, "datasource").text = _source(entry, path)
    SubElement(layer, "layername").text = _plain(entry.title)
    if entry.crs:
        layer.append(_crs_element("srs", entry.crs))
    provider = SubElement(layer, "provider", encoding="UTF-8")
    provider.text = "gdal" if raster else "ogr"
    if raster:
        layer.append(_raster_pipe(path.with_suffix(".rasters") / entry.path))
    elif entry.geometry != "table":
        _dress(layer, entry, qml)
    if entry.fields:
        aliases = SubElement(layer, "aliases")
        for field in entry.fields:
            SubElement(aliases, "alias", field=field.name, name=_plain(field.zh))
    return layer


def _dress(layer: Element, entry: LayerEntry, qml: str) -> None:
    """Give a layer the renderer, opacity, blending and scale of a QML document, or a plain renderer."""
    style = _parsed(qml)
    if style is None or style.find("renderer-v2") is None:
        layer.append(_renderer(entry))
        return
    for name in ("hasScaleBasedVisibilityFlag", "minScale", "maxScale"):
        layer.set(name, style.get(name, layer.get(name, "0")))
    layer.extend(part for part in style if part.tag in _STYLE_PARTS)


def _parsed(qml: str) -> Element | None:
    """The root of a QML document; ``None`` if it is none.

    The table may be a stranger's. A document type that says more than its name is refused: without entities
    there is nothing to expand, and nothing outside is read.
    """
    bare = re.sub(r"<!DOCTYPE[^>\[]*>", "", qml, count=1)
    if "<!" in bare:
        return None
    try:
        return fromstring(bare)  # noqa: S314  no document type, no entities
    except (ParseError, ValueError):
        return None


def _renderer(entry: LayerEntry) -> Element:
    fill, stroke = _KIND_COLOURS.get(entry.kind, _COLOURS[_group(entry)])
    width = str(_WIDTHS.get(entry.kind, 0.2))
    renderer = Element("renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0")
    kind, painter, options = _symbol(entry.geometry, fill, stroke, width)
    symbols = SubElement(renderer, "symbols")
    symbol = SubElement(symbols, "symbol", type=kind, name="0", alpha="1", clip_to_extent="1")
    layer = SubElement(symbol, "layer", {"class": painter, "enabled": "1", "pass": "0", "locked": "0"})
    listed = SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        SubElement(listed, "Option", name=name, type="QString", value=value)
    return renderer


def _symbol(geometry: str, fill: str, stroke: str, width: str) -> tuple[str, str, dict[str, str]]:
    if geometry == "line":
        line = {"line_color": _rgba(stroke), "line_width": width, "line_width_unit": "MM"}
        return "line", "SimpleLine", line
    outline = {"outline_color": _rgba(stroke), "outline_width": width, "outline_width_unit": "MM"}
    if geometry == "point":
        return "marker", "SimpleMarker", {"name": "circle", "color": _rgba(fill), "size": "2", **outline}
    return (
        "fill",
        "SimpleFill",
        {"color": _rgba(fill), "style": "no" if fill == "none" else "solid", **outline},
    )


def _rgba(colour: str) -> str:
    """QGIS's way of writing ``#rrggbb``."""
    if colour == "none":
        return "0,0,0,0"
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{red},{green},{blue},255"


def _raster_pipe(path: Path) -> Element:
    try:
        low, high = _range(path, path.stat().st_mtime_ns)
    except (KnownError, OSError):  # the project was moved without its rasters
        low, high = 0.0, 1.0
    pipe = Element("pipe")
    renderer = SubElement(
        pipe,
        "rasterrenderer",
        type="singlebandpseudocolor",
        band="1",
        opacity="0.8",
        alphaBand="-1",
        classificationMin=str(low),
        classificationMax=str(high),
    )
    shader = SubElement(
        SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType="INTERPOLATED",
        classificationMode="2",
        clip="0",
        minimumValue=str(low),
        maximumValue=str(high),
    )
    for place, colour in enumerate(_RAMP):
        value = low + (high - low) * place / (len(_RAMP) - 1)
        SubElement(shader, "item", value=str(value), label=f"{value:g}", color=colour, alpha="255")
    return pipe


@lru_cache(maxsize=256)
def _range(path: Path, changed: int) -> tuple[float, float]:
    """The values of a raster as it was last changed: reading them takes longer than all else."""
    return value_range(path)


def _whole(listed: Iterable[LayerEntry], crs: str) -> Extent | None:
    """The box of the regions, else of all vector layers, else of the rasters."""
    vectors = [e for e in listed if e.extent and e.geometry != "raster"]
    regions = [e for e in vectors if _group(e) == "region"]
    boxes = [e.extent for e in regions or vectors if e.extent] or [
        transformed_extent(e.extent, e.crs, crs) for e in listed if e.extent
    ]
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return Extent(min(wests), min(souths), max(easts), max(norths))


def _view(extent: Extent | None, crs: str) -> list[Element]:
    if extent is None:
        return []
    seen = extent.grown(0.03 * max(extent.width, extent.height, 1.0))
    canvas = Element("mapcanvas", name="theMapCanvas", annotationsVisible="1")
    SubElement(canvas, "units").text = "meters"
    canvas.append(_extent_element("extent", seen))
    SubElement(canvas, "rotation").text = "0"
    canvas.append(_crs_element("destinationsrs", crs))
    settings = Element("ProjectViewSettings", UseProjectScales="0")
    corners = zip(("xmin", "ymin", "xmax", "ymax"), map(repr, seen), strict=True)
    settings.append(Element("DefaultViewExtent", dict(corners)))
    settings[0].append(_crs_element("unused", crs)[0])
    return [canvas, settings]


def _extent_element(tag: str, extent: Extent) -> Element:
    element = Element(tag)
    for corner, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        SubElement(element, corner).text = repr(float(value))
    return element


def _crs_element(tag: str, crs: str) -> Element:
    wkt, code, name, is_geographic = _described(crs)
    element = Element(tag)
    system = SubElement(element, "spatialrefsys")
    SubElement(system, "wkt").text = wkt
    if code:
        SubElement(system, "srid").text = str(code)
        SubElement(system, "authid").text = f"EPSG:{code}"
    SubElement(system, "description").text = name
    SubElement(system, "geographicflag").text = "true" if is_geographic else "false"
    return element


@cache
def _described(crs: str) -> tuple[str, int | None, str, bool]:
    """WKT, EPSG code and name of a reference system, and whether it is geographic: slow to find."""
    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:  # QGIS asks for it
        return "", None, crs, False
    return found.to_wkt(), found.to_epsg(), found.name, found.is_geographic
