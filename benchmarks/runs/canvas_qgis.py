"""How long QGIS draws: run by `benchmarks/canvas.py` with the Python of a QGIS installation.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 benchmarks/runs/canvas_qgis.py file|memory TASK

TASK is JSON: path of the GeoPackage, places (scale, x, y, metres a pixel), styles by layer. Prints the least
milliseconds of each scale and the resident memory as one JSON line.
"""

import json
import os
import pathlib
import sys
import time

from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsMarkerSymbol,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WIDTH, HEIGHT = 1600, 1000
PIXEL_MM = str(25.4 / 96)


def symbol(layer, style):
    """The style as QGIS says it: outlines of one pixel, circles of 2 mm."""
    kind = layer.geometryType()
    if kind == 0:
        return QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": style["fill"], "size": "2", "outline_style": "no"}
        )
    if kind == 1:
        return QgsLineSymbol.createSimple({"line_color": style["stroke"], "line_width": PIXEL_MM})
    return QgsFillSymbol.createSimple(
        {"color": style["fill"], "outline_color": style["stroke"], "outline_width": PIXEL_MM}
    )


def main(source, task):
    layers = []
    for name, style in task["styles"].items():
        layer = QgsVectorLayer(f"{task['path']}|layername={name}", name, "ogr")
        if source == "memory":
            layer = layer.materialize(QgsFeatureRequest())
        layer.setRenderer(QgsSingleSymbolRenderer(symbol(layer, style)))
        layers.insert(0, layer)
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setOutputDpi(96)
    settings.setFlag(QgsMapSettings.Antialiasing, True)
    settings.setBackgroundColor(QColor("#ffffff"))
    settings.setDestinationCrs(layers[0].crs())
    times = {}
    name, x, y, metres = task["places"][0]
    warming = name, x + 999, y + 999, metres  # not timed, and none of the places
    for turn, (scale, x, y, metres) in enumerate([warming, *task["places"]]):
        dx, dy = WIDTH * metres / 2, HEIGHT * metres / 2
        settings.setExtent(QgsRectangle(x - dx, y - dy, x + dx, y + dy))
        start = time.perf_counter()
        job = QgsMapRendererSequentialJob(settings)
        job.start()
        job.waitForFinished()
        if turn:
            times.setdefault(scale, []).append(1000 * (time.perf_counter() - start))
        if os.environ.get("PICTURES"):
            job.renderedImage().save(f"{os.environ['PICTURES']}/qgis-{scale}.png")
    found = {f"redraw at {scale} scale": round(min(t), 1) for scale, t in times.items()}
    status = pathlib.Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in status if line.startswith("VmHWM"))
    return {**found, "resident memory": round(int(peak.split()[1]) / 1024)}


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
    sys.stdout.flush()
    os._exit(0)  # Qt's own end can crash without a display
