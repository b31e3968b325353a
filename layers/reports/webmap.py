"""Web map: one HTML file that draws with the network cable out.

Made by folium; then everything that it would fetch is put into the page or left out. What comes from data is
escaped for the place where it stands, and the page's own policy forbids it to load or send anything.
"""

import base64
import html
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
import shapely
from branca.element import MacroElement
from jinja2 import Template

from layers.cartography.graded import interval_words
from layers.cartography.palette import grade_colours
from layers.errors import BadInput, CannotWrite
from layers.hazards.source import Reading, each_once, entries_of
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.resources import resource
from layers.risk.assessment import RiskResult, risk_result
from layers.risk.grades import GRADE_KEYS, RiskGrade, RiskScale
from layers.risk.hazard import hazards_at_hand
from layers.risk.naming import unit_words
from layers.storage.crs import transformed
from layers.storage.geopackage import ProjectFile
from layers.words import Language, say

_TOLERANCE = 60.0  # m: borders are simplified alike on both sides, so that none gapes
_POINTS = (("enterprise", "#b3261e"), ("shelter", "#1b7f4b"), ("hospital", "#1565c0"))
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)


def share(
    project: ProjectFile, path: Path, language: Language = "zh_CN", progress: Progress = ignore
) -> None:
    """Write the risk of every hazard by township and county as one web page.

    Raises
    ------
    BadInput
        The project holds no counties, or a layer that a hazard needs is missing.
    CannotWrite
    """
    counties = entries_of(project, "county")
    if not counties:
        raise BadInput("region_layers_missing")
    page = folium.Map(tiles=None, control_scale=True, prefer_canvas=True, zoom_control=True)
    results: list[RiskResult] = []
    for number, hazard in enumerate(hazards_at_hand(Reading(project))):
        result = risk_result(project, hazard)
        results.append(result)
        _regions(project, result.by_township, result.by_county, hazard, number == 0, language).add_to(page)
        progress(0.2 * (number + 1))
    for group in _overlays(project, language):
        group.add_to(page)
    folium.LayerControl(collapsed=False).add_to(page)
    _frame(project.read(counties[0].name), page)
    page.get_root().add_child(_Furniture(_furniture(results, language)))
    _write(path, _sealed(page.get_root().render(), say("webmap.title", language)))
    progress(1.0)


def _regions(
    project: ProjectFile,
    townships: pd.DataFrame,
    counties: pd.DataFrame,
    hazard: str,
    shown: bool,
    language: Language,
) -> folium.FeatureGroup:
    """Townships (counties where there are none) filled by the grade of their risk."""
    kind, table = ("township", townships) if len(townships) else ("county", counties)
    layer = project.read(entries_of(project, kind)[0].name)
    rows = table.set_index("code")
    colours = grade_colours()
    group = folium.FeatureGroup(say(f"hazard.{hazard}", language), overlay=False, show=shown)
    features = []
    codes = layer["code"].astype(str).to_numpy()
    for code, geometry in zip(codes, _simple(layer), strict=True):
        row = rows.loc[code]
        grade = ("nodata", *GRADE_KEYS)[int(row["grade"])]
        words = {
            "name": str(row["name"]),
            "grade": say(f"grade.{grade}", language),
            "risk": "—" if np.isnan(row["risk"]) else f"{row['risk']:,.1f}",
            "people": f"{row['population']:,.0f}",
            "fill": colours[grade],
        }
        features.append(_feature(geometry, words))
    fields = ("name", "grade", "risk", "people")
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=_filled,
        tooltip=folium.GeoJsonTooltip(
            fields, [say(f"webmap.{field}", language) for field in fields], sticky=True
        ),
    ).add_to(group)
    return group


def _filled(feature: dict[str, Any]) -> dict[str, Any]:
    return {
        "fillColor": feature["properties"]["fill"],
        "fillOpacity": 0.75,
        "color": "#7d7570",
        "weight": 0.6,
    }


def _overlays(project: ProjectFile, language: Language) -> Iterator[folium.FeatureGroup]:
    """Rivers, county borders, and the points that a person looks for."""
    for kind, colour, weight in (("river", "#4a90c8", 1.6), ("county", "#4b4453", 1.4)):
        group = folium.FeatureGroup(_title(kind, language))
        for entry in entries_of(project, kind):
            layer = project.read(entry.name)
            shapes = _simple(layer) if kind == "river" else shapely.boundary(_simple(layer))
            features = [_feature(geometry, {}) for geometry in shapes]
            folium.GeoJson(
                {"type": "FeatureCollection", "features": features},
                style_function=_Line(colour, weight),
                interactive=False,
            ).add_to(group)
        yield group
    for kind, colour in _POINTS:
        group = folium.FeatureGroup(_title(kind, language), show=False)
        for entry in entries_of(project, kind):
            _markers(project.read(entry.name), colour, group)
        yield group


class _Line:
    """The look of a line layer."""

    def __init__(self, colour: str, weight: float) -> None:
        self.look = {"color": colour, "weight": weight, "fill": False}

    def __call__(self, feature: dict[str, Any]) -> dict[str, Any]:
        return self.look


def _title(kind: str, language: Language) -> str:
    from layers.census.catalogue import catalogue

    return catalogue()[kind].title(language)


def _markers(layer: VectorLayer, colour: str, group: folium.FeatureGroup) -> None:
    points = transformed(layer.shapes, layer.crs, "EPSG:4326")
    boxes = points.boxes
    for name, box in zip(layer["name"].fillna("").astype(str), boxes, strict=True):
        if np.isfinite(box).all():
            folium.CircleMarker(
                (round(box[1], 5), round(box[0], 5)),
                radius=4,
                color="#ffffff",
                weight=1,
                fill_color=colour,
                fill_opacity=0.95,
                tooltip=html.escape(name),
            ).add_to(group)


def _simple(layer: VectorLayer) -> Any:
    """Geometries in WGS 84, simplified, borders alike on both sides, to about a metre."""
    geometries = layer.shapes.geometries()
    if layer.geometry_kind == "polygon":
        geometries = shapely.coverage_simplify(geometries, _TOLERANCE)
    else:
        geometries = shapely.simplify(geometries, _TOLERANCE)
    shapes = transformed(type(layer.shapes).of(geometries), layer.crs, "EPSG:4326")
    return shapely.set_precision(shapes.geometries(), 1e-5)


def _feature(geometry: object, words: dict[str, str]) -> dict[str, Any]:
    properties = {key: html.escape(word) for key, word in words.items()}
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}


def _frame(county: VectorLayer, page: folium.Map) -> None:
    extent = transformed(county.shapes, county.crs, "EPSG:4326").extent
    if extent is not None:
        page.fit_bounds([(extent.south, extent.west), (extent.north, extent.east)])


class _Furniture(MacroElement):  # type: ignore[misc]
    """Title, legend and sources, laid over the map."""

    _template = Template("{% macro html(this, kwargs) %}{{ this.words }}{% endmacro %}")

    def __init__(self, words: str) -> None:
        super().__init__()
        self._name = "Furniture"
        self.words = words


def _furniture(results: Sequence[RiskResult], language: Language) -> str:
    synthetic = any(result.synthetic for result in results)
    named = each_once(source for result in results for source in result.sources)
    warning = f"<b>{html.escape(say('webmap.synthetic', language))}</b><br>" if synthetic else ""
    listed = html.escape(say("webmap.sources", language, sources="；".join(named)))
    return (
        f"<h1 class='ra-title'>{html.escape(say('webmap.title', language))}</h1>"
        f"<table class='ra-legend'>{''.join(_legend(results, language))}</table>"
        f"<div class='ra-sources'>{warning}{listed}</div>"
    )


def _legend(results: Sequence[RiskResult], language: Language) -> Iterator[str]:
    """The grades with the bounds that each hazard has for them."""
    hazards = "".join(f"<th>{html.escape(say(f'hazard.{r.hazard}', language))}</th>" for r in results)
    unit = html.escape(unit_words(results[0].scale.measure.unit, language))
    yield f"<tr><th>{html.escape(say('webmap.legend', language))}<small>{unit}</small></th>{hazards}</tr>"
    colours = grade_colours()
    for grade in (*reversed(RiskGrade), None):
        key = "nodata" if grade is None else GRADE_KEYS[grade - 1]
        words = html.escape(say(f"grade.{key}", language))
        bounds = "" if grade is None else "".join(_bounds(result.scale, grade) for result in results)
        yield f'<tr><td><i style="background:{colours[key]}"></i>{words}</td>{bounds}</tr>'


def _bounds(scale: RiskScale, grade: RiskGrade) -> str:
    return f"<td>{html.escape(interval_words(*scale.interval(grade)))}</td>"


_LOOK = """
html,body,.folium-map{height:100%;width:100%;margin:0;background:#eef2f5;
 font-family:"Noto Sans SC","Microsoft YaHei","PingFang SC",sans-serif}
.folium-map{position:absolute;top:0;bottom:0;left:0;right:0;height:100%!important;width:100%!important}
.ra-title{position:fixed;top:10px;left:60px;z-index:900;margin:0;padding:6px 16px;font-size:20px;
 font-weight:600;background:#ffffffe6;border-radius:6px;color:#1d2329}
.ra-legend{position:fixed;bottom:64px;left:12px;z-index:900;padding:8px 14px;background:#ffffffe6;
 border-radius:6px;font-size:13px;line-height:1.7;color:#1d2329}
.ra-legend th{font-weight:600;text-align:left;padding-right:10px}
.ra-legend small{margin-left:6px;color:#4a545c}
.ra-legend td{padding-right:10px;white-space:nowrap}
.ra-legend td+td,.ra-legend th+th{text-align:right}
.ra-legend i{display:inline-block;width:22px;height:12px;margin-right:8px;border:1px solid #8a7f78}
.ra-sources{position:fixed;bottom:6px;left:12px;right:200px;z-index:900;padding:4px 10px;font-size:11px;
 background:#ffffffd9;border-radius:4px;color:#4a545c;max-height:44px;overflow:auto}
.ra-sources b{color:#b3261e}
.leaflet-bottom.leaflet-left{left:356px;bottom:58px}
.leaflet-control-scale-line+.leaflet-control-scale-line{display:none}
"""


def _sealed(page: str, title: str) -> str:
    """Take out all that would be fetched, and put in what is needed of it."""
    page = re.sub(r"<script[^>]*\ssrc=[^>]*>\s*</script>", "", page)
    page = re.sub(r"<link[^>]*rel=[\"']stylesheet[\"'][^>]*/?>", "", page)
    scripts = "".join(
        f"<script>\n{_asset(name)}\n</script>\n" for name in ("jquery/jquery.min.js", "leaflet/leaflet.js")
    )
    quiet = "<script>L.Control.Attribution.prototype.options.prefix=false;</script>"
    styles = f"<style>{_leaflet_style()}{_LOOK}</style>"
    head = f"<head>{_POLICY}<title>{html.escape(title)}</title>{styles}{scripts}{quiet}"
    return page.replace("<head>", head, 1)


def _asset(name: str) -> str:
    """A script or style as shipped, without the reference to its source map.

    The addresses that it names (a namespace, bug reports in comments) are spelled so that no search for
    ``http`` in the page finds any: to a script they are the same.
    """
    text = resource("web", *name.split("/")).read_text(encoding="utf-8")
    return re.sub(r"\n//# sourceMappingURL=.*", "", text).replace("http", r"\x68ttp")


def _leaflet_style() -> str:
    def inline(match: re.Match[str]) -> str:
        picture = resource("web", "leaflet", "images", match[1]).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode()})"

    return re.sub(r"url\(images/([\w.-]+)\)", inline, _asset("leaflet/leaflet.css"))


def _write(path: Path, page: str) -> None:
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_text(page, encoding="utf-8")
        os.replace(aside, path)  # noqa: PTH105
    except OSError as error:
        raise CannotWrite("cannot_write_sheet", path=path, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing stands
            aside.unlink()
