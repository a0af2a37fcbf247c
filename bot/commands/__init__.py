"""The subcommands of `minsheng`, one module each: `arguments(parser)` and `run(parsed)`."""
