"""One area as a file tells it, checked by itself."""

import json
import re
import unicodedata
from typing import Annotated, Any

import shapely
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from storage.domain.areas import Level

CODE_LIMIT = 64
NAME_LIMIT = 200

_ROUNDED = re.compile(r"[0-9]\.?[0-9]*E\+[0-9]+", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})  # control and format characters, halves of surrogate pairs


def refuse(kind: str, **details: Any) -> PydanticCustomError:
    """A fault of one field; `kind` is a key of `storage.area_faults.SENTENCES`."""
    return PydanticCustomError(kind, "refused", details)


def _tidy(value: object) -> str:
    """What a cell or property says, in one line without invisible characters; numbers as they were written."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
    return "".join(character for character in text if unicodedata.category(character) not in _INVISIBLE).strip()


def _code(value: object) -> str:
    code = _tidy(value)
    if not code:
        raise refuse("code_missing")
    if len(code) > CODE_LIMIT:
        raise refuse("code_too_long", limit=CODE_LIMIT)
    if _ROUNDED.fullmatch(code):
        raise refuse("code_rounded", code=code)
    if " " in code:
        raise refuse("code_spaced", code=code)
    return code


def _name(value: object) -> str:
    name = _tidy(value)
    if not name:
        raise refuse("name_missing")
    if len(name) > NAME_LIMIT:
        raise refuse("name_too_long", limit=NAME_LIMIT)
    return name


def _level(value: object) -> Level | None:
    name = _tidy(value)
    level = Level.named(name)
    if name and level is None:
        raise refuse("level_unknown", level=name)
    return level


def _aliases(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    written = value if isinstance(value, list | tuple) else re.split("[;；]", _tidy(value))
    return tuple(dict.fromkeys(_name(alias) for alias in written if _tidy(alias)))


def _polygon(value: object) -> bytes | None:
    """WKB of a GeoJSON geometry, or WKB as it is."""
    if value is None or isinstance(value, bytes):
        return value
    if not isinstance(value, dict) or value.get("type") not in ("Polygon", "MultiPolygon"):
        raise refuse("geometry_kind")
    try:
        shape = shapely.from_geojson(json.dumps(value))
    except GEOSException as error:
        raise refuse("geometry_broken") from error
    if shape.is_empty:
        raise refuse("geometry_broken")
    _check_degrees(shape)
    _check_border(shape)
    return bytes(shapely.to_wkb(shape, output_dimension=2, byte_order=1))


def _check_degrees(shape: BaseGeometry) -> None:
    west, south, east, north = shape.bounds
    place = f"{west:g}, {south:g}"
    if max(abs(west), abs(south), abs(east), abs(north)) > 360:
        raise refuse("coordinates_projected", place=place)
    # Read the other way round, longitude 3 to 54 with latitude 73 to 136 is China; as written nobody lives there.
    is_china_swapped = west >= 3 and east <= 54 and south >= 73 and north <= 136
    if is_china_swapped or (north > 90 and west >= -90 and east <= 90):
        raise refuse("coordinates_swapped", place=place)
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise refuse("coordinates_range", place=place)


def _check_border(shape: BaseGeometry) -> None:
    if shape.is_valid:
        return
    reason, _, place = shapely.is_valid_reason(shape).partition("[")
    if "Self-intersection" in reason:
        raise refuse("geometry_crossing", place=place.rstrip("]"))
    raise refuse("geometry_invalid", reason=reason)


class AreaRow(BaseModel):
    """One area of a file. What is None, or an empty parent, stays as it is for an area that is known already.

    `place` is the line or the number of the feature. `parent` is the parent's code, `polygon` WKB in degrees,
    longitude first.
    """

    model_config = ConfigDict(frozen=True)

    place: int
    code: Annotated[str, BeforeValidator(_code)] = Field(default="", validate_default=True)
    name: Annotated[str, BeforeValidator(_name)] = Field(default="", validate_default=True)
    parent: Annotated[str, BeforeValidator(_tidy)] = ""
    level: Annotated[Level | None, BeforeValidator(_level)] = None
    aliases: Annotated[tuple[str, ...] | None, BeforeValidator(_aliases)] = None
    polygon: Annotated[bytes | None, BeforeValidator(_polygon)] = None
