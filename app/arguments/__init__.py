"""The words that the command line understands. Light: nothing here imports the domain's heavy parts."""

import argparse
import os

from app import __version__
from app.arguments.editing import editing_words
from app.arguments.project import project_words
from app.arguments.risk import risk_words
from app.arguments.shelters import relief_words, shelter_words
from app.arguments.simulation import simulate_words, terrain_words
from app.arguments.siting import siting_words
from layers.words import LANGUAGES, Language


def _default_language() -> Language:
    asked = os.environ.get("RISKATLAS_LANGUAGE", "zh_CN")
    return "en" if asked.startswith("en") else "zh_CN"


def _common() -> argparse.ArgumentParser:
    """Options that may stand before the verb or after it: what stands nowhere overwrites nothing."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--json", action="store_true", help="print one JSON object for machines")
    common.add_argument("--language", choices=LANGUAGES)
    return common


def parser() -> argparse.ArgumentParser:
    """Every verb with its options."""
    common = _common()
    found = argparse.ArgumentParser(
        prog="riskatlas", description="风险一张图: natural-hazard risk maps by region", parents=[_common()]
    )
    found.set_defaults(json=False, language=_default_language())
    found.add_argument("--version", action="version", version=f"riskatlas {__version__}")
    verbs = found.add_subparsers(dest="verb", metavar="VERB")

    def verb(name: str, meaning: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=meaning, description=meaning, parents=[common])

    project_words(verb)
    editing_words(verb)
    risk_words(verb)
    siting_words(verb("site", "choose sites for demand points, with a bound on how good the plan is"))
    shelter_words(verb("shelters", "choose shelters in a project after an event; write cards and tables"))
    relief_words(verb("relief", "depots, stock, needs, the ten-hour rule, responders, warnings, the grid"))
    simulate_words(verb("simulate", "run a hazard on plain files"), common)
    terrain_words(verb("terrain", "join tiles of ground, treat its sinks, list its low places"))
    verb("warm", "compile the kernels and make the large sample layers")
    return found
