"""A run of a hazard's model, for tasks: first the hazard is kept, then the risk that follows from it."""

from app.panels.hazard import Run
from layers.changes import Change, Edit
from layers.progress import Progress
from layers.risk.assessment import hazard_result, results_edit, risk_result
from layers.storage.geopackage import ProjectFile


def hazard_edit(project: ProjectFile, run: Run, name: str, progress: Progress) -> Edit:
    """Run the model with the numbers of the form; the edit that keeps what it gives."""
    result = hazard_result(project, run.hazard, progress, model=run.model)
    return _replacing(results_edit(name, project, result), project, f"hazard_{run.hazard}")


def risk_edit(project: ProjectFile, run: Run, name: str, progress: Progress) -> Edit:
    """The risk of the hazard that the project holds now; the edit that keeps it."""
    result = risk_result(project, run.hazard, progress)
    return _replacing(results_edit(name, project, result), project, f"risk_{run.hazard}")


def _replacing(edit: Edit, project: ProjectFile, kind: str) -> Edit:
    """The edit, and with it the earlier results of the kind off the list."""
    gone = {change.key for change in edit.changes if change.after is None}
    rows = project.table("layers")
    earlier = tuple(
        Change("layers", entry.name, dict(rows[entry.name]), None)
        for entry in project.layers()
        if entry.kind == kind and entry.name not in gone
    )
    return Edit(edit.name, earlier + edit.changes, edit.loads)
