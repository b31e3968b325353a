"""A run of a hazard's model, for a task: the hazard, the risk and what follows from it, kept as one edit."""

from app.panels.hazard import Run
from layers.changes import Edit
from layers.progress import Progress, part
from layers.risk.assessment import results_edit, risk_result
from layers.risk.consequences import FOLLOWING, consequences
from layers.storage.geopackage import ProjectFile


def run_edit(project: ProjectFile, run: Run, name: str, progress: Progress) -> Edit:
    """Run the model with the numbers of the form; the edit that keeps hazard and risk."""
    reckoned = part(progress, 0.0, 0.85)
    found = risk_result(project, run.hazard, reckoned, model=run.model, vulnerability=run.vulnerability)
    has_more = found.hazard_result.companions is not None
    more = consequences(project, found, part(progress, 0.85, 1.0)) if has_more else ()
    gone = FOLLOWING if has_more else ()
    return results_edit(name, project, found.hazard_result, found, more=more, instead_of=gone)
