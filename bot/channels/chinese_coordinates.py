"""From the coordinates of Chinese maps to those of the rest of the world.

Maps published in China show places in GCJ-02, some hundred metres beside WGS 84 (GB 20263-2006 asks for it). The shift
itself is not published; the formula here is the one that has been known since 2010 (among others as eviltransform).
"""

from math import cos, pi, radians, sin, sqrt

from handlers.messages import Place

# Of the Krasovsky 1940 ellipsoid: the equatorial radius in metres, and the square of its eccentricity.
_RADIUS = 6_378_245.0
_ECCENTRICITY = 0.006_693_421_622_965_943
_LATITUDES, _LONGITUDES = (0.8293, 55.8271), (72.004, 137.8347)  # outside of these nothing is shifted
_ROUNDS = 4  # each leaves a thousandth of the error: the first already less than a metre


def to_wgs84(place: Place) -> Place:
    """The place that a Chinese map shows there."""
    if not (_within(place.latitude, _LATITUDES) and _within(place.longitude, _LONGITUDES)):
        return place
    found = place
    for _ in range(_ROUNDS):
        shown = to_gcj02(found)
        found = Place(
            found.latitude + place.latitude - shown.latitude, found.longitude + place.longitude - shown.longitude
        )
    return found


def to_gcj02(place: Place) -> Place:
    """Where a Chinese map shows a place in China."""
    east, north = place.longitude - 105, place.latitude - 35
    root = sqrt(abs(east))
    waves = 20 * (sin(6 * east * pi) + sin(2 * east * pi))
    northward = -100 + 2 * east + 3 * north + 0.2 * north**2 + 0.1 * east * north + 0.2 * root
    northward += 2 / 3 * (waves + _sum(north, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))
    eastward = 300 + east + 2 * north + 0.1 * east**2 + 0.1 * east * north + 0.1 * root
    eastward += 2 / 3 * (waves + _sum(east, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))
    narrowing = 1 - _ECCENTRICITY * sin(radians(place.latitude)) ** 2
    metres_north = radians(_RADIUS * (1 - _ECCENTRICITY) / narrowing**1.5)  # in a degree
    metres_east = radians(_RADIUS / sqrt(narrowing) * cos(radians(place.latitude)))
    return Place(place.latitude + northward / metres_north, place.longitude + eastward / metres_east)


def _sum(degrees: float, *waves: tuple[float, float]) -> float:
    return sum(height * sin(times * degrees * pi) for height, times in waves)


def _within(degrees: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= degrees <= limits[1]
