"""An installation in a folder of its own, driven by the commands that an operator types."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.cli import main
from storage.areas import load_index
from storage.database import open_database, transaction
from storage.store import Store
from tests.conversing import NOW


@dataclass(frozen=True)
class Said:
    """What a command said, and the code it ended with."""

    code: int
    out: str
    err: str


class Installation:
    """Commands that run in this process; `set` is the environment they find."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.set(DATA_DIR=str(folder / "data"), HTTP_PORT="0")

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(f"MINSHENG_{name}", value)

    def says(self, *arguments: object) -> Said:
        self._capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = self._capsys.readouterr()
        return Said(code, out, err)

    def does(self, *arguments: object) -> str:
        """What it says on standard output; it must succeed."""
        said = self.says(*arguments)
        assert said.code == 0, said.err
        return said.out

    def refuses(self, *arguments: object) -> str:
        """What it says on standard error; it must refuse, without a traceback."""
        said = self.says(*arguments)
        assert said.code == 1, said
        assert "Traceback" not in said.err
        return said.err.strip()

    def setup(self, *more: object, name: str = "云溪镇人大", code: str = "431382100", level: str = "township") -> str:
        return self.does(
            *("setup", "--name", name, "--level", level, "--area-code", code, "--area-name", name.removesuffix("人大")),
            *("--staff", "王芳", "--year", 2026, "--collecting-from", "2026-07-01", "--collecting-to", "2026-12-31"),
            *more,
        )

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def engine(self) -> Engine:
        return open_database(f"sqlite:///{self.folder / 'data' / 'minsheng.db'}")

    def store(self) -> "_Opened":
        """`with installation.store() as store:` for looking and for preparing."""
        return _Opened(self.engine)


class _Opened:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._transaction = transaction(engine)

    def __enter__(self) -> Store:
        unit = self._transaction.__enter__()
        return Store(unit, NOW, load_index(unit))

    def __exit__(self, *error: object) -> None:
        self._transaction.__exit__(*error)  # type: ignore[arg-type]  # handed on as it came
        self._engine.dispose()
