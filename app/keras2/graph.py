"""The calls between the layers of a Keras 2 model, as Keras 3 writes them.

A tensor is the output of a call: `[layer, number of the call, number of the output]`. Keras 2
numbers the calls of a nested model that has an input from 1, Keras 3 those of every layer from 0.
"""

from __future__ import annotations

from typing import Any

_CONSTANT = "_CONSTANT_VALUE"
_RECURRENT = ("RNN", "LSTM", "GRU", "SimpleRNN", "ConvLSTM", "Bidirectional")


class Nodes:
    """Translator of the calls in one functional model.

    Args:
        layers: Configurations of its layers, as Keras 2 wrote them.
        inputs: The model's `input_layers`.
    """

    def __init__(self, layers: list[dict[str, Any]], inputs: Any):
        self._first_call: dict[str, int] = {}
        self._is_functional: set[str] = set()
        for entry in layers:
            name = str(entry.get("name") or entry["config"]["name"])
            self._first_call[name] = _first_call(entry)
            if entry["class_name"] in ("Functional", "Model"):
                self._is_functional.add(name)
        # Keras 3 wants the inputs in a dict to be named as its keys.
        self._renamed = (
            {tensor[0]: key for key, tensor in inputs.items() if key not in self._first_call}
            if isinstance(inputs, dict)
            else {}
        )
        referenced: dict[str, set[int]] = {}
        for entry in layers:
            _collect(entry.get("inbound_nodes", []), self._first_call, referenced)
        # Keras 2.4 and earlier numbers from 1 also a nested Sequential without an input.
        for entry in layers:
            name = str(entry.get("name") or entry["config"]["name"])
            used, calls = referenced.get(name, set()), len(entry.get("inbound_nodes", []))
            if used and min(used) < self._first_call[name]:
                self._first_call[name] = 0
            elif used and max(used) >= calls + self._first_call[name]:
                self._first_call[name] = 1

    def name(self, layer: str) -> str:
        """Return the name that a layer has in Keras 3, which allows no slashes."""
        return str(self._renamed.get(layer, layer)).replace("/", "_")

    def call(self, node: Any, class_name: str) -> dict[str, Any]:
        """Return the arguments of one call of a layer.

        Args:
            node: One of the layer's `inbound_nodes`.
            class_name: Class of the layer.

        Returns:
            `{"args", "kwargs"}` as Keras 3 deserializes it.

        Raises:
            ValueError: If the call is not as Keras 2 writes it.
        """
        if isinstance(node, dict):
            return {"args": [{k: self._input(v) for k, v in node.items()}], "kwargs": {}}
        if not isinstance(node, list) or not node:
            raise ValueError(f"a layer is called with {str(node)[:60]}")
        single = isinstance(node[0], str)
        entries = [node] if single else node
        keywords = entries[0][3] if len(entries[0]) > 3 else {}
        kwargs = {
            key: self._argument(value)
            for key, value in keywords.items()
            if not (key in ("name", "mask") and value is None)
        }
        inputs = [self._input(entry) for entry in entries]
        if len(inputs) > 1 and class_name.startswith(_RECURRENT):
            # Keras 2 lists the initial states among the inputs.
            kwargs["initial_state"] = inputs[1:] if len(inputs) > 2 else inputs[1]
            inputs = inputs[:1]
        return {"args": inputs if len(inputs) == 1 else [inputs], "kwargs": kwargs}

    def ends(self, tensors: Any) -> Any:
        """Return the inputs or outputs of the model; a list of one becomes the one tensor."""
        if isinstance(tensors, dict):
            return {key: self.ends(value) for key, value in tensors.items()}
        if self._is_tensor(tensors):
            name, call, output = tensors[:3]
            shift = int(name in self._is_functional)
            return [self.name(name), call - self._first_call[name] + shift, output]
        if not isinstance(tensors, list):
            raise ValueError(f"the model has an input or output {str(tensors)[:60]}")
        ends = [self.ends(tensor) for tensor in tensors]
        return ends[0] if len(ends) == 1 else ends

    def _input(self, entry: Any) -> Any:
        if isinstance(entry, list) and entry and entry[0] == _CONSTANT:
            return entry[2]
        if not self._is_tensor(entry):
            raise ValueError(f"a layer is called with {str(entry)[:60]}")
        return self._tensor(*entry[:3])

    def _argument(self, value: Any) -> Any:
        """Return the value of a keyword, which may hold tensors."""
        if self._is_tensor(value) and len(value) == 3:
            return self._tensor(*value)
        if isinstance(value, list):
            if value and value[0] == _CONSTANT:
                return value[2]
            return [self._argument(item) for item in value]
        if isinstance(value, dict):
            if value.get("class_name") == "__ellipsis__":
                return "..."
            return {key: self._argument(item) for key, item in value.items()}
        return value

    def _is_tensor(self, value: Any) -> bool:
        return (
            isinstance(value, list)
            and len(value) in (3, 4)
            and isinstance(value[0], str)
            and value[0] in self._first_call
            and all(isinstance(number, int) for number in value[1:3])
        )

    def _tensor(self, name: str, call: int, output: int) -> dict[str, Any]:
        history = [self.name(name), call - self._first_call[name], output]
        config = {"shape": [], "dtype": "float32", "keras_history": history}
        return {"class_name": "__keras_tensor__", "config": config}


def _first_call(entry: dict[str, Any]) -> int:
    """Return the number of a layer's first call in Keras 2's configuration."""
    if entry["class_name"] in ("Functional", "Model"):
        return 1
    if entry["class_name"] != "Sequential":
        return 0
    config = entry["config"]
    layers = config if isinstance(config, list) else config.get("layers", [])
    first = layers[0] if layers else {}
    return int(
        first.get("class_name") == "InputLayer"
        or "batch_input_shape" in (first.get("config") or {})
    )


def _collect(value: Any, names: dict[str, int], referenced: dict[str, set[int]]) -> None:
    """Gather the calls of every layer that other layers refer to."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return
    if len(value) in (3, 4) and isinstance(value[0], str) and value[0] in names:
        if isinstance(value[1], int):
            referenced.setdefault(value[0], set()).add(value[1])
        value = value[3:]
    for item in value:
        _collect(item, names, referenced)
