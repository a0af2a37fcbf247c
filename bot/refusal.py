"""How a command says no."""


class Refused(Exception):
    """A command cannot do what is asked; the sentence says why and what to do."""
