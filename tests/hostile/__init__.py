"""The whole program as a process, under everything that the world can throw at it."""
