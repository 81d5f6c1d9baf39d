"""Compares the losses with PyTorch's, in float64: value and gradient of random batches, through a network that puts out its input.

Run by hand after a build, with a Python that has torch: python3 scripts/torch_losses.py
Prints, for each loss, the largest error of the loss (relative) and of the gradient (relative to its largest entry).
"""

import json
import pathlib
import subprocess

import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parent.parent

NODE = """
import { readFileSync } from "node:fs";
import { dense, Network } from "./dist/index.js";
const answers = JSON.parse(readFileSync(0)).map(({ loss, columns, x, y, weights }) => {
  const network = new Network({ inputs: columns, layers: [dense(columns)] });
  network.layers[0].setWeights({ weights: Float32Array.from({ length: columns ** 2 }, (_, i) => Number(i % (columns + 1) === 0)), bias: new Float32Array(columns) });
  network.compile({ optimizer: "sgd", loss });
  const result = network.gradients(x, y);
  const answer = { loss: result.loss, gradient: [...result.input], weighted: network.evaluate(x, y, { sampleWeight: weights }).loss };
  network.dispose();
  return answer;
});
console.log(JSON.stringify(answers));
"""

logits = {"fromLogits": True}


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
        "logCosh": lambda: torch.log(torch.cosh(x - y)),
        "hinge": lambda: torch.clamp(1 - y * x, min=0),
        "binaryCrossentropy": lambda: F.binary_cross_entropy_with_logits(x, y * (1 - smoothing) + smoothing / 2, reduction="none"),
    }
    return elements[name]().mean(1)


def main():
    torch.manual_seed(1)
    losses = [
        {"name": "meanSquaredError"}, {"name": "meanAbsoluteError"}, {"name": "huber"}, {"name": "huber", "delta": 0.25}, {"name": "logCosh"}, {"name": "hinge"},
        *({"name": name, **logits, **more} for more in ({}, {"labelSmoothing": 0.125})
          for name in ("binaryCrossentropy", "categoricalCrossentropy", "sparseCategoricalCrossentropy")),
        {"name": "klDivergence", **logits},
    ]
    cases = []
    for loss in losses:
        for columns in (1, 2, 3, 10, 33):
            for _ in range(20):
                x = (torch.randn(16, columns) * 4).float()
                if loss["name"] == "sparseCategoricalCrossentropy":
                    y = torch.randint(columns, (16,))
                elif loss["name"] == "hinge":
                    y = torch.randint(2, (16, columns)).float() * 2 - 1
                elif loss["name"] in ("categoricalCrossentropy", "klDivergence"):
                    y = torch.softmax(torch.randn(16, columns), 1)
                elif loss["name"] == "binaryCrossentropy":
                    y = torch.rand(16, columns)
                else:
                    y = torch.randn(16, columns)
                cases.append((loss, columns, x, y, torch.rand(16)))
    request = json.dumps([{"loss": loss, "columns": n, "x": x.tolist(), "y": y.tolist(), "weights": w.tolist()} for loss, n, x, y, w in cases])
    output = subprocess.run(["node", "--input-type=module", "-e", NODE], input=request, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    worst = {}
    for (loss, _, x, y, w), got in zip(cases, json.loads(output)):
        x = x.double().requires_grad_()
        each = rows_of(loss, x, y.double() if y.is_floating_point() else y)
        each.mean().backward()
        gradient = torch.tensor(got["gradient"], dtype=torch.float64)
        errors = [
            abs(got["loss"] - each.mean().item()) / max(each.mean().item(), 1e-3),
            abs(got["weighted"] - (each * w.double()).mean().item()) / max(each.mean().item(), 1e-3),
            ((gradient - x.grad.flatten()).abs().max() / x.grad.abs().max().clamp(min=1e-3)).item(),
        ]
        key = json.dumps(loss)
        worst[key] = [max(pair) for pair in zip(errors, worst.get(key, [0, 0, 0]))]
    for key, (value, weighted, gradient) in worst.items():
        print(f"{key:80} loss {value:.1e}  with weights {weighted:.1e}  gradient {gradient:.1e}")
        assert max(value, weighted, gradient) < 1e-6, key


main()
