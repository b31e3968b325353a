"""The sample's files: the table that says what each is, and writers that give the same bytes again."""

import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.windows import Window

from layers.grid import Lattice
from layers.layer import Provenance
from layers.progress import Progress, ignore
from layers.resources import sample
from layers.sample.plane import PLANE, project

STAMP = "2026-01-01"
BAND = 512  # raster rows written at once
CHUNK = 10_000  # rows written at once: field widths are fitted to the first rows and grow if need be
_SHAPEFILE = {"DBF_DATE_LAST_UPDATE": STAMP, "RESIZE": "YES"}
_ZIP_TIME = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class SampleFile:
    """A file of the sample.

    Parameters
    ----------
    path : Path
    kind : str
        Name in the census catalogue; empty for a plain table.
    provenance : Provenance
    """

    path: Path
    kind: str
    provenance: Provenance


@dataclass(frozen=True)
class Source:
    """What the table says of a file.

    Parameters
    ----------
    file, kind, title : str
    synthetic, large : bool
        Large files are made on first use, not committed.
    source, licence, date, crs, encoding : str
        Empty where it does not apply.
    missing : tuple of str
        Side files that are left out on purpose: ``cpg``, ``prj``.
    note, note_en : str
    """

    file: str
    kind: str
    title: str
    synthetic: bool
    large: bool
    source: str
    licence: str
    date: str
    crs: str
    encoding: str
    missing: tuple[str, ...]
    note: str
    note_en: str

    def at(self, folder: Path) -> SampleFile:
        """The file in that folder."""
        provenance = Provenance(
            source=self.source,
            date=self.date,
            licence=self.licence,
            synthetic=self.synthetic,
            model="layers.sample" if self.synthetic else "",
            note=self.note,
        )
        return SampleFile(folder / self.file, self.kind, provenance)


@cache
def sources() -> dict[str, Source]:
    """All sample files by name, committed and large."""
    with sample("sources.toml").open("rb") as file:
        rows = tomllib.load(file)["file"]
    return {row["file"]: Source(**{**row, "missing": tuple(row["missing"])}) for row in rows}


def write_shapes(
    folder: Path,
    name: str,
    columns: Mapping[str, Any],
    geometries: NDArray[Any],
    progress: Progress = ignore,
) -> None:
    """A Shapefile in the CRS and encoding of the table, with the side files that the table leaves.

    Parameters
    ----------
    folder : Path
    name : str
        A file of the table.
    columns : mapping
        Column name (at most ten bytes) → values.
    geometries : array of shapely geometry
        On the plane.
    progress : Progress

    Raises
    ------
    ValueError
        A name is too long, or GBK lacks a character: the format would cut it in silence.
    """
    source = sources()[name]
    frame = pd.DataFrame(dict(columns))
    _check_text(frame, source.encoding)
    placed = gpd.GeoDataFrame(frame, geometry=project(geometries, PLANE, source.crs), crs=source.crs)
    path = folder / name
    for start in range(0, len(placed), CHUNK):
        rows = placed.iloc[start : start + CHUNK]
        pyogrio.write_dataframe(rows, path, encoding=source.encoding, append=start > 0, **_SHAPEFILE)
        progress(min(start + CHUNK, len(placed)) / len(placed))
    for ending in source.missing:
        path.with_suffix(f".{ending}").unlink()


def _check_text(frame: pd.DataFrame, encoding: str) -> None:
    for column in frame.columns:
        if len(column.encode(encoding)) > 10:
            raise ValueError(f"field name too long for a Shapefile: {column}")
        if not pd.api.types.is_numeric_dtype(frame[column]):
            for text in frame[column].dropna().unique():
                text.encode(encoding)


def write_table(folder: Path, name: str, columns: Mapping[str, Any], points: NDArray[Any] | None) -> None:
    """A CSV or XLSX; with points, which lie on the plane, also the columns 经度 and 纬度."""
    source, frame = sources()[name], pd.DataFrame(columns)
    if points is not None:
        lon, lat = shapely.get_coordinates(project(points, PLANE, source.crs)).T
        frame = frame.assign(经度=lon, 纬度=lat)
    if name.endswith(".xlsx"):
        _write_workbook(folder / name, frame, source.title)
    else:
        encoding = "utf-8-sig" if source.encoding == "UTF-8-BOM" else source.encoding
        frame.to_csv(folder / name, index=False, encoding=encoding, lineterminator="\r\n")


def _write_workbook(path: Path, frame: pd.DataFrame, title: str) -> None:
    """A workbook whose parts carry a fixed time, so that the same rows give the same bytes."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(list(frame.columns))
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
        sheet.append(list(row))
    stamp = pd.Timestamp(STAMP).to_pydatetime()
    book.properties.created = book.properties.modified = stamp
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = [(part, archive.read(part)) for part in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts:
            if part == "docProps/core.xml":
                content = _restamp(content)
            archive.writestr(zipfile.ZipInfo(part, _ZIP_TIME), content, zipfile.ZIP_DEFLATED)


def _restamp(core: bytes) -> bytes:
    """The workbook's properties with the time of saving replaced."""
    head, _, rest = core.partition(b"<dcterms:modified")
    opening, _, tail = rest.partition(b">")
    _, _, end = tail.partition(b"<")
    return head + b"<dcterms:modified" + opening + b">" + STAMP.encode() + b"T00:00:00Z<" + end


def write_raster(
    folder: Path,
    name: str,
    values: NDArray[Any],
    lattice: Lattice,
    nodata: float,
    progress: Progress = ignore,
) -> None:
    """A tiled, compressed GeoTIFF of one band."""
    profile = {
        "driver": "GTiff",
        "dtype": values.dtype, "count": 1, "height": lattice.rows, "width": lattice.columns,
        "crs": lattice.crs, "transform": rasterio.Affine(*lattice.transform), "nodata": nodata,
        "compress": "deflate", "predictor": 2 if values.dtype.kind in "iu" else 3, "tiled": True,
        "blockxsize": 256, "blockysize": 256, "zlevel": 9 if values.size < 1e7 else 3,
    }  # fmt: skip
    with rasterio.open(folder / name, "w", **profile) as file:
        for top in range(0, lattice.rows, BAND):
            rows = values[top : top + BAND]
            file.write(rows, 1, window=Window(0, top, lattice.columns, len(rows)))
            progress(min(top + BAND, lattice.rows) / lattice.rows)


def sources_page() -> str:
    """The text of SOURCES.md: every layer, its origin and its terms, Chinese with an English summary."""
    lines = [_PAGE_HEAD]
    for title, synthetic, large in (("真实数据", False, False), ("合成数据（随仓库）", True, False),
                                    ("合成数据（首次使用时生成，不随仓库）", True, True)):  # fmt: skip
        lines += [
            f"\n## {title}\n",
            "| 文件 | 图层 | 来源 | 许可 | 坐标系 | 编码 | 说明 | English |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for s in sources().values():
            if (s.synthetic, s.large) == (synthetic, large):
                cells = (
                    f"`{s.file}`",
                    s.title,
                    s.source,
                    s.licence,
                    s.crs or "—",
                    s.encoding or "—",
                    s.note,
                    s.note_en,
                )
                lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_PAGE_HEAD = """# 示例数据来源

仓库的 LICENSE 只适用于程序代码；本文件夹的数据各依其来源的许可。标为“合成”的图层由程序按固定种子生成，
仅供演示与测试，不是任何单位的成果，不得当作真实情况使用；凡显示合成图层的地图都会注明。
行政界线仅作示意，非法定界线。

本页由 `sources.toml` 生成；`python -m layers.sample make` 由真实数据重新生成全部合成文件。

**English summary.** LICENSE covers the code alone; each data file stays under its own terms. Layers marked
synthetic are made by a seeded program for demonstration and testing: they are nobody's results and must not
be taken for the real situation; every map that shows one says so. Boundaries are sketches, not legal lines.
`python -m layers.sample make` regenerates every committed synthetic file from the committed real ones."""
