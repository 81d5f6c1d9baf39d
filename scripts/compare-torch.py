"""Reads what scripts/compare-torch.mjs computed, does the same in float32 and float64, and answers with the distances from float64."""
import json
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


def run(case, dtype):
    """Gradients of the first batch, values after all steps, predictions of the first batch then."""
    values = {name: torch.tensor(value, dtype=dtype) for name, value in case["start"].items()}
    parameters = [value.requires_grad_() for name, value in values.items() if not name.endswith(("mean", "variance"))]
    cross = "rossentropy" in case["loss"]

    def inputs(batch):
        return torch.tensor(batch["x"], dtype=dtype).reshape(case["rows"], case["inputs"])

    def loss_of(x, batch):
        z = forward(case["layers"], values, "", x, True, logits=cross)
        if case["loss"].startswith("sparse"):
            loss = F.cross_entropy(z, torch.tensor(batch["y"]))
        else:
            y = torch.tensor(batch["y"], dtype=dtype).reshape(z.shape)
            loss = F.binary_cross_entropy_with_logits(z, y) if cross else F.mse_loss(z, y)
        return loss + penalties(case["layers"], values)

    x = inputs(case["batches"][0]).requires_grad_()
    before = {name: value.detach().clone() for name, value in values.items()}
    loss_of(x, case["batches"][0]).backward()
    gradients = {name: value.grad.clone() for name, value in values.items() if value.grad is not None}
    gradients["input"] = x.grad
    with torch.no_grad():
        for name, value in values.items():
            value.copy_(before[name])
    optimizer = getattr(torch.optim, case["optimizer"])(parameters, **case["options"])
    scheduler = None
    if "schedule" in case:
        scheduler = getattr(torch.optim.lr_scheduler, case["schedule"]["name"])(optimizer, **case["schedule"]["options"])
    for step in range(case["steps"]):
        batch = case["batches"][step % len(case["batches"])]

        def closure():
            optimizer.zero_grad()
            loss = loss_of(inputs(batch), batch)
            loss.backward()
            if "clipNorm" in case:
                torch.nn.utils.clip_grad_norm_(parameters, case["clipNorm"])
            return loss

        optimizer.step(closure)
        if scheduler:
            scheduler.step()
    predictions = forward(case["layers"], values, "", inputs(case["batches"][0]), False)
    return gradients, {name: value.detach() for name, value in values.items()}, {"": predictions.detach()}


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
    exact, single = run(case, torch.float64), run(case, torch.float32)
    ours = [case["gradients"], case["end"], {"": case["predictions"]}]
    return {"ours": [distance(*pair) for pair in zip(ours, exact)], "theirs": [distance(*pair) for pair in zip(single, exact)]}


def answer_loss(case):
    exact = loss_result(case, torch.float64)
    return {"ours": loss_distance(case["ours"], exact), "theirs": loss_distance(loss_result(case, torch.float32), exact)}


given = json.load(sys.stdin)
answer = {"version": f"PyTorch {torch.__version__}", "cases": [answer_case(case) for case in given["cases"]], "losses": [answer_loss(case) for case in given["losses"]], "schedules": []}
for schedule in given["schedules"]:
    theirs = rates(schedule["name"], schedule["options"], len(schedule["rates"]))
    answer["schedules"].append(max(abs(a - b) / abs(b) for a, b in zip(schedule["rates"], theirs)))
json.dump(answer, sys.stdout)
