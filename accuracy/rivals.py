"""NumPy's or PyTorch's functions over a file of floats: `python3 rivals.py numpy sample.f32 out.f32`, names of functions on standard input, one a line.

For each it writes the results to the file and answers "ok", or "none" if the library has no such function. The first line is the version.
"""
import sys

import numpy as np

CHUNK = 1 << 20


def numpy_functions():
    one = np.float32(1)
    functions = {
        "tanh": np.tanh,
        "arctan": np.arctan,
        "exponential": np.exp,
        "exp": np.exp,
        "log": np.log,
        "log1p": np.log1p,
        "expm1": np.expm1,
        "softplus": lambda x: np.logaddexp(np.float32(0), x),
        "relu": lambda x: np.maximum(x, np.float32(0)),
        "sigmoid": lambda x: one / (one + np.exp(-x)),
        "softsign": lambda x: x / (one + np.abs(x)),
    }
    return np.__version__, lambda name: functions.get(name)


def torch_functions():
    import torch
    from torch.nn import functional as f

    torch.set_num_threads(1)
    torch.set_flush_denormal(False)
    values = {
        "linear": lambda x: x * 1,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "arctan": torch.atan,
        "relu": torch.relu,
        "leakyRelu": lambda x: f.leaky_relu(x, 0.05),
        "elu": f.elu,
        "selu": f.selu,
        "celu": f.celu,
        "gelu": f.gelu,
        "geluTanh": lambda x: f.gelu(x, approximate="tanh"),
        "silu": f.silu,
        "mish": f.mish,
        "softplus": f.softplus,
        "softsign": f.softsign,
        "hardSigmoid": f.hardsigmoid,
        "hardSwish": f.hardswish,
        "relu6": f.relu6,
        "exponential": torch.exp,
        "exp": torch.exp,
        "log": torch.log,
        "log1p": torch.log1p,
        "expm1": torch.expm1,
        "normal": torch.special.ndtr,
    }

    def find(name):
        name, _, derivative = name.partition(".")
        value = values.get(name)
        if value is None:
            return None

        def evaluate(x):
            x = torch.from_numpy(x)
            if not derivative:
                return value(x).numpy()
            x.requires_grad_()
            y = value(x)
            y.backward(torch.ones_like(y))
            return x.grad.numpy()

        return evaluate

    return torch.__version__, find


def main():
    library, sample, out = sys.argv[1:]
    version, find = {"numpy": numpy_functions, "torch": torch_functions}[library]()
    print(version, flush=True)
    x = np.fromfile(sample, np.float32)
    np.seterr(all="ignore")
    for line in sys.stdin:
        function = find(line.strip())
        if function is None:
            print("none", flush=True)
            continue
        with open(out, "wb") as file:
            for start in range(0, len(x), CHUNK):
                file.write(np.asarray(function(x[start : start + CHUNK].copy()), np.float32).tobytes())
        print("ok", flush=True)


main()
