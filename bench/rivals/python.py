"""PyTorch or NumPy as a contestant, one thread: `python3 python.py torch` or `python3 python.py numpy`.

Speaks to bench/processes.mjs: one JSON object a line, on standard input and output; arrays are base64 of their bytes.
Commands and replies are those of bench/answers.mjs.
"""
import base64
import json
import sys
import time

import numpy as np

COMPARED_STEPS = 3
NEGATIVE_SLOPE = 0.05


class Unsupported(Exception):
    pass


def unpack(value):
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if isinstance(value, dict):
        for name, dtype in (("Float32Array", np.float32), ("Int32Array", np.int32)):
            if name in value:
                return np.frombuffer(base64.b64decode(value[name]), dtype=dtype).copy()
        return {key: unpack(item) for key, item in value.items()}
    return value


def pack(values):
    return base64.b64encode(np.asarray(values, dtype=np.float64).tobytes()).decode()


class NumPy:
    """Results go into arrays made beforehand (`out=`), where NumPy can."""

    def version(self):
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"] if np.lib.NumpyVersion(np.__version__) >= "1.26.0" else {}
        return f"{np.__version__}, {blas.get('name', 'BLAS of the system')} {blas.get('version', '')}".strip()

    def matmul(self, w, data):
        a, b = data["a"].reshape(w["m"], w["k"]), data["b"].reshape(w["k"], w["n"])
        out = np.empty((w["m"], w["n"]), np.float32)
        return (lambda: np.matmul(a, b, out=out)), (lambda: out), None

    def activation(self, w, data):
        z, out = data["z"], np.empty_like(data["z"])
        return (lambda: self.activate(w["name"], z, out)), (lambda: out), None

    @staticmethod
    def activate(name, z, out):
        if name == "tanh":
            np.tanh(z, out=out)
        elif name == "arctan":
            np.arctan(z, out=out)
        elif name == "relu":
            np.maximum(z, np.float32(0), out=out)
        elif name == "leakyRelu":
            np.multiply(z, np.float32(NEGATIVE_SLOPE), out=out)
            np.maximum(z, out, out=out)
        elif name == "sigmoid":
            np.negative(z, out=out)
            np.exp(out, out=out)
            np.add(out, np.float32(1), out=out)
            np.reciprocal(out, out=out)
        elif name == "softmax":
            np.subtract(z, z.max(axis=1, keepdims=True), out=out)
            np.exp(out, out=out)
            np.divide(out, out.sum(axis=1, keepdims=True), out=out)

    def inference(self, w, data):
        layers, width = [], w["inputs"]
        for shape, values in zip(w["layers"], data["parameters"]):
            buffer = np.empty((w["batch"], shape["units"]), np.float32)
            layers.append((values["weights"].reshape(width, shape["units"]), values["bias"], shape["activation"], buffer))
            width = shape["units"]
        x = data["x"].reshape(w["batch"], w["inputs"])
        activate = self.activate

        def run():
            a = x
            for weights, bias, activation, buffer in layers:
                np.matmul(a, weights, out=buffer)
                np.add(buffer, bias, out=buffer)
                activate(activation, buffer, buffer)
                a = buffer

        return run, (lambda: layers[-1][3]), None

    def training(self, w, data):
        raise Unsupported("has no training")


class Torch:
    """Eager PyTorch; inference under inference_mode, results written in place where there is a way."""

    def __init__(self):
        import torch

        self.torch = torch
        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
        torch.set_flush_denormal(False)
        nn = torch.nn
        self.modules = {
            "tanh": nn.Tanh,
            "sigmoid": nn.Sigmoid,
            "relu": nn.ReLU,
            "softmax": lambda: nn.Softmax(dim=1),
        }

    def version(self):
        return self.torch.__version__

    def matmul(self, w, data):
        torch = self.torch
        a = torch.from_numpy(data["a"]).reshape(w["m"], w["k"])
        b = torch.from_numpy(data["b"]).reshape(w["k"], w["n"])
        out = torch.empty(w["m"], w["n"])
        return (lambda: torch.mm(a, b, out=out)), (lambda: out.numpy()), None

    def activation(self, w, data):
        torch = self.torch
        z = torch.from_numpy(data["z"])
        out = torch.empty_like(z)
        f = {
            "tanh": lambda: torch.tanh(z, out=out),
            "sigmoid": lambda: torch.sigmoid(z, out=out),
            "arctan": lambda: torch.atan(z, out=out),
            "relu": lambda: torch.clamp_min(z, 0, out=out),
            "leakyRelu": lambda: torch._C._nn.leaky_relu(z, NEGATIVE_SLOPE, out=out),
        }[w["name"]]
        return f, (lambda: out.numpy()), None

    def network(self, w, data, logits):
        torch = self.torch
        modules, width = [], w["inputs"]
        for index, (shape, values) in enumerate(zip(w["layers"], data["parameters"])):
            linear = torch.nn.Linear(width, shape["units"])
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(values["weights"].reshape(width, shape["units"]).T.copy()))
                linear.bias.copy_(torch.from_numpy(values["bias"]))
            modules.append(linear)
            if not (logits and index == len(w["layers"]) - 1):
                modules.append(self.modules[shape["activation"]]())
            width = shape["units"]
        return torch.nn.Sequential(*modules)

    def inference(self, w, data):
        torch = self.torch
        x = torch.from_numpy(data["x"]).reshape(w["batch"], w["inputs"])
        model = self.network(w, data, logits=False).eval()
        state = {}
        guard = torch.inference_mode()
        guard.__enter__()
        # Traced and frozen: up to three times as fast as the eager model for deep or small networks, never slower.
        model = torch.jit.freeze(torch.jit.trace(model, x))

        def run():
            state["out"] = model(x)

        return run, (lambda: state["out"].numpy()), (lambda: guard.__exit__(None, None, None))

    def training(self, w, data):
        torch = self.torch
        squared = w["loss"] == "meanSquaredError"
        model = self.network(w, data, logits=not squared)
        x = torch.from_numpy(data["x"]).reshape(w["batch"], w["inputs"])
        y = torch.from_numpy(data["y"])
        y = y.reshape(w["batch"], -1) if squared else y.long()
        criterion = torch.nn.MSELoss() if squared else torch.nn.CrossEntropyLoss()
        options = w["options"]
        # One call for all tensors pays off for Adam with many of them only: 3.8 against 5.1 ms for 64 layers, slower elsewhere.
        foreach = w["optimizer"] == "adam" and len(w["layers"]) > 10
        if w["optimizer"] == "sgd":
            optimizer = torch.optim.SGD(model.parameters(), lr=options["learningRate"], foreach=False)
        else:
            optimizer = torch.optim.Adam(
                model.parameters(),
                lr=options["learningRate"],
                betas=(options["beta1"], options["beta2"]),
                eps=options["epsilon"],
                foreach=foreach,
            )
        state = {}

        def run():
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            state["loss"] = loss.item()

        return run, (lambda: np.array([state["loss"]])), None


class Session:
    def __init__(self, library):
        self.library = library
        self.end = None

    def start(self, _message):
        return {"version": self.library.version()}

    def prepare(self, message):
        if self.end:
            self.end()
            self.end = None
        workload, data = message["workload"], unpack(message["data"])
        try:
            self.run, result, self.end = getattr(self.library, workload["kind"])(workload, data)
        except Unsupported as reason:
            return {"unsupported": str(reason)}
        results = []
        for _ in range(COMPARED_STEPS if workload["kind"] == "training" else 1):
            self.run()
            results.append(np.array(result(), dtype=np.float64).ravel())
        return {"result": pack(np.concatenate(results))}

    def sample(self, message):
        run, calls = self.run, message["calls"]
        if calls > 1:
            run()
        start = time.perf_counter()
        for _ in range(calls):
            run()
        return {"time": (time.perf_counter() - start) * 1e3}


def main():
    session = Session({"numpy": NumPy, "torch": Torch}[sys.argv[1]]())
    for line in sys.stdin:
        message = json.loads(line)
        try:
            reply = getattr(session, message["command"])(message)
        except Exception as error:  # whatever it is, the bench reports it as this rival's reason
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
