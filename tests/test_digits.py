"""A reader's own digit: from whatever it comes in, upright, on paper, in MNIST's form."""

import numpy as np
import pytest
import torch
from PIL import Image

from lib.digits import DigitError, digit
from lib.pictures import PictureError

SEVEN = np.zeros((60, 40), np.uint8)  # ink high, taller than wide
SEVEN[5:12, 5:35] = SEVEN[5:55, 28:35] = 255


def test_a_digit_comes_out_in_the_form_of_mnists():
    found = digit(SEVEN)
    assert found.shape == (28, 28) and found.dtype == torch.uint8
    rows, columns = (np.flatnonzero(found.any(axis)) for axis in (1, 0))
    assert len(rows) == 20 and 10 <= len(columns) <= 14
    mass = [np.average(np.arange(28), weights=found.sum(axis)) for axis in (1, 0)]
    assert np.abs(np.array(mass) - 13.5).max() <= 0.6


@pytest.mark.parametrize("source", [
    255 - SEVEN, SEVEN / 255, SEVEN > 0, SEVEN.tolist(), torch.from_numpy(SEVEN), Image.fromarray(SEVEN),
    torch.from_numpy(np.stack([SEVEN] * 3)), np.stack([SEVEN] * 3, 2), Image.fromarray(SEVEN).convert("P")])
def test_paper_and_ink_of_any_kind(source):
    assert torch.equal(digit(source), digit(SEVEN))


def test_a_photograph_is_turned_as_its_camera_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    on_its_side = Image.fromarray(SEVEN).transpose(Image.Transpose.ROTATE_90)
    on_its_side.save(tmp_path / "photo.png", exif=exif)
    assert torch.equal(digit(tmp_path / "photo.png"), digit(SEVEN))


def test_ink_on_nothing_is_ink_on_white_paper(tmp_path):
    black = np.zeros((*SEVEN.shape, 4), np.uint8)
    black[..., 3] = SEVEN
    Image.fromarray(black).save(tmp_path / "drawn.png")
    assert torch.equal(digit(str(tmp_path / "drawn.png")), digit(SEVEN))
    white = np.dstack([np.full((*SEVEN.shape, 3), 255, np.uint8), SEVEN])
    with pytest.raises(DigitError, match="nothing stands out .*transparent parts laid on white"):
        digit(white)


@pytest.mark.parametrize("source, said", [
    (None, "a NoneType is no picture"), (np.zeros((3, 60, 40)), "is no picture"), (7, "is no picture"),
    ([[1, 2], [3]], "no array"), (np.full((28, 28), np.nan), "no numbers"), ("nowhere.png", "not there"),
    (SEVEN * 1.0, "0..1"), (SEVEN[:5], "each side needs at least 8"), (np.zeros((28, 28)), "stands out"),
    (Image.new("RGBA", (0, 9)), "without pixels"), (SEVEN.astype(complex), "is no picture")])
def test_what_holds_no_digit_is_one_clear_error(source, said):
    with pytest.raises(PictureError, match=said):
        digit(source)
