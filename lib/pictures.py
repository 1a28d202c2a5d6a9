"""A reader's own picture, from whatever it comes in, as R, G, B in bytes; what was changed is said.

Everything that a person would expect to work is converted; what cannot is one PictureError.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MOST = 1200  # pixels on the longer side of what is returned


class PictureError(ValueError):
    """A picture that cannot be used; the message says why and what would help."""


@dataclass(frozen=True)
class Picture:
    """``rgb`` uint8 (height, width, 3), and in words what had to be changed for it."""

    rgb: np.ndarray
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        height, width = self.rgb.shape[:2]
        return "; ".join([f"{width} x {height} pixels", *self.notes])


def load(source, most: int = MOST, least: int = 1) -> Picture:
    """A picture from a file, Pillow or an array.

    Parameters
    ----------
    source : path of a file, an image of Pillow's, or an array (h, w), (h, w, 1), (h, w, 3) or (h, w, 4)
        of bytes, 16-bit numbers, booleans or floats in 0..1; lists do too, and a tensor, which may have
        its channels first.
    most : a longer side is reduced to so many pixels.
    least : pixels that each side must have, such as 3 for a window of 3 x 3.

    Raises PictureError.
    """
    notes: list[str] = []
    if isinstance(source, (str, Path)):
        image = _from_file(Path(source).expanduser(), most, notes)
    elif isinstance(source, Image.Image):
        image = _from_pillow(source, notes)
    else:
        image = _from_array(_as_array(source), notes)
    image = _to_rgb(image, notes)
    if max(image.size) > most:
        was = f"{image.width} x {image.height}"
        image.thumbnail((most, most), Image.LANCZOS)
        notes.append(f"reduced from {was}")
    if min(image.size) < least:
        raise PictureError(f"the picture has {image.width} x {image.height} pixels; each side needs at "
                           f"least {least}: take a larger one.")
    return Picture(np.array(image), tuple(notes))


def _from_file(path: Path, most: int, notes: list[str]) -> Image.Image:
    if not path.is_file():
        raise PictureError(f"{path} is {'a folder' if path.is_dir() else 'not there'}: name a file that "
                           "holds one picture.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path)
        if getattr(image, "n_frames", 1) > 1:
            notes.append(f"the first of {image.n_frames} frames")
        full = image.size
        image.draft(None, (2 * most, 2 * most))  # a JPEG is decoded smaller where that is enough
        image.load()
        if image.size != full:
            notes.append(f"read from {full[0]} x {full[1]} at a part of its size")
    except UnidentifiedImageError as error:
        raise PictureError(f"{path} is not a picture that can be read (PNG, JPEG, TIFF, WebP, GIF, BMP "
                           "can).") from error
    except Image.DecompressionBombError as error:
        raise PictureError(f"{path} is too large to open ({error}): make it smaller first.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError(f"{path} is cut off or damaged ({error}): copy it again.") from error
    return _upright(image, notes)


def _from_pillow(image: Image.Image, notes: list[str]) -> Image.Image:
    if 0 in image.size:
        raise PictureError("an image without pixels is no picture.")
    try:
        return _upright(image, notes)  # this reads its pixels, where that was put off
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError(f"the picture is cut off, damaged or closed ({error}): open it again.") from error


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    """Turned as its camera says (EXIF orientation)."""
    turned = ImageOps.exif_transpose(image)
    if image.getexif().get(0x0112, 1) != 1:
        notes.append("turned as its camera says")
    return turned


def _as_array(source) -> np.ndarray:
    """An array from what is one in other words: lists, tensors."""
    tensor = hasattr(source, "detach")
    try:
        array = np.asarray(source.detach().cpu() if tensor else source)
    except (TypeError, ValueError, RuntimeError) as error:
        raise PictureError(f"a {type(source).__name__} that makes no array is no picture.") from error
    if array.dtype.kind not in "biuf":
        raise PictureError(f"a {type(source).__name__} is no picture: give the name of a file, an image of "
                           "Pillow's or an array of numbers.")
    first = tensor and array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4)
    return np.moveaxis(array, 0, 2) if first else array


def _from_array(array: np.ndarray, notes: list[str]) -> Image.Image:
    """Bytes from numbers of other kinds."""
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or not array.size:
        raise PictureError(f"an array of shape {array.shape} is no picture: it must be (height, width) or "
                           "(height, width, 3 or 4).")
    if array.dtype == bool:
        array = array * np.uint8(255)
    elif array.dtype == np.uint16:
        array = (array // 257).astype(np.uint8)
        notes.append("16 bits a channel reduced to 8")
    elif np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all():
            raise PictureError("an array of floats must lie in 0..1; here some are no numbers (nan, inf).")
        if array.min() < 0 or array.max() > 1:
            raise PictureError("an array of floats must lie in 0..1; divide it first (by 255, say).")
        array = np.rint(array * 255).astype(np.uint8)
    elif array.dtype != np.uint8:
        if array.min() < 0 or array.max() > 255:
            raise PictureError(f"an array of {array.dtype} must lie in 0..255.")
        array = array.astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(array))


def _to_rgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """Any of Pillow's modes as RGB, on white where it is transparent."""
    if image.mode.startswith("I;16") or image.mode == "I":
        deep = np.array(image).astype(np.int64)
        if image.mode != "I" or deep.max(initial=0) > 255:  # whole numbers may be bytes
            deep = deep // 257
            notes.append("16 bits a channel reduced to 8")
        image = Image.fromarray(deep.clip(0, 255).astype(np.uint8))
    elif image.mode == "F":
        raise PictureError("a picture of floating-point numbers has no known range: save it as PNG.")
    if image.mode == "P":
        notes.append("colours taken from its palette")
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.has_transparency_data:  # as a channel, or one colour that counts as none
        image = image.convert("RGBA")
        if image.getextrema()[3][0] < 255:
            notes.append("transparent parts laid on white")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    elif image.mode in ("1", "L"):
        notes.append("grey, so there is no colour to compare with")
    elif image.mode != "RGB":
        notes.append(f"converted from {image.mode}")
    return image.convert("RGB")
