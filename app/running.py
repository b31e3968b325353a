"""A run of a hazard's model, for tasks: first the hazard is kept, then the risk that follows from it."""

from app.panels.hazard import Run
from layers.changes import Edit
from layers.progress import Progress
from layers.risk.assessment import hazard_result, results_edit, risk_result
from layers.storage.geopackage import ProjectFile


def hazard_edit(project: ProjectFile, run: Run, name: str, progress: Progress) -> Edit:
    """Run the model with the numbers of the form; the edit that keeps what it gives."""
    result = hazard_result(project, run.hazard, progress, model=run.model)
    return results_edit(name, project, result)


def risk_edit(project: ProjectFile, run: Run, name: str, progress: Progress) -> Edit:
    """The risk of the hazard that the project holds now; the edit that keeps it."""
    result = risk_result(project, run.hazard, progress, vulnerability=run.vulnerability)
    return results_edit(name, project, result)
