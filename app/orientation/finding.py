"""What a word typed into the search box may mean: a coordinate, bookmark, layer, region or named place."""

from app.orientation.bookmarks import Bookmark
from app.orientation.places import Gazetteer, coordinate
from app.stack import Stack, title_of
from app.words import Words
from layers.grid import Extent

Hit = tuple[str, str, object]
"""Its name, what it is, and where it leads: an extent, a bookmark, a layer's name, or a place."""
MOST = 14


def find(
    text: str, crs: str, stack: Stack, gazetteer: Gazetteer, bookmarks: tuple[Bookmark, ...], words: Words
) -> list[Hit]:
    """All that the text may mean, the likeliest first."""
    hits: list[Hit] = []
    point = coordinate(text, crs)
    if point is not None:
        hits.append((text, words.say("search.coordinate"), Extent(*point, *point).grown(500)))
    hits += [(bookmark.name, words.say("search.bookmark"), bookmark) for bookmark in bookmarks]
    wanted = text.strip().casefold()
    for entry in stack.entries:
        title = title_of(entry, words.language)
        if wanted and wanted in title.casefold():
            hits.append((title, words.say("search.layer"), entry.name))
    hits += [(p.name, words.say(f"search.kind.{p.kind}"), p) for p in gazetteer.find(text)]
    return hits[:MOST]
