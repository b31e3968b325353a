"""A run of a hazard's model, for a task: hazard, then risk, then the one Edit that keeps both."""

from app.panels.hazard import Run
from layers.changes import Edit
from layers.progress import Progress, part
from layers.risk.assessment import hazard_result, results_edit, risk_result
from layers.storage.geopackage import ProjectFile


def store_run(project: ProjectFile, run: Run, name: str, progress: Progress) -> Edit:
    """Run the hazard with the model of the form and make the edit that stores the results."""
    hazard = hazard_result(project, run.hazard, part(progress, 0.0, 0.5))
    risk = risk_result(project, run.hazard, part(progress, 0.5, 0.95))
    return results_edit(name, project, hazard, risk)
