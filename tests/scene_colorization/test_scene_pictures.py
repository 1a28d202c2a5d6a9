"""A reader's picture, whatever it comes in: converted and said so, or one clear error."""

import io

import numpy as np
import pytest
from PIL import Image
from skimage.data import coffee

from lib.pictures import MOST, PictureError, load

RGB = coffee()[100:164, 200:296]  # 64 high, 96 wide


def saved(tmp_path, image, name="picture.png", **options):
    path = tmp_path / name
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(path, **options)
    return path


def test_a_plain_picture_is_left_alone(tmp_path):
    for source in (RGB, saved(tmp_path, RGB), str(saved(tmp_path, RGB))):
        found = load(source)
        assert np.array_equal(found.rgb, RGB) and found.notes == () and str(found) == "96 x 64 pixels"


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey(tmp_path, mode):
    found = load(saved(tmp_path, Image.fromarray(RGB).convert(mode)))
    assert found.rgb.shape == RGB.shape and (found.rgb == found.rgb[..., :1]).all()
    if mode != "LA":
        assert "grey" in str(found)


def test_transparent_parts_are_laid_on_white(tmp_path):
    clear = np.dstack([RGB, np.full(RGB.shape[:2], 255, np.uint8)])
    assert np.array_equal(load(clear).rgb, RGB) and load(clear).notes == ()
    clear[:, :48, 3] = 0
    found = load(saved(tmp_path, clear))
    assert (found.rgb[:, :48] == 255).all() and np.array_equal(found.rgb[:, 48:], RGB[:, 48:])
    assert "laid on white" in str(found)


@pytest.mark.parametrize("mode, ink, none", [("RGB", (200, 10, 10), (0, 0, 0)), ("L", 90, 0), ("P", 1, 0)])
def test_a_colour_that_counts_as_none_is_white(tmp_path, mode, ink, none):
    image = Image.new(mode, (8, 8), none)
    if mode == "P":
        image.putpalette([0, 0, 0, 200, 10, 10])
    image.putpixel((3, 2), ink)
    image.save(tmp_path / "one.png", transparency=none)
    found = load(tmp_path / "one.png")
    assert "transparent parts laid on white" in found.notes
    assert (found.rgb[0, 0] == 255).all() and found.rgb[2, 3].tolist() == (
        [90] * 3 if mode == "L" else [200, 10, 10])


def test_a_palette(tmp_path):
    few = Image.fromarray(RGB).quantize(16)
    found = load(saved(tmp_path, few))
    assert np.array_equal(found.rgb, np.asarray(few.convert("RGB"))) and "palette" in str(found)
    one = few.copy()
    one.info["transparency"] = one.getpixel((0, 0))
    found = load(saved(tmp_path, one, "clear.png", transparency=one.getpixel((0, 0))))
    assert (found.rgb[0, 0] == 255).all() and "laid on white" in str(found)


def test_sixteen_bits(tmp_path):
    deep = np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)
    for source in (deep, saved(tmp_path, Image.fromarray(deep), "deep.png")):
        found = load(source)
        assert np.array_equal(found.rgb[..., 0], deep // 257) and "16 bits" in str(found)
    for kind in ("<u2", ">u2"):  # least or most significant byte first
        assert np.array_equal(load((RGB.astype(np.uint16) * 257).astype(kind)).rgb, RGB)


def test_other_numbers():
    assert np.array_equal(load(RGB / 255).rgb, RGB)
    assert np.array_equal(load(RGB.astype(int)).rgb, RGB)
    assert np.array_equal(load(RGB[..., :1]).rgb[..., 2], RGB[..., 0])
    assert set(np.unique(load(RGB[..., 0] > np.median(RGB[..., 0])).rgb)) == {0, 255}


@pytest.mark.parametrize("array, said", [
    (np.zeros(5), "is no picture"), (np.zeros((4, 4, 2)), "is no picture"),
    (np.zeros((0, 4, 3)), "is no picture"),
    (np.full((4, 4, 3), 200.0), "0..1"), (np.full((4, 4), np.nan), "0..1"),
    (np.full((4, 4), 300), "0..255"), (np.full((4, 4), -1), "0..255")])
def test_arrays_that_are_no_pictures(array, said):
    with pytest.raises(PictureError, match=said):
        load(array)


def test_one_pixel():
    assert load(RGB[:1, :1]).rgb.shape == (1, 1, 3)
    with pytest.raises(PictureError, match="1 x 1 pixels; each side needs at least 3"):
        load(RGB[:1, :1], least=3)


def test_enormous(tmp_path):
    found = load(np.zeros((40, 5000, 3), np.uint8))
    assert found.rgb.shape == (10, MOST, 3) and "reduced from 5000 x 40" in str(found)
    large = saved(tmp_path, Image.effect_noise((6000, 4000), 50), "large.jpg", quality=20)
    found = load(large)
    assert found.rgb.shape == (800, MOST, 3) and "6000 x 4000" in str(found)
    header = io.BytesIO()
    Image.new("1", (30000, 20000)).save(header, "PNG")
    (tmp_path / "bomb.png").write_bytes(header.getvalue())
    with pytest.raises(PictureError, match="too large to open"):
        load(tmp_path / "bomb.png")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_by_its_camera(tmp_path, orientation):
    upright = np.zeros((8, 12, 3), np.uint8)
    upright[0, 0] = 255  # top left
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]  # Pillow's Transpose numbers
    image = Image.fromarray(upright)
    stored = image if back is None else image.transpose(Image.Transpose(back))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = load(saved(tmp_path, stored, "turned.png", exif=exif))
    assert np.array_equal(found.rgb, upright)
    assert ("turned" in str(found)) == (orientation != 1)


def test_cut_off_damaged_or_no_picture(tmp_path):
    body = saved(tmp_path, RGB).read_bytes()
    for name, content, said in (("cut.png", body[: len(body) // 2], "cut off or damaged"),
                                ("empty.png", b"", "not a picture"),
                                ("text.jpg", b"hello" * 100, "not a picture")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PictureError, match=said):
            load(tmp_path / name)
    jpeg = saved(tmp_path, coffee(), "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    with pytest.raises(PictureError, match="cut off or damaged"):
        load(tmp_path / "cut.jpg")
    with pytest.raises(PictureError, match="is not there"):
        load(tmp_path / "nowhere.png")
    with pytest.raises(PictureError, match="is a folder"):
        load(tmp_path)


def test_other_modes_and_frames(tmp_path):
    found = load(saved(tmp_path, Image.fromarray(RGB).convert("CMYK"), "print.tif"))
    assert found.rgb.shape == RGB.shape and "CMYK" in str(found)
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    frames[0].save(tmp_path / "two.webp", save_all=True, append_images=frames[1:], lossless=True)
    found = load(tmp_path / "two.webp")
    assert np.array_equal(found.rgb, RGB) and "first of 2 frames" in str(found)
    with pytest.raises(PictureError, match="floating-point"):
        load(saved(tmp_path, Image.fromarray(np.zeros((4, 4), np.float32)), "f.tif"))


def test_whole_numbers_that_are_bytes_stay_bytes(tmp_path):
    grey = RGB[..., 0].astype(np.int32)
    found = load(saved(tmp_path, Image.fromarray(grey, "I"), "whole.tiff"))
    assert np.array_equal(found.rgb[..., 0], grey) and not any("16 bits" in note for note in found.notes)
