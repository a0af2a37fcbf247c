"""Places on Chinese maps, and where they are."""

from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.chinese_coordinates import to_gcj02, to_wgs84
from handlers.messages import Place

RADIUS = 6_371_000.0  # metres


def metres(one: Place, other: Place) -> float:
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    chord = sin(north / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return 2 * RADIUS * asin(sqrt(chord))


# As others have them: in the world, and on a Chinese map. googollee/eviltransform, its tests in every language;
# wandergis/coordtransform, its README, test_app.js and the tests of those who took it over: Tiananmen.
PUBLISHED = {
    "Shanghai": (Place(31.1774276, 121.5272106), Place(31.17530398364597, 121.531541859215)),
    "Shenzhen": (Place(22.543847, 113.912316), Place(22.540796131694766, 113.9171764808363)),
    "Beijing": (Place(39.911954, 116.377817), Place(39.91334545536069, 116.38404722455657)),
    "Tiananmen": (Place(39.915, 116.404), Place(39.91640428150164, 116.41024449916938)),
}

# China, from Zengmu Reef to the Heilongjiang, and from the Pamirs to the Ussuri.
in_china = st.builds(Place, st.floats(3.9, 53.6), st.floats(73.5, 135.1))
outside = st.builds(Place, st.floats(-90, 0.8) | st.floats(55.9, 90), st.floats(-180, 180)) | st.builds(
    Place, st.floats(-90, 90), st.floats(-180, 72.0) | st.floats(137.9, 180)
)


@pytest.mark.parametrize("name", PUBLISHED)
def test_places_are_where_others_have_them(name: str) -> None:
    place, shown = PUBLISHED[name]
    assert metres(to_wgs84(shown), place) < 0.5
    assert metres(to_gcj02(place), shown) < 0.5


@given(in_china)
@example(Place(35.0, 105.0))
@example(Place(26.0, 104.999999))
@example(Place(53.56, 123.25))
def test_there_and_back_is_under_a_metre_everywhere_in_china(place: Place) -> None:
    assert metres(to_wgs84(to_gcj02(place)), place) < 0.01
    assert metres(to_gcj02(to_wgs84(place)), place) < 0.01


@given(in_china)
def test_what_a_map_shows_is_beside_the_place_but_not_far(place: Place) -> None:
    assert 1 < metres(to_wgs84(place), place) < 2000


@given(outside)
@example(Place(-33.86, 151.21))
@example(Place(0.0, 0.0))
@example(Place(90.0, 180.0))
def test_outside_nothing_is_shifted(place: Place) -> None:
    assert to_wgs84(place) == place


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
def test_nowhere_stays_nowhere(odd: float) -> None:
    for place in (Place(odd, 110.0), Place(30.0, odd)):
        assert to_wgs84(place) is place
