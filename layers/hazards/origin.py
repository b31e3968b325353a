"""Where a result comes from, and what is printed with it."""

from dataclasses import dataclass, replace

from layers.layer import Provenance


@dataclass(frozen=True)
class Origin:
    """Where a result comes from.

    Parameters
    ----------
    provenance : Provenance
    sources : tuple of str
        To be printed.
    notes : tuple of str
        Word keys of limits and assumptions, to be printed.
    """

    provenance: Provenance
    sources: tuple[str, ...]
    notes: tuple[str, ...]

    def noting(self, *keys: str) -> "Origin":
        """The same with further notes, each once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *keys))))

    def modelled(self, *models: object) -> "Origin":
        """The same, with further models in its recipe."""
        recipe = "; ".join((self.provenance.model, *map(repr, models)))
        return replace(self, provenance=replace(self.provenance, model=recipe))


@dataclass(frozen=True, eq=False, kw_only=True)
class Traced:
    """A result that tells its origin.

    Parameters
    ----------
    origin : Origin
    """

    origin: Origin

    @property
    def provenance(self) -> Provenance:
        """Its layers and models."""
        return self.origin.provenance

    @property
    def sources(self) -> tuple[str, ...]:
        """To be printed."""
        return self.origin.sources

    @property
    def notes(self) -> tuple[str, ...]:
        """Word keys of limits and assumptions."""
        return self.origin.notes

    @property
    def synthetic(self) -> bool:
        """Whether any layer behind it is made up."""
        return self.provenance.synthetic
