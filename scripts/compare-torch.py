"""Reads what scripts/compare-torch.mjs trained, trains the same in float32 and float64, and answers with the distances from float64."""
import json
import sys

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
activations = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "arctan": torch.atan,
    "relu": torch.relu,
    "leakyRelu": lambda z: F.leaky_relu(z, 0.05),
}


def run(case, dtype):
    """Gradients of the first batch, and the weights after all steps: lists of tensors, weights [inputs × units] and bias by turns."""
    widths = case["widths"]
    parameters = []
    for layer, (weights, bias) in enumerate(case["start"]):
        parameters.append(torch.tensor(weights, dtype=dtype).reshape(widths[layer], widths[layer + 1]).requires_grad_())
        parameters.append(torch.tensor(bias, dtype=dtype).requires_grad_())

    def loss_of(batch):
        a = torch.tensor(batch["x"], dtype=dtype).reshape(case["rows"], widths[0])
        for layer, name in enumerate(case["activations"]):
            z = a @ parameters[2 * layer] + parameters[2 * layer + 1]
            if layer < len(case["activations"]) - 1:
                a = activations[name](z)
        if case["loss"] == "meanSquaredError":
            return F.mse_loss(z, torch.tensor(batch["y"], dtype=dtype).reshape(z.shape))
        if case["loss"] == "binaryCrossentropy":
            return F.binary_cross_entropy_with_logits(z, torch.tensor(batch["y"], dtype=dtype).reshape(z.shape))
        return F.cross_entropy(z, torch.tensor(batch["y"]))

    optimizer = getattr(torch.optim, case["optimizer"])(parameters, **case["options"])

    def closure():
        optimizer.zero_grad()
        loss = loss_of(batch)
        loss.backward()
        return loss

    gradients = None
    for step in range(case["steps"]):
        batch = case["batches"][step % len(case["batches"])]
        if gradients is None:
            closure()
            gradients = [p.grad.clone() for p in parameters]
        optimizer.step(closure)
    return gradients, [p.detach() for p in parameters]


def distance(tensors, exact):
    return max(((t.double().flatten() - e.flatten()).abs().max() / e.abs().max()).item() for t, e in zip(tensors, exact))


def ours(layers):
    return [torch.tensor(values, dtype=torch.float64) for layer in layers for values in layer]


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


given = json.load(sys.stdin)
answer = {"version": f"PyTorch {torch.__version__}", "cases": [], "schedules": []}
for case in given["cases"]:
    gradients, weights = run(case, torch.float64)
    single_gradients, single = run(case, torch.float32)
    answer["cases"].append({
        "ours": distance(ours(case["end"]), weights),
        "theirs": distance(single, weights),
        "oursGradient": distance(ours(case["gradients"]), gradients),
        "theirsGradient": distance(single_gradients, gradients),
    })
for schedule in given["schedules"]:
    theirs = rates(schedule["name"], schedule["options"], len(schedule["rates"]))
    answer["schedules"].append(max(abs(a - b) / abs(b) for a, b in zip(schedule["rates"], theirs)))
json.dump(answer, sys.stdout)
