"""One fixture: verdicts on rules, from samples that a test makes up."""

import pytest
import yaml
from toy import TOYS, claim

from lib import claims
from lib.experiments import Chapter
from lib.measures import Missing


@pytest.fixture
def judge(tmp_path):
    """Judge rules (or whole claims) against samples, keyed by measure or (measure, "reduced")."""
    folder = tmp_path / "toy"
    folder.mkdir()
    home = Chapter("toy", folder, {"title": "Toy"}, TOYS)

    def run(samples=None, /, *, entries=None, **rules):
        given = entries or [claim(name, rule) for name, rule in rules.items()]
        (folder / "claims.yml").write_text(yaml.safe_dump({"claims": given}))

        def sample(slug, name, scale="full"):
            key = (name, scale) if scale == "reduced" and name.split(".")[0] != "facts" else name
            if key not in (samples or {}):
                raise Missing([f"{slug}/{name.split('.')[0]} seed 0"])
            return samples[key]

        found = claims.judge(home, sample)
        return found if entries or len(rules) > 1 else next(iter(found.values()))

    run.home = home
    return run
