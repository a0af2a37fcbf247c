"""The worst moments of platforms and people: refusals for an hour, everything twice, in the wrong order, at once."""
