"""What tests see in a picture."""

from io import BytesIO

from PIL import Image, ImageDraw

from bot.pictures.canvas import MARGIN, RGB, SIZE, Colour
from bot.pictures.heading import BAND


def picture(png: bytes) -> Image.Image:
    """The picture that a telephone shows, which must be a whole PNG of the agreed size."""
    image = Image.open(BytesIO(png))
    assert image.format == "PNG"
    assert image.size == SIZE
    return image.convert("RGB")


def only(image: Image.Image, colour: Colour) -> Image.Image:
    """Where exactly this colour is: 255 there, 0 elsewhere."""
    wanted = RGB[colour]
    matches = [
        band.point([255 if shade == part else 0 for shade in range(256)])
        for band, part in zip(image.split(), wanted, strict=True)
    ]
    return Image.merge("RGB", matches).convert("L").point([0] * 255 + [255])


def share(image: Image.Image, colour: Colour) -> float:
    """How much of an image is of this colour, from 0 to 1."""
    return only(image, colour).histogram()[255] / (image.width * image.height)


def patches(image: Image.Image, colour: Colour) -> int:
    """How many patches of one colour there are that do not touch."""
    mask, count = only(image, colour), 0
    while (box := mask.getbbox()) is not None:
        first = next(x for x in range(box[0], box[2]) if mask.getpixel((x, box[1])))
        ImageDraw.floodfill(mask, (first, box[1]), 0)
        count += 1
    return count


def longest_run(image: Image.Image, colour: Colour) -> int:
    """The greatest length of one colour in a row, in pixels."""
    rows = only(image, colour).tobytes()
    width = image.width
    return max(max(map(len, rows[at : at + width].split(b"\0"))) for at in range(0, len(rows), width))


def edges_are_empty(image: Image.Image) -> bool:
    """Whether nothing stands outside of the margins, below the band."""
    slack = 24  # for the foot of the bar's pointer
    sides = ((0, BAND, MARGIN - slack, SIZE[1]), (SIZE[0] - MARGIN + slack, BAND, *SIZE))
    return all(image.crop(side).getextrema() == ((255, 255),) * 3 for side in (*sides, (0, SIZE[1] - 8, *SIZE)))
