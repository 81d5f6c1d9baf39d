"""Reads what scripts/compare-torch.mjs computed, does the same in float32 and float64, and answers with the distances from float64."""
import json
import math
import sys

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
activations = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "arctan": torch.atan,
    "relu": torch.relu,
    "leakyRelu": lambda z: F.leaky_relu(z, 0.05),
    "softmax": lambda z: F.softmax(z, 1),
    "elu": F.elu,
    "selu": F.selu,
    "celu": F.celu,
    "gelu": F.gelu,
    "geluTanh": lambda z: F.gelu(z, approximate="tanh"),
    "silu": F.silu,
    "mish": F.mish,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "hardSigmoid": F.hardsigmoid,
    "hardSwish": F.hardswish,
    "relu6": F.relu6,
    "exponential": torch.exp,
    "logSoftmax": lambda z: F.log_softmax(z, 1),
}


def forward(layers, values, prefix, x, training, logits=False):
    """The output of a chain; `values` by the names of getWeights(), the place of the layer in front. Running statistics change in place."""
    for i, layer in enumerate(layers):
        name = f"{prefix}{i + 1}."
        kind = layer["type"]
        if kind == "dense":
            x = F.linear(x, values[name + "weights"].reshape(x.shape[1], -1).T, values.get(name + "bias"))
            if not (logits and i == len(layers) - 1):
                x = F.prelu(x, values[name + "slopes"]) if layer["activation"] == "prelu" else activations[layer["activation"]](x)
        elif kind == "residual":
            inner = forward(layer["layers"], values, name, x, training)
            past = name + "projection"
            x = inner + (x @ values[past].reshape(x.shape[1], -1) if past in values else x)
        elif kind == "layerNormalization":
            x = F.layer_norm(x, x.shape[1:], values[name + "gamma"], values[name + "beta"], 1e-5)
        elif kind == "batchNormalization":
            x = F.batch_norm(x, values[name + "mean"], values[name + "variance"], values[name + "gamma"], values[name + "beta"], training, 0.1, 1e-5)
        elif kind == "dropout":
            x = F.dropout(x, layer["rate"], training)
    return x


def penalties(layers, values, prefix=""):
    return sum(layer.get("l2", 0) * (values[f"{prefix}{i + 1}.weights"] ** 2).sum() for i, layer in enumerate(layers) if layer["type"] == "dense")


def start(case, dtype):
    return {name: torch.tensor(value, dtype=dtype) for name, value in case["start"].items()}


def batch(case, i, dtype):
    """Rows of inputs, and targets as the loss takes them."""
    x, y = case["batches"][i]["x"], case["batches"][i]["y"]
    y = torch.tensor(y) if case["loss"].startswith("sparse") else torch.tensor(y, dtype=dtype).reshape(case["rows"], -1)
    return torch.tensor(x, dtype=dtype).reshape(case["rows"], case["inputs"]), y


def loss_of(case, values, x, y):
    cross = "rossentropy" in case["loss"]
    z = forward(case["layers"], values, "", x, True, logits=cross)
    measure = F.cross_entropy if case["loss"].startswith("sparse") else F.binary_cross_entropy_with_logits if cross else F.mse_loss
    return measure(z, y) + penalties(case["layers"], values)


def gradients(case, values, x, y):
    """Of the loss by every array and by x."""
    values = {name: value.clone() for name, value in values.items()}
    sought = {"input": x.clone(), **{name: value for name, value in values.items() if not name.endswith(("mean", "variance"))}}
    for value in sought.values():
        value.requires_grad_()
    loss_of(case, values, sought["input"], y).backward()
    return {name: value.grad for name, value in sought.items()}


def reorder(layers, values, prefix, into, out, draw):
    """Changes `values`, weights or gradients, to those of the same chain with its units in another order; `into` and `out` are the orders of inputs and outputs."""
    for i, layer in enumerate(layers):
        name, last = f"{prefix}{i + 1}.", i == len(layers) - 1
        before, width = into, layer.get("units", layer.get("layers", [{}])[-1].get("units"))
        straight = layer["type"] != "dense" and name + "projection" not in values
        into = out if last else into if straight else torch.randperm(width, generator=draw)
        if layer["type"] == "residual":
            reorder(layer["layers"], values, name, before, into, draw)
        for key in ("weights", "projection"):
            if name + key in values:
                values[name + key] = values[name + key].reshape(len(before), -1)[before][:, into].flatten()
        for key in ("bias", "slopes", "gamma", "beta", "mean", "variance"):
            if name + key in values:
                values[name + key] = values[name + key][into]


GRADIENT_ORDERS, STEP_ORDERS = 32, 8
known = {}


def ordered(case, seed, *arrays):
    """Orders of inputs and rows, and the arrays of values as they are of the network in these orders and with its units in another one; seed 0 is the order given."""
    if seed == 0:
        return slice(None), slice(None), *arrays
    into, rows = (torch.randperm(n, generator=torch.Generator().manual_seed(seed)) for n in (case["inputs"], case["rows"]))
    copies = [dict(each) for each in arrays]
    for each in copies:
        reorder(case["layers"], each, "", into, torch.arange(case["outputs"]), torch.Generator().manual_seed(seed))
    return into, rows, *copies


def reach(case, exact):
    """
    The errors of float32 gradients of the network with units, inputs and rows in GRADIENT_ORDERS orders, the given one first: in exact arithmetic they are all the same
    gradients, so what differs is how rounding errors happen to add up.
    """
    key = json.dumps([case["layers"], case["start"], case["batches"][0]])
    if key not in known:
        known[key] = []
        x, y = batch(case, 0, torch.float32)
        for seed in range(GRADIENT_ORDERS):
            into, rows, values, want = ordered(case, seed, start(case, torch.float32), exact)
            want["input"] = exact["input"][rows][:, into]
            known[key].append(distance(gradients(case, values, x[rows][:, into], y[rows]), want))
    return known[key]


def reach_of_steps(case, values, predictions):
    """The same of values and predictions after all steps, in STEP_ORDERS orders: the largest error of each."""
    errors = []
    for seed in range(STEP_ORDERS):
        into, rows, first, want = ordered(case, seed, start(case, torch.float32), values)
        errors.append(list(map(distance, run(case, torch.float32, first, into, rows), (want, {"": predictions[""][rows]}))))
    return [max(each) for each in zip(*errors)]


def run(case, dtype, values, into=slice(None), rows=slice(None)):
    """Values after all steps, predictions of the first batch then, with inputs and rows in these orders."""
    parameters = [value.requires_grad_() for name, value in values.items() if not name.endswith(("mean", "variance"))]
    optimizer = getattr(torch.optim, case["optimizer"])(parameters, **case["options"])
    scheduler = None
    if "schedule" in case:
        scheduler = getattr(torch.optim.lr_scheduler, case["schedule"]["name"])(optimizer, **case["schedule"]["options"])
    for step in range(case["steps"]):
        x, y = (each[rows] for each in batch(case, step % len(case["batches"]), dtype))
        x = x[:, into]

        def closure():
            optimizer.zero_grad()
            loss = loss_of(case, values, x, y)
            loss.backward()
            if "clipNorm" in case:
                torch.nn.utils.clip_grad_norm_(parameters, case["clipNorm"])
            return loss

        optimizer.step(closure)
        if scheduler:
            scheduler.step()
    predictions = forward(case["layers"], values, "", batch(case, 0, dtype)[0][rows][:, into], False)
    return {name: value.detach() for name, value in values.items()}, {"": predictions.detach()}


def distance(got, exact):
    """The largest error of an array, in units of its largest value."""
    worst = 0
    for name, want in exact.items():
        value = torch.as_tensor(got[name], dtype=torch.float64).flatten()
        worst = max(worst, ((value - want.flatten()).abs().max() / want.abs().max().clamp(min=1e-30)).item())
    return worst


def rates(name, options, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    result = []
    for step in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            scheduler.step()
    return result


def rows_of(loss, x, y):
    """The loss of each row as lanewise's mean divides it: over all outputs, or over the rows."""
    name, smoothing = loss["name"], loss.get("labelSmoothing", 0)
    if name == "klDivergence":
        return F.kl_div(F.log_softmax(x, 1), y, reduction="none").sum(1)
    if name in ("categoricalCrossentropy", "sparseCategoricalCrossentropy"):
        return F.cross_entropy(x, y, reduction="none", label_smoothing=smoothing)
    elements = {
        "meanSquaredError": lambda: F.mse_loss(x, y, reduction="none"),
        "meanAbsoluteError": lambda: F.l1_loss(x, y, reduction="none"),
        "huber": lambda: F.huber_loss(x, y, reduction="none", delta=loss.get("delta", 1)),
        # PyTorch has none: from its definition, |d| + log1p(e^−2|d|) − ln 2.
        "logCosh": lambda: (x - y).abs() + F.softplus(-2 * (x - y).abs()) - torch.log(torch.tensor(2, dtype=x.dtype)),
        "hinge": lambda: torch.clamp(1 - (2 * y - 1) * x, min=0),
        "binaryCrossentropy": lambda: F.binary_cross_entropy_with_logits(x, y * (1 - smoothing) + smoothing / 2, reduction="none"),
    }
    return elements[name]().mean(1)


def loss_result(case, dtype):
    """Mean loss, weighted mean, and gradient at x."""
    x = torch.tensor(case["x"], dtype=dtype).reshape(case["rows"], -1).requires_grad_()
    sparse = case["loss"]["name"].startswith("sparse")
    y = torch.tensor(case["y"]) if sparse else torch.tensor(case["y"], dtype=dtype).reshape(x.shape)
    each = rows_of(case["loss"], x, y)
    each.mean().backward()
    return each.mean().item(), (each * torch.tensor(case["weights"], dtype=dtype)).mean().item(), x.grad.double().flatten()


def loss_distance(got, exact):
    loss, weighted, gradient = got
    scale = max(abs(exact[0]), 1e-3)
    gradient = torch.as_tensor(gradient, dtype=torch.float64)
    return [max(abs(loss - exact[0]), abs(weighted - exact[1])) / scale, ((gradient - exact[2]).abs().max() / exact[2].abs().max().clamp(min=1e-3)).item()]


def answer_case(case):
    """Distances of gradients, values and predictions, ours and theirs, theirs the worst over the orders; of their gradients the root mean square too."""
    slope = gradients(case, start(case, torch.float64), *batch(case, 0, torch.float64))
    errors = reach(case, slope)
    exact, ours = run(case, torch.float64, start(case, torch.float64)), (case["end"], {"": case["predictions"]})
    return {
        "ours": [distance(case["gradients"], slope), *map(distance, ours, exact)],
        "theirs": [max(errors), *reach_of_steps(case, *exact)],
        "typical": math.sqrt(sum(error * error for error in errors) / len(errors)),
    }


def answer_loss(case):
    exact = loss_result(case, torch.float64)
    return {"ours": loss_distance(case["ours"], exact), "theirs": loss_distance(loss_result(case, torch.float32), exact)}


given = json.load(sys.stdin)
answer = {"version": f"PyTorch {torch.__version__}", "cases": [answer_case(case) for case in given["cases"]], "losses": [answer_loss(case) for case in given["losses"]], "schedules": []}
for schedule in given["schedules"]:
    theirs = rates(schedule["name"], schedule["options"], len(schedule["rates"]))
    answer["schedules"].append(max(abs(a - b) / abs(b) for a, b in zip(schedule["rates"], theirs)))
json.dump(answer, sys.stdout)
