"""Predictors that never look at a picture, or only at each pixel's lightness."""

import torch

from lib.experiments import Findings
from lib.lab import rgb_to_lab
from lib.loading import sibling
from lib.picture_sets import split

studio = sibling(__file__, "studio")
right, by_position = studio.right, studio.by_position
split_twin = sibling(__file__, "measures").split_twin


def blind(context):
    """Grey, the median colour, the mean map and one colour for each lightness, on a seed's split."""
    name = context.recipe["data"]
    images = context.data()[0].images
    places = split(name, len(images), context.run.seed)
    found, facts = {}, {}
    twin = split_twin(*map(list, places)) if name == "scenes_report/beach" else None
    for gamma in (False, True):
        train, test = (rgb_to_lab(images[p], gamma) for p in places)
        answers = _blind_answers(train)
        best = max(answers, key=lambda k: float(right(answers[k], train[:, 1:]).double().mean()))
        ok = {k: right(v, test[:, 1:]).double() for k, v in answers.items()}
        if gamma:
            found["srgb_best_blind"] = float(ok[best].mean())
            continue
        found = {f"{k}_accuracy": float(v.mean()) for k, v in ok.items()}
        found["grey_pixel_accuracy"] = float(right(answers["grey"], test[:, 1:]).all(1).double().mean())
        found["best_blind_accuracy"] = float(ok[best].mean())
        levels = rgb_to_lab(images[places[1]] // 64 * 64, gamma)[:, 1:]
        found["levels_accuracy"] = float(right(levels, test[:, 1:]).double().mean())
        found["place_share"] = float(by_position(test[:, 1:]))
        found["lut_accuracy"] = float(right(_by_lightness(train, test), test[:, 1:]).double().mean())
        if twin is not None:
            others = [row for row, place in enumerate(places[1]) if place != twin]
            facts["median_without_twin"] = float(ok["median"][others].mean())
    return Findings(found, facts=facts)


def _blind_answers(train):
    """What each predictor says to every picture: a and b, (1, 2, 64, 64)."""
    ab = train[:, 1:]
    median = ab.movedim(1, 0).flatten(1).median(1).values[None, :, None, None]
    return {"grey": torch.zeros_like(ab[:1]), "median": median.expand_as(ab[:1]),
            "meanmap": ab.mean(0, keepdim=True)}


def _by_lightness(train, test):
    """The training pictures' median a and b of each whole L, the nearest known L where one is new."""
    levels, ab = train[:, 0].round().long().flatten(), train[:, 1:].movedim(1, 0).flatten(1)
    table = torch.full((2, 101), float("nan"))
    for level in levels.unique():
        table[:, level] = ab[:, levels == level].median(1).values
    known = (~table[0].isnan()).nonzero()[:, 0]
    nearest = known[(torch.arange(101)[:, None] - known).abs().argmin(1)]
    return table[:, nearest][:, test[:, 0].round().long().clamp(0, 100)].movedim(0, 1)


