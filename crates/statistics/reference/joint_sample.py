#!/usr/bin/env python3
"""The joint verdict of Apple's documented sample, worked out a second time.

Plain Python, nothing installed, for one population with two percentiles and no margins: what `unit::joint` does to a unit without
devices, written from its description. Constants that were simulated (the laws of R and of all but one) are read off their tables.

With --integrate every marginal likelihood is integrated over the effect instead of taken by Laplace's approximation: how far the
shipped figure is from what it stands for.

    python3 crates/statistics/reference/joint_sample.py [--integrate]
"""

import math
import sys

LAUNCH = [[768.7, 750.0, 992.3, 1118.9, 997.8], [1532.1, 1390.2, 2030.8, 2158.4, 2014.3]]
VERSIONS = ["1.0", "1.1", "1.2", "1.3", "2.0"]

# Five values: mean and variance of ln R around the best step or line, and of ln of the squares of all but the most distant.
R_LAW = (0.1232, 1.2112)
ALL_BUT_ONE_LAW = (-0.1054, 1.0796)

# A single archive's expectations.
SCALE, SCALE_VARIANCE = 2 * math.log(0.04), 1.0
POPULATION_VARIANCE, AGGREGATE = 0.5, -1.2
PERCENTILE, PERCENTILE_VARIANCE = 0.5, 0.1
ODD_CELLS, ODD_CELL_SIZE = 1e-3, 1.0
ODD_VERSIONS, ODD_VERSION_SIZE = 1e-3, 0.3
MODES_OF_ALL = 1e-3


def digamma(x):
    shift = 0.0
    while x < 12:
        shift -= 1 / x
        x += 1
    inverse = 1 / (x * x)
    return shift + math.log(x) - 0.5 / x - inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse / 240)))


def trigamma(x):
    shift = 0.0
    while x < 12:
        shift += 1 / (x * x)
        x += 1
    inverse = 1 / (x * x)
    return shift + 1 / x + inverse / 2 + inverse / x * (1 / 6 - inverse * (1 / 30 - inverse * (1 / 42 - inverse / 30)))


def degrees_of_freedom(variance):
    """Where trigamma(df / 2) is the variance of ln s²."""
    low, high = 1e-3, 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if trigamma(middle) > variance else (low, middle)
    return 2 * low


def both(a, b):
    """Two estimates (ln variance, its variance) of the same."""
    weight = 1 / a[1], 1 / b[1]
    return (a[0] * weight[0] + b[0] * weight[1]) / sum(weight), 1 / sum(weight)


def mean(values):
    return sum(values) / len(values)


def squares(values):
    middle = mean(values)
    return sum((value - middle) ** 2 for value in values)


def all_but_one(values):
    n = len(values)
    worst = max((value - mean(values)) ** 2 for value in values)
    return math.log(squares(values) - worst * n / (n - 1)) - ALL_BUT_ONE_LAW[0], ALL_BUT_ONE_LAW[1]


def scatter(values):
    n = len(values)
    steps = min(squares(values[:cut]) + squares(values[cut:]) for cut in range(1, n))
    centre = (n - 1) / 2
    slope = sum((i - centre) * value for i, value in enumerate(values))
    line = squares(values) - slope**2 / sum((i - centre) ** 2 for i in range(n))
    return math.log(min(steps, line)) - R_LAW[0], R_LAW[1]


def nearer(distances):
    if all(d > 0 for d in distances) or all(d < 0 for d in distances):
        return min(distances, key=abs)
    return 0.0


def standing_off(values, at):
    median = lambda some: sorted(some)[len(some) // 2] if len(some) % 2 else mean(sorted(some)[len(some) // 2 - 1 :][:2])
    sides = [values[max(0, at - 3) : at], values[at + 1 :][:3]]
    return nearer([values[at] - median(side) for side in sides if side])


def standing_alone(values, at):
    if at in (0, len(values) - 1):
        return 0.0
    near = [values[at] - values[at - 1], values[at] - values[at + 1]]
    return nearer(near + [standing_off(values, at)])


def is_odd(off, variance, known, rate, size):
    if abs(off) < math.log(1.05):
        return False
    df = max(2 / known, 15)
    gain = 0.5 * (df + 1) * math.log1p(off * off / variance / df)
    return gain > math.log((1 - rate) / rate) + math.log(max(size / math.sqrt(variance), 1)) + 1


def explained(delta, variance, df, density, least, most, integrate):
    """ln of how much likelier a difference is with an effect of its sign, and the best effect."""
    kernel = lambda off: -0.5 * (df + 1) * math.log1p(off * off / variance / df)
    size = abs(delta)
    if integrate:
        high = min(most, size + 40 * math.sqrt(variance))
        steps = 200_000
        width = (high - least) / steps
        points = (least + (i + 0.5) * width for i in range(steps))
        return math.log(sum(math.exp(kernel(size - e) + density(e)) for e in points) * width) - kernel(size), size
    effect = min(max(size, least), most)
    curvature = (df + 1) / (df * variance + (size - effect) ** 2)
    width = min(math.sqrt(2 * math.pi / curvature), max(effect, 0.05))
    return kernel(size - effect) - kernel(size) + density(effect) + math.log(width), math.copysign(effect, delta)


def add(terms):
    top = max(terms)
    return top + math.log(sum(math.exp(term - top) for term in terms))


def judge(percentiles, integrate):
    logs = [[math.log(value) for value in series] for series in percentiles]
    n = len(logs[0])

    # Cells that their sibling contradicts.
    contrast = [a - b for a, b in zip(*logs)]
    robust = all_but_one(contrast)
    typical = (robust[0] - AGGREGATE + (SCALE - PERCENTILE) * 0.5 / SCALE_VARIANCE) / (1 + 0.5 / SCALE_VARIANCE)
    known = both((typical + AGGREGATE, POPULATION_VARIANCE + PERCENTILE_VARIANCE), robust)
    for at in range(n):
        variance = 1.4 * math.exp(known[0])
        assert not is_odd(standing_off(contrast, at), variance, known[1], ODD_CELLS, ODD_CELL_SIZE), "an odd cell"

    # One value for each version: the mean of the percentiles, each less its level.
    apart = mean([b - a for a, b in zip(*logs)])
    values = [(a + b - apart) / 2 for a, b in zip(*logs)]
    between = 2 * sum((a - (b - apart)) ** 2 / 2 for a, b in zip(*logs))
    between = math.log(between) - math.log(2) - digamma((n - 1) / 2), trigamma((n - 1) / 2)

    # Its noise: around its best step, between its percentiles, and what is expected of any.
    around = scatter(values)
    own = both(around, (between[0] + PERCENTILE, between[1] + PERCENTILE_VARIANCE))
    unit = both((SCALE, SCALE_VARIANCE), (own[0] - AGGREGATE, own[1] + POPULATION_VARIANCE))
    own = both((unit[0] + AGGREGATE, POPULATION_VARIANCE), own)
    df = degrees_of_freedom(own[1])
    scale = math.exp(own[0]) * math.exp(digamma(df / 2) - math.log(df / 2))

    # No version stands alone.
    robust = min(around, all_but_one(values))
    for at in range(n):
        variance = 1.4 * math.exp(min(own[0], robust[0]))
        assert not is_odd(standing_alone(values, at), variance, own[1], ODD_VERSIONS, ODD_VERSION_SIZE), "an odd version"

    change = lambda effect: -math.log(2 * effect * math.log(1.4 / 0.05))
    odd = lambda effect: -0.5 * (effect / ODD_VERSION_SIZE) ** 2 - 0.5 * math.log(2 * math.pi * ODD_VERSION_SIZE**2)

    def difference(inside):
        left = [value for at, value in enumerate(values) if at not in inside]
        right = [values[at] for at in inside]
        return mean(right) - mean(left), scale * (1 / len(left) + 1 / len(right))

    weigh = lambda delta, variance: explained(delta, variance, df, change, 0.05, 1.4, integrate)
    steps = {at: weigh(*difference(range(at, n))) for at in range(1, n)}
    stretches = {(a, b): weigh(*difference(range(a, b))) for a in range(1, n) for b in range(a + 2, n)}
    centre, span = (n - 1) / 2, n - 1
    spread = sum((i - centre) ** 2 for i in range(n))
    slope = sum((i - centre) * value for i, value in enumerate(values)) / spread
    drift = weigh(slope * span, scale * span**2 / spread)

    changed = [math.log(0.55 / (n - 1)) + ln for ln, _ in steps.values()]
    changed += [math.log(0.05 / len(stretches)) + ln for ln, _ in stretches.values()]
    changed.append(math.log(0.05) + drift[0])

    unchanged = [0.0]
    for at in range(n):
        delta, variance = difference([at])
        ln, _ = explained(delta, variance, df, odd, 0.0, 1e9, integrate)
        unchanged.append(math.log(ODD_VERSIONS) + ln)
    for at, (ln, _) in steps.items():
        deals = math.log(math.comb(n, at)) + math.log(n + 1)
        unchanged.append(math.log(MODES_OF_ALL) - deals + ln)
    unchanged += [2 * math.log(ODD_VERSIONS) + ln for (a, b), (ln, _) in stretches.items() if b - a == 2]

    ln_evidence = math.log(2) + add(changed) - add(unchanged)
    best = max(steps, key=lambda at: steps[at][0])
    sign = math.copysign(1, difference(range(best, n))[0])
    same = {at: ln for at, (ln, _) in steps.items() if difference(range(at, n))[0] * sign > 0}
    total = add(list(same.values()))
    location = [math.exp(same[at] - total) if at in same else 0.0 for at in range(n)]
    return {
        "version": VERSIONS[best],
        "effect": steps[best][1],
        "standard error": math.sqrt(difference(range(best, n))[1] * df / (df + 1)),
        "degrees of freedom": df,
        "ln evidence": ln_evidence,
        "p": min(1.0, 0.1 * math.exp(-ln_evidence)),
        "location": location,
    }


if __name__ == "__main__":
    for name, value in judge(LAUNCH, "--integrate" in sys.argv[1:]).items():
        print(f"{name:20}{value!r}")
