"""What QGIS makes of a project file: run with the Python of a QGIS installation, without a display.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 benchmarks/peer_qgis_opens.py PROJECT.gpkg [PICTURE.png]

Opens the QGIS project inside the file; checks that every layer is valid, named in Chinese and in the
project's place, and that no internal table shows, neither there nor in GDAL's listing; draws it. Prints one
JSON line; exit 1 if anything is amiss.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from osgeo import ogr
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
)
from qgis.PyQt.QtCore import QSize

HENGSHUI = (115.0, 36.9, 116.8, 38.6)  # west, south, east, north, degrees: the city and its rivers
INTERNAL = ("riskatlas_", "gpkg_", "rtree_", "qgis_", "sqlite_")


def main(path, picture):
    """Open, check, draw; returns what was found."""
    project = QgsProject.instance()
    opened = project.read(f"geopackage:{path}?projectName=riskatlas")
    layers = [tree.layer() for tree in project.layerTreeRoot().findLayers()]
    listed = [layer.GetName() for layer in ogr.Open(path)]
    amiss = [] if opened else ["project"]
    amiss += [f"invalid: {layer.name()}" for layer in layers if not layer.isValid()]
    amiss += [f"no Chinese name: {layer.name()}" for layer in layers if not is_chinese(layer.name())]
    amiss += [f"internal: {name}" for name in listed if name.startswith(INTERNAL)]
    amiss += [f"internal in project: {layer.name()}" for layer in layers if is_internal(layer)]
    amiss += [f"elsewhere: {layer.name()}" for layer in layers if layer.isSpatial() and is_elsewhere(layer)]
    found = {
        "title": project.title(),
        "crs": project.crs().authid(),
        "groups": [group.name() for group in project.layerTreeRoot().findGroups()],
        "layers": [layer.name() for layer in layers],
        "listed": listed,
        "view": project.viewSettings().defaultViewExtent().toString(0),
        "amiss": amiss,
    }
    if picture:
        draw(project, picture)
    return found


def is_chinese(name):
    """Whether the name has a Chinese character."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in name)


def is_internal(layer):
    """Whether the layer shows a table that is not for users."""
    return layer.source().split("layername=")[-1].startswith(INTERNAL)


def is_elsewhere(layer):
    """Whether the layer does not touch the city."""
    degrees = QgsCoordinateReferenceSystem("EPSG:4490")
    change = QgsCoordinateTransform(layer.crs(), degrees, QgsProject.instance())
    box = change.transformBoundingBox(layer.extent())
    west, south, east, north = HENGSHUI
    return not (
        box.xMinimum() < east and box.xMaximum() > west and box.yMinimum() < north and box.yMaximum() > south
    )


def draw(project, picture):
    """The project as its list of layers shows it."""
    settings = QgsMapSettings()
    settings.setLayers([t.layer() for t in project.layerTreeRoot().findLayers() if t.isVisible()])
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(QSize(1200, 1200))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    result = main(str(Path(words[0]).resolve()), words[1] if len(words) > 1 else "")
    print(json.dumps(result, ensure_ascii=False))
    sys.stdout.flush()
    os._exit(1 if result["amiss"] else 0)  # Qt's own end can crash without a display
