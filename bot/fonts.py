"""The font that pictures are written in: Noto Sans CJK, from a package, so that every machine draws alike."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from PIL import ImageFont

REGULAR = 400
BOLD = 700

_SIMPLIFIED_CHINESE = 2  # of the collection's faces: Japanese, Korean, simplified Chinese, Taiwan, Hong Kong


@lru_cache(maxsize=64)
def font(size: int, weight: int = REGULAR) -> ImageFont.FreeTypeFont:
    """The face for simplified Chinese; `size` in pixels, `weight` from 100 to 900. Read when it is first asked for."""
    found = ImageFont.truetype(_path(), size, index=_SIMPLIFIED_CHINESE)
    found.set_variation_by_axes([weight])
    return found


@lru_cache(maxsize=1)
def _path() -> Path:
    return Path(str(files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc"))
