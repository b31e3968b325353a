"""What a hazard model is, and how its parameters describe themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from layers.grid import Grid
from layers.progress import Progress, ignore

Status = Literal["verified", "recalled", "derived"]


@dataclass(frozen=True)
class IntensityMeasure:
    """What the values of a hazard say.

    Parameters
    ----------
    name : str
        Its words are ``measure.NAME``.
    unit : str
        SI unit, or empty for a ratio or a scale.
    worse : {"higher", "lower"}
        Which way the hazard grows.
    """

    name: str
    unit: str
    worse: Literal["higher", "lower"] = "higher"


@dataclass(frozen=True)
class Input:
    """A grid that a model reads.

    Parameters
    ----------
    name : str
        Its words are ``input.NAME``.
    unit : str
    meaning : str
        In one English sentence: what a value says, and what no data means.
    """

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Reference:
    """Where a model comes from, and whether its numbers were checked against the source.

    Parameters
    ----------
    text : str
    status : {"verified", "recalled", "derived"}
    """

    text: str
    status: Status


class HazardModel(Protocol):
    """A hazard as a frozen value with one pure function.

    Write a model as a frozen dataclass. Its fields are its parameters, made with `parameter`, so that the
    window can make a form of them and the sheet can print where they come from. The class says which
    hazard and measure it is about and which grids it reads (``requires``): no more and no less. Give it
    words: ``model.NAME``, ``limits.NAME`` and, for each field, ``parameter.NAME.FIELD``.

    What `intensity` promises: it answers on the lattice of its inputs; a cell without data in any input
    has no data in the answer; it does not change its inputs; equal calls give equal answers; it reports
    progress at safe points, where a listener may raise `Cancelled`.

    Examples
    --------
    A whole model: snow load from the depth of snow.

    >>> import numpy as np
    >>> from layers.grid import Lattice
    >>> @dataclass(frozen=True)
    ... class SnowLoad:
    ...     '''Load of settled snow: weight = density x gravity x depth.'''
    ...     name: ClassVar[str] = "snow_load"
    ...     hazard: ClassVar[str] = "snow"
    ...     measure: ClassVar[IntensityMeasure] = IntensityMeasure("snow_load", "kPa", "higher")
    ...     requires: ClassVar[tuple[Input, ...]] = (Input("snow", "m", "Depth of snow."),)
    ...     references: ClassVar[tuple[Reference, ...]] = (Reference("weight of a column", "derived"),)
    ...     limits: ClassVar[str] = "limits.snow_load"
    ...     density: float = parameter(150.0, unit="kg/m3", source="North China", status="recalled",
    ...                                low=50.0, high=500.0)
    ...     def intensity(self, inputs, progress=ignore):
    ...         snow = inputs["snow"]
    ...         load = snow.like(snow.values * self.density * 9.81 / 1000.0, unit="kPa")
    ...         progress(1.0)
    ...         return load
    >>> lattice = Lattice(0.0, 10.0, 10.0, 1, 2, "EPSG:4548")
    >>> snow = Grid(np.array([[0.2, np.nan]]), lattice, "m")
    >>> SnowLoad().intensity({"snow": snow}).values.round(3).tolist()
    [[0.294, nan]]
    >>> [p.name for p in parameters(SnowLoad())]
    ['density']
    """

    name: ClassVar[str]
    hazard: ClassVar[str]
    measure: ClassVar[IntensityMeasure]
    requires: ClassVar[tuple[Input, ...]]
    references: ClassVar[tuple[Reference, ...]]
    limits: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def intensity(self, inputs: Mapping[str, Grid], progress: Progress = ignore) -> Grid:
        """The hazard's intensity on the lattice of the inputs.

        Parameters
        ----------
        inputs : mapping of str to Grid
            At least the grids named in `requires`, all on one lattice.
        progress : Progress

        Returns
        -------
        Grid
            In the unit of `measure`; NaN where any input is.

        Raises
        ------
        BadInput
            The inputs lie on different lattices.
        Cancelled
            The listener of `progress` wants no more.
        """
        ...


class Parameter(NamedTuple):
    """A field of a model, as a form or a sheet's note shows it."""

    name: str
    value: Any
    unit: str
    source: str
    status: Status
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    when: tuple[str, str | tuple[str, ...]] | None = None


def parameter(
    default: Any,
    *,
    unit: str = "",
    source: str,
    status: Status,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    when: tuple[str, str | tuple[str, ...]] | None = None,
) -> Any:
    """A dataclass field that says what a form has to know.

    Parameters
    ----------
    default : float or str
    unit, source : str
    status : {"verified", "recalled", "derived"}
        Never shown as official unless verified.
    low, high : float or None
        Bounds within which a number makes sense, both included.
    choices : tuple of str
        For a word: the words it may be.
    when : tuple of (str, str or tuple of str), optional
        Another parameter and the word, or one of the words, it must have for this one to count.
    """
    metadata = {
        "unit": unit,
        "source": source,
        "status": status,
        "low": low,
        "high": high,
        "choices": choices,
        "when": when,
    }
    return field(default=default, metadata=metadata)


def parameters(model: Any) -> Iterator[Parameter]:
    """The parameters of a model (or any frozen value whose fields were made with `parameter`)."""
    for each in fields(model):
        if each.metadata:
            yield Parameter(each.name, getattr(model, each.name), **each.metadata)


def used_parameters(model: Any) -> Iterator[Parameter]:
    """Those parameters that count, as the others stand.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Rain:
    ...     sort: str = parameter("even", source="", status="derived", choices=("even", "storm"))
    ...     period: float = parameter(20.0, source="", status="derived", when=("sort", "storm"))
    >>> [each.name for each in used_parameters(Rain())], len(list(used_parameters(Rain("storm"))))
    (['sort'], 2)
    """
    counting: dict[str, Any] = {}
    for each in parameters(model):
        name, words = each.when or ("", "")
        if each.when is None or counting.get(name) in ((words,) if isinstance(words, str) else words):
            counting[each.name] = each.value
            yield each


def check_parameters(model: Any) -> None:
    """Refuse values out of bounds; called by a model's ``__post_init__``.

    Raises
    ------
    ValueError
        The parameter and its bounds are named.
    """
    for each in parameters(model):
        if each.choices and each.value not in each.choices:
            raise ValueError(f"{each.name} is {each.value!r}, not one of {each.choices}")
        low = -float("inf") if each.low is None else each.low
        high = float("inf") if each.high is None else each.high
        if not each.choices and not low <= each.value <= high:
            raise ValueError(f"{each.name} is {each.value}, not within {low} … {high}")
