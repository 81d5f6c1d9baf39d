"""The functions in mpmath, 60 digits: reads JSON lines {"name", "points": [[x, float64, exact or null, rounded], …]}, answers the largest relative errors and wrong roundings."""
import json
import sys
from fractions import Fraction

import numpy as np
from mpmath import atan, erfc, exp, expm1, inf, log, log1p, mp, mpf, pi, sqrt

mp.prec = 700  # 1 − tanh² at 100 loses 288 bits

SLOPE = mpf(float(np.float32(0.05)))
LAMBDA, ALPHA = mpf("1.0507009873554804934193349852946"), mpf("1.6732632423543772848170429916717")


def sigmoid(x):
    return 1 / (1 + exp(-x))


def normal(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def density(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def tanh(x):
    return 2 * sigmoid(2 * x) - 1


def softplus(x):
    return log1p(exp(x))


def inner(x):
    return sqrt(2 / pi) * (x + mpf("0.044715") * x**3)


def ramp(x):
    return min(max(x + 3, mpf(0)), mpf(6)) / 6


functions = {
    "linear": (lambda x: x, lambda x: mpf(1)),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "tanh": (tanh, lambda x: 1 - tanh(x) ** 2),
    "arctan": (atan, lambda x: 1 / (1 + x * x)),
    "relu": (lambda x: max(x, mpf(0)), lambda x: mpf(x > 0)),
    "leakyRelu": (lambda x: x if x > 0 else SLOPE * x, lambda x: mpf(1) if x > 0 else SLOPE),
    "elu": (lambda x: x if x > 0 else expm1(x), lambda x: mpf(1) if x > 0 else exp(x)),
    "selu": (lambda x: LAMBDA * (x if x > 0 else ALPHA * expm1(x)), lambda x: LAMBDA * (1 if x > 0 else ALPHA * exp(x))),
    "gelu": (lambda x: x * normal(x), lambda x: normal(x) + x * density(x)),
    "geluTanh": (
        lambda x: x * (1 + tanh(inner(x))) / 2,
        lambda x: (1 + tanh(inner(x))) / 2 + x / 2 * (1 - tanh(inner(x)) ** 2) * sqrt(2 / pi) * (1 + 3 * mpf("0.044715") * x * x),
    ),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "mish": (lambda x: x * tanh(softplus(x)), lambda x: tanh(softplus(x)) + x * (1 - tanh(softplus(x)) ** 2) * sigmoid(x)),
    "softplus": (softplus, sigmoid),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "hardSigmoid": (ramp, lambda x: mpf(1) / 6 if abs(x) < 3 else mpf(0)),
    "hardSwish": (lambda x: x * ramp(x), lambda x: ramp(x) + (x / 6 if abs(x) < 3 else 0)),
    "relu6": (lambda x: min(max(x, mpf(0)), mpf(6)), lambda x: mpf(0 < x < 6)),
    "exponential": (exp, exp),
}
functions["celu"] = functions["elu"]
table = {name: value for name, (value, _) in functions.items()}
table |= {f"{name}.derivative": derivative for name, (_, derivative) in functions.items()}
table |= {"exp": exp, "log": log, "log1p": log1p, "expm1": expm1, "normal": normal}


def to_float32(value):
    """Rounded once, to even between two, as a float."""
    if value == 0:
        return 0.0
    size = abs(value)
    sign, man, exponent, bits = size._mpf_
    shift = max(exponent + bits - 24, -149)
    steps = Fraction(int(man)) * Fraction(2) ** (int(exponent) - shift)
    result = round(steps) * Fraction(2) ** shift
    return float("inf") * float(np.sign(float(value))) if result >= 2**128 else (float(result) if value > 0 else -float(result))


for line in sys.stdin:
    message = json.loads(line)
    f = table[message["name"]]
    double = precise = mpf(0)
    wrong = 0
    for point in message["points"]:
        # JavaScript writes 2^60 as an integer, with zeros for the digits that a double does not need.
        x, value, exact, rounded = (None if number is None else float(number) for number in point)
        truth = f(mpf(x))
        if abs(truth) < mpf(2) ** -151:
            continue
        if value is not None:
            double = max(double, abs((mpf(value) - truth) / truth))
        if exact is not None:
            precise = max(precise, abs((mpf(exact) - truth) / truth))
        if rounded is not None:
            wrong += to_float32(truth) != rounded
    print(json.dumps({"double": float(double), "precise": float(precise), "wrong": wrong, "points": len(message["points"])}), flush=True)
