"""What an answer costs that never looks at the image."""

import math
from collections.abc import Sequence

CEILING = -math.log(1e-7)  # 16.118: the cost of an image whose true class has output 0


def constant_answer(shares: Sequence[float], dead: Sequence[int] = (),
                    judged: Sequence[float] | None = None) -> float:
    """The loss of the best constant answer when some outputs are ``dead``.

    Among answers that are the same for every image, the training loss is least
    for q_c = s_c / sum of s over the live classes.  On images with class shares
    ``judged`` (the training images' ``shares`` where None) that answer costs

        L = sum of judged_c (-ln q_c), c live, + 16.118 sum of judged_c, c dead,

    in nats.  Shares sum to 1.
    """
    judged = shares if judged is None else judged
    live = [c for c in range(len(shares)) if c not in set(dead)]
    total = sum(shares[c] for c in live)
    alive = sum(-judged[c] * math.log(shares[c] / total) for c in live)
    return alive + CEILING * (sum(judged) - sum(judged[c] for c in live))
