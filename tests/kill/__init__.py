"""The whole program, killed at random moments while people write to it: processes, a crowd, and what must be left."""
