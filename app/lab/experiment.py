"""The experiments by name, and how one is run.

An experiment is a function that takes `ExperimentOptions` and returns an `ExperimentResult`. To add
one, write it in a module of its own and add a row to `EXPERIMENTS`. An experiment outside this
package is named by its reference: `python -m app lab my_package.my_module:experiment -o lab`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError
from app.references import import_reference
from app.registries import Registry

if TYPE_CHECKING:
    from app.lab.options import ExperimentOptions
    from app.lab.result import Conclusion, ExperimentResult

Run = Callable[["ExperimentOptions"], "ExperimentResult"]


@dataclass(frozen=True)
class Experiment:
    """An entry of the registry; it imports nothing until `load`.

    Attributes:
        reference: `package.module:function` of the experiment.
        summary: One line of help.
        models: Number of saved models, as argparse's `nargs`; `None` if it trains its own.
        dataset: Default dataset, for the help.
        files: Help of the options that name a file of this experiment, by their names.
    """

    reference: str
    summary: str
    models: str | int | None = "*"
    dataset: str = "the experiment's own"
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the function, which is also the stem of the files it writes."""
        return self.reference.rpartition(":")[2]

    @property
    def description(self) -> str:
        """Docstring of the module, read without importing it."""
        try:
            spec = find_spec(self.reference.partition(":")[0])
            source = Path(spec.origin or "").read_text("utf-8") if spec is not None else ""
        except (ImportError, OSError):
            return self.summary
        docstring = re.match(r'(?:#.*\n|\s)*"""(.*?)"""', source, re.DOTALL)
        return docstring[1] if docstring else self.summary

    def load(self) -> Run:
        """Import the experiment.

        Raises:
            AppError: If the module or the function does not exist.
        """
        run: Run = import_reference(self.reference, "The experiment")
        if not callable(run):
            raise AppError(
                f"The experiment '{self.reference}' is not callable.",
                "Expected a function of ExperimentOptions that returns an ExperimentResult.",
            )
        return run


EXPERIMENTS = Registry(
    "The experiment",
    {
        experiment.name: experiment
        for experiment in (
            Experiment(
                "app.lab.invariance:invariance",
                "shift, rotation, scale, viewpoint and illumination",
                models="*", dataset="the models' own, or mnist",
            ),
            Experiment(
                "app.lab.hierarchy:hierarchy",
                "edges, then parts, then objects: what each layer detects and encodes",
                models=1, dataset="the model's own",
            ),
            Experiment(
                "app.lab.locality:locality",
                "dense layers learn global patterns, convolutions local ones",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.overfitting:overfitting", "with dropout, augmentation, both or neither",
                models=None, dataset="catsdogs",
            ),
            Experiment(
                "app.lab.robustness:robustness",
                "noise, blur, weather, stickers and graffiti",
                models="+", dataset="the models' own",
                files={
                    "mnist-c": "measure models of MNIST on the published images of MNIST-C "
                    "instead: its mnist_c.zip, or the folder that it unpacks to",
                    "cifar-c": "measure models on published images such as CIFAR-10-C instead: a "
                    "folder of NAME.npy in five severities and labels.npy",
                },
            ),
            Experiment(
                "app.lab.adversarial:adversarial", "changes too small to see: FGSM and PGD",
                models="+", dataset="the models' own",
            ),
            Experiment(
                "app.lab.data_efficiency:data_efficiency",
                "error against the number of training images",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.double_descent:double_descent",
                "error against the number of random features",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.normalization:normalization",
                "batch normalization with statistics of corrupted images",
                models=1, dataset="the model's own",
            ),
            Experiment(
                "app.lab.padding_position:padding_position",
                "padding tells a convolution where it is", models=None, dataset="white noise",
            ),
            Experiment(
                "app.lab.pooling:pooling", "max, average, L2, stride, blur or none",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.random_labels:random_labels", "a network fits labels that mean nothing",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.robust_features:robust_features",
                "what adversarial training does to gradients and visualizations",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.saliency_truth:saliency_truth",
                "saliency maps of drawings whose telling parts are known",
                models=None, dataset="drawn",
            ),
            Experiment(
                "app.lab.shift_consistency:shift_consistency",
                "predictions under shifts by a pixel, by way of downsampling",
                models=None, dataset="catsdogs",
            ),
            Experiment(
                "app.lab.texture_shape:texture_shape", "drawings whose fur contradicts their shape",
                models=None, dataset="drawn",
            ),
            Experiment(
                "app.lab.unknown:unknown",
                "things of no class: does a network know what it does not know?",
                models="+", dataset="the models' own",
            ),
            Experiment(
                "app.lab.uncertain_rotation:uncertain_rotation",
                "confidence on turned digits, with and without MC dropout",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.shortcut:shortcut", "a color or a square that gives the class away",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.unseen_corruptions:unseen_corruptions",
                "corruptions that training has seen, and others",
                models=None, dataset="mnist",
            ),
            Experiment(
                "app.lab.sharing:sharing", "when do untied weights win?",
                models=None, dataset="mnist",
            ),
        )
    },
)  # fmt: skip


def find_experiment(name: str) -> Experiment:
    """Return an experiment by its name or by a reference `package.module:function`.

    Raises:
        AppError: If the name is unknown.
    """
    EXPERIMENTS.check(name)
    if name in EXPERIMENTS:
        return EXPERIMENTS[name]
    return Experiment(name, "an experiment of your own")


def run_experiment(
    experiment: Experiment, options: ExperimentOptions
) -> tuple[Conclusion, list[Path]]:
    """Run an experiment and write its table and figures; return its conclusion and the files.

    Raises:
        AppError: If the experiment cannot be imported or run, or the folder cannot be written.
    """
    from app.lab.result import ExperimentResult, conclude

    result = experiment.load()(options)
    if not isinstance(result, ExperimentResult):
        raise AppError(
            f"The experiment '{experiment.reference}' returned a {type(result).__name__}.",
            "Expected an ExperimentResult.",
        )
    conclusion = conclude(result.finding, result.references, quick=options.quick)
    files = options.conclude(conclusion, result.rows)
    return conclusion, [*files, *result.write(options.output, options.name, quick=options.quick)]
