"""Colours against colorsys and Pillow pixel by pixel, and what the transforms make of digits."""

import colorsys

import numpy as np
import pytest
import torch
from helpers import given
from hypothesis import strategies as st
from PIL import Image, ImageColor, ImageOps

from lib import color, data, draws
from lib.data import Dataset
from lib.transforms import TRANSFORMS, decolour, divided, edges, pad, standardised

RAMP = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16)
HUES = st.integers(0, 359)
BYTES = st.integers(0, 255)
SHARE = st.floats(0, 1)
CHAPTER = [name for name in TRANSFORMS if name.startswith(("grey", "one-hue", "two-hue", "cifar"))]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return data.load("mnist-sample")[0][:40]


@pytest.fixture(scope="module")
def photographs() -> Dataset:
    noise = torch.randint(0, 256, (40, 3, 32, 32), generator=torch.Generator().manual_seed(0),
                          dtype=torch.uint8)
    return Dataset("cifar10", "noise", noise, torch.arange(40) % 10)


def pure(hue: int) -> list[int]:
    return [int(255 * c + 1e-9) for c in colorsys.hls_to_rgb(hue / 360, 0.5, 1)]


def loop(digit: torch.Tensor, colour) -> np.ndarray:
    """A padded digit coloured pixel by pixel, (3, 32, 32)."""
    out = np.zeros((3, 32, 32), int)
    out[:] = np.array(colour(0))[:, None, None]
    for y, row in enumerate(digit.tolist()):
        for x, v in enumerate(row):
            out[:, y + 2, x + 2] = colour(v)
    return out


def between(ink, paper):
    return lambda v: [int(p + v / 255 * (i - p) + 1e-9) for i, p in zip(ink, paper, strict=True)]


def whole(convert, level):
    return lambda hue: lambda v: [int(255 * c + 1e-9) for c in convert(hue / 360, level(v))]


def hls(hue, level):
    return colorsys.hls_to_rgb(hue, level, 1)


def hsv(hue, level):
    return colorsys.hsv_to_rgb(hue, 1, level)


ONE_HUE = {
    "one-hue": lambda hue: between(pure(hue), (255, 255, 255)),
    "one-hue-hsl": whole(hls, lambda v: (254 - 199 * v / 255) / 255),
    "one-hue-light-ink": whole(hls, lambda v: (55 + 199 * v / 255) / 255),
    "one-hue-hsv": whole(hsv, lambda v: (55 + 199 * v / 255) / 255),
}


@pytest.mark.parametrize("name", ONE_HUE)
def test_one_hue_equals_a_loop_over_pixels(name, digits):
    painted = TRANSFORMS[name](digits[7:13], seed=3)
    assert painted.dtype == torch.uint8 and painted.shape == (6, 3, 32, 32)
    for i, hue in enumerate(draws.hues(3, "train", np.arange(7, 13), 1)[:, 0].tolist()):
        by_hand = loop(digits.images[7 + i], ONE_HUE[name](hue))
        assert np.abs(painted[i].numpy() - by_hand).max() <= 1


def test_two_hues_equal_a_loop_over_pixels_and_pillow(digits):
    painted = TRANSFORMS["two-hue"](digits[7:13], seed=3)
    for i, (ink, paper) in enumerate(draws.hues(3, "train", np.arange(7, 13), 2).tolist()):
        by_hand = loop(digits.images[7 + i], between(pure(ink), pure(paper)))
        assert np.abs(painted[i].numpy() - by_hand).max() <= 1
        ends = [ImageColor.getrgb(f"hsl({hue}, 100%, 50%)") for hue in (paper, ink)]
        grey = Image.fromarray(pad(digits.images[7 + i]).numpy())
        by_pillow = np.asarray(ImageOps.colorize(grey, *ends), int).transpose(2, 0, 1)
        assert np.abs(painted[i].numpy() - by_pillow).max() <= 1


@pytest.mark.parametrize(("kind", "colour"), [
    ("dark-ink", ONE_HUE["one-hue-hsl"]), ("light-ink", ONE_HUE["one-hue-light-ink"]),
    ("hsv", ONE_HUE["one-hue-hsv"])])
def test_tables(kind, colour):
    table = color.table(kind).int()
    assert table.shape == (360, 256, 3)
    for hue in range(0, 360, 7):
        by_hand = torch.tensor([colour(hue)(v) for v in range(256)])
        assert (table[hue] - by_hand).abs().max() <= 1


@given(st.floats(0, 360), SHARE, SHARE)
def test_hsl_and_hsv_are_the_standard_ones(hue, saturation, level):
    h, s, v = (torch.tensor(x, dtype=torch.float64) for x in (hue, saturation, level))
    standard = colorsys.hls_to_rgb(hue / 360, level, saturation)
    assert color.hsl_to_rgb(h, s, v).tolist() == pytest.approx(standard, abs=1e-9)
    standard = colorsys.hsv_to_rgb(hue / 360, saturation, level)
    assert color.hsv_to_rgb(h, s, v).tolist() == pytest.approx(standard, abs=1e-9)


def test_pure_colours():
    assert color.pure(torch.arange(360)).tolist() == [pure(hue) for hue in range(360)]
    known = {0: (255, 0, 0), 60: (255, 255, 0), 120: (0, 255, 0), 180: (0, 255, 255),
             240: (0, 0, 255), 300: (255, 0, 255), 360: (255, 0, 0), 30: (255, 127, 0)}
    assert color.pure(torch.tensor([*known])).tolist() == [list(map(float, c)) for c in known.values()]


@given(st.lists(BYTES, min_size=3, max_size=3), st.lists(BYTES, min_size=3, max_size=3))
def test_a_gradient_is_cut_as_whole_numbers_are(ink, paper):
    ends = torch.tensor([ink, paper], dtype=torch.float32)
    given = color.gradient(ends[:1], ends[1:], RAMP).reshape(3, 256).tolist()
    assert given == [[(255 * p + v * (i - p)) // 255 for v in range(256)]
                     for i, p in zip(ink, paper, strict=True)]
    assert [c[0] for c in given] == paper and [c[-1] for c in given] == ink


def test_the_whole_range_of_bytes_is_used():
    ink = color.pure(torch.arange(360))
    assert len(color.gradient(ink, ink.flip(0), RAMP.expand(360, -1, -1)).unique()) == 256
    dark, light, value = (color.table(kind) for kind in ("dark-ink", "light-ink", "hsv"))
    # lightness 254/255 spreads by 1/255 to either side, lightness 55/255 from 0 to 110
    assert dark[:, 0].unique().tolist() == [253, 254, 255] == light[:, 255].unique().tolist()
    assert (dark[:, 255].min(), dark[:, 255].max()) == (0, 110)
    assert value[:, 0].max() == 55 and value[:, 255].max() == 254 and value.min() == 0


def test_chunks_change_nothing(digits):
    ink = color.pure(torch.arange(40) * 9)
    paper = color.pure(torch.arange(40) * 7 + 90)
    whole = color.gradient(ink, paper, digits.images, chunk=40)
    for chunk in (1, 7, 64):
        assert torch.equal(color.gradient(ink, paper, digits.images, chunk), whole)
    assert color.gradient(ink[:0], paper[:0], digits.images[:0]).shape == (0, 3, 28, 28)


def test_luma_is_that_of_pillow():
    pixels = torch.randint(0, 256, (1, 3, 20, 20), generator=torch.Generator().manual_seed(1))
    grey = Image.fromarray(pixels[0].permute(1, 2, 0).to(torch.uint8).numpy()).convert("L")
    assert np.abs(color.luma(pixels)[0].numpy() - np.asarray(grey)).max() <= 1
    assert color.luma(torch.tensor([[255.0, 0, 0]])).item() == pytest.approx(76.245)


@pytest.mark.parametrize("name", CHAPTER)
def test_colours_are_those_of_the_image_whatever_the_batch(name, digits, photographs):
    transform, whole = TRANSFORMS[name], photographs if name.startswith("cifar") else digits
    painted = transform(whole, seed=5)
    assert painted.shape == (40, transform.channels, 32, 32) and painted.dtype == torch.uint8
    assert torch.equal(transform(whole[11:17], seed=5), painted[11:17])
    assert torch.equal(transform(whole[39:], seed=5), painted[39:])
    scaled = transform.scale(painted)
    assert scaled.dtype == torch.float32 and scaled.shape == painted.shape
    assert torch.equal(transform.scale(painted[3:4]), scaled[3:4])


@pytest.mark.parametrize("name", [n for n in CHAPTER if "-hue" in n and "edges" not in n])
def test_other_seeds_parts_and_epochs_have_other_colours(name, digits):
    transform, test = TRANSFORMS[name], Dataset(*vars(digits).values())
    object.__setattr__(test, "part", "test")
    painted = transform(digits, seed=0)
    others = [transform(digits, seed=1), transform(test, seed=0), transform(digits, 0, epoch=1)]
    for other in others:
        differs = (painted != other).flatten(1).any(1).float().mean()
        assert differs > 0.9 if "decoloured" not in name else differs > 0.5


def test_grey_is_padded_by_two_rows_of_paper(digits):
    painted = TRANSFORMS["grey"](digits, seed=0)
    assert torch.equal(painted[:, 0, 2:30, 2:30], digits.images)
    assert int(painted.sum(dtype=torch.long)) == int(digits.images.sum(dtype=torch.long))
    assert torch.equal(TRANSFORMS["grey-divided"].scale(painted), painted.double().div(255).float())
    assert torch.equal(TRANSFORMS["grey"].scale(painted), painted.float())


def test_ordered_ink_is_the_lighter_and_nothing_else_changes(digits):
    plain, ordered = TRANSFORMS["two-hue"](digits, 2), TRANSFORMS["two-hue-ordered"](digits, 2)
    pairs = color.luma(color.pure(torch.from_numpy(draws.hues(2, "train", digits.index, 2))), dim=2)
    swapped = pairs[:, 0] < pairs[:, 1]
    assert 0 < swapped.sum() < 40
    assert torch.equal(plain[~swapped], ordered[~swapped])
    full = digits.images.flatten(1).argmax(1)  # the place of each digit's fullest ink
    y, x = full // 28 + 2, full % 28 + 2
    rows = torch.arange(40)
    ink, paper = color.luma(ordered[rows, :, y, x]), color.luma(ordered[:, :, 0, 0])
    assert (ink >= paper - 1).all()
    assert torch.equal(ordered[swapped][:, :, 0, 0].float(),
                       color.pure(torch.from_numpy(draws.hues(2, "train", digits.index, 2)[:, 0]))[swapped])


def test_decolouring_inverts_two_hues_where_they_differ(digits):
    grey = digits.images.clone()
    grey[:, 14, 14] = 255  # full ink somewhere, for the result is stretched to 255
    inked = Dataset("mnist", "", grey, digits.labels)
    painted = TRANSFORMS["two-hue-far"](inked, 4)
    back = decolour(painted).int()[:, 0]
    assert (back - pad(grey).int()).abs().max() <= 1
    near = TRANSFORMS["two-hue"](inked, 4)
    ink, paper = color.pure(torch.from_numpy(draws.hues(4, "train", inked.index, 2))).unbind(1)
    apart = (ink - paper).norm(dim=1)
    error = (decolour(near).int()[:, 0] - pad(grey).int()).abs().amax((1, 2))
    assert (error <= 255 * 3**0.5 / apart.clamp(min=1) + 1)[apart > 32].all()


def test_decolouring_a_flat_picture_and_the_paper():
    flat = torch.tensor([9, 200, 31], dtype=torch.uint8)[None, :, None, None].expand(1, 3, 32, 32)
    assert decolour(flat).eq(0).all()
    for ink in ((0, 0, 0), (255, 255, 255), (255, 0, 9)):
        picture = flat.clone()
        picture[0, :, 10:20, 10:20] = torch.tensor(ink, dtype=torch.uint8)[:, None, None]
        back = decolour(picture)[0, 0]
        assert back[0, 0] == 0 and back[10:20, 10:20].eq(255).all() and back.gt(0).sum() == 100


def test_edges_of_a_step():
    """Sobel filters give 4 d on both sides of a step d; over channels the steps add as squares."""
    picture = torch.zeros(1, 3, 16, 32, dtype=torch.uint8)
    picture[0, :, :, 8:] = torch.tensor([0, 120, 160], dtype=torch.uint8)[:, None, None]  # 200
    picture[0, 0, :, 20:] = 40                                                  # a fifth of it
    found = edges(picture)[0, 0]
    expected = torch.zeros(16, 32, dtype=torch.uint8)
    expected[:, 7:9], expected[:, 19:21] = 255, 51
    assert torch.equal(found, expected)
    assert torch.equal(edges(picture.mT)[0, 0], expected.mT)
    assert torch.equal(edges(255 - picture)[0, 0], expected)
    assert edges(torch.full((2, 3, 8, 8), 77, dtype=torch.uint8)).eq(0).all()


def test_gradients_at_right_angles_do_not_add():
    """Red rises to the right everywhere, green downwards in the lower half, more gently."""
    picture = torch.zeros(1, 3, 16, 12, dtype=torch.uint8)
    picture[0, 0] = 12 * torch.arange(12)
    picture[0, 1, 8:] = 9 * torch.arange(8)[:, None]
    assert edges(picture)[0, 0, 1:-1, 1:-1].eq(255).all()  # the larger of 12 and 9, not a sum
    picture[0, 1, 8:] = 16 * torch.arange(8)[:, None]  # now the steeper one
    found = edges(picture)[0, 0, :, 1:-1]
    assert found[2:6].eq(round(255 * 12 / 16)).all() and found[10:15].eq(255).all()


@given(st.integers(0, 2**31))
def test_scales(seed):
    batch = torch.randint(0, 256, (3, 3, 6, 6), generator=torch.Generator().manual_seed(seed),
                          dtype=torch.uint8)
    batch[1, 2] = 77
    assert divided(batch).numpy() == pytest.approx(batch.numpy() / 255)
    scaled, exact = standardised(batch).numpy(), batch.numpy().astype(float)
    mean, deviation = exact.mean((2, 3), keepdims=True), exact.std((2, 3), keepdims=True)
    by_hand = (exact - mean) / np.where(deviation == 0, 1, deviation)
    assert scaled == pytest.approx(by_hand, abs=1e-4)
    assert (scaled[1, 2] == 0).all()


def test_photographs(photographs):
    pictures = photographs.images
    assert torch.equal(TRANSFORMS["cifar"](photographs, 0), pictures)
    grey = TRANSFORMS["cifar-luma"](photographs, 0)
    for i in range(3):
        one = Image.fromarray(pictures[i].permute(1, 2, 0).numpy()).convert("L")
        for channel in grey[i]:
            assert np.abs(channel.int().numpy() - np.asarray(one)).max() <= 1
    ink, paper = draws.hues(0, "train", photographs.index, 2)[0].tolist()
    coloured = TRANSFORMS["cifar-2hue"](photographs, 0)[0]
    by_hand = [between(pure(ink), pure(paper))(v) for v in grey[0, 0].flatten().tolist()]
    assert np.abs(coloured.flatten(1).T.int().numpy() - np.array(by_hand)).max() <= 1
