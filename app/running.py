"""A run of a hazard's model, for a task: the hazard and the risk that follows from it, kept as one edit."""

from app.panels.hazard import Run
from layers.changes import Edit
from layers.progress import Progress
from layers.risk.assessment import results_edit, risk_result
from layers.storage.geopackage import ProjectFile


def run_edit(project: ProjectFile, run: Run, name: str, progress: Progress) -> Edit:
    """Run the model with the numbers of the form; the edit that keeps hazard and risk."""
    found = risk_result(project, run.hazard, progress, model=run.model, vulnerability=run.vulnerability)
    return results_edit(name, project, found.hazard_result, found)
