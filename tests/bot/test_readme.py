"""The files that the READMEs show go together: a congress that is set up as they say takes them in."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.bot.installation import Installation
from tests.bot_api.files import small_photo
from tests.conversing import NOW

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("paper", ["README.md", "README.zh-CN.md"])
def test_what_the_readmes_show_can_be_taken_in(
    paper: str, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.clock.datetime", SimpleNamespace(now=lambda _: NOW))
    shown = re.findall(r"^```\w*\n(.*?)^```$", (ROOT / paper).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)

    def example(name: str, begins: str) -> Path:
        (text,) = (block for block in shown if block.startswith(begins))
        return installation.file(name, text)

    (setup,) = (block for block in shown if block.startswith("minsheng setup --name"))
    installation.does(*setup.replace("\\\n", " ").split()[1:])
    assert "已导入" in installation.does("import-areas", example("areas.csv", "编码,"))
    installation.does("import-people", example("people.csv", "姓名,身份"))
    assert "导入 1 个项目" in installation.does("import-projects", example("projects.csv", "项目名称,"))
    installation.file("通知.pdf", "%PDF-1.4\n%%EOF\n")
    (installation.folder / "海报.png").write_bytes(small_photo())
    notice = example("notice.txt", "种类：")
    assert "2027-07-01 09:00" in installation.does("announce", notice, "--author", "李秀英")
