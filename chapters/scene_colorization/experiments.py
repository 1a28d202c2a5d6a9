"""Every run of the chapter, declared: what is trained, on what, how long, and where each setting is from.

``stated``: in the report's text.  ``published``: in its authors' two scripts (the window networks' main
script, the notebook of the convolutional network), or inferred from a later team's rework of their class,
which itself was not found.  ``assumed``: ours, with the reason.
"""

from lib.loading import sibling

REPORT = {
    "title": "CS 520: Assignment 4 - Colorization",
    "short": "Scene colorization",
    "authors": ["Xin Yang", "Zhuohang Li"],
    "year": 2018,  # not printed; the assignment of this title and number is that of autumn 2018
    "question": "Can a small window network with discrete colours, and a convolutional network that "
    "regresses Lab a and b, colour grey photos of simple scenes well enough for the eye?",
}
PARTS = [sibling(__file__, name) for name in ("part_one", "part_two", "part_two_controls")]
EXPERIMENTS = [experiment for part in PARTS for experiment in part.ALL]
