"""What crosses between the halves and stays on disk: one frozen record per step of a run.

A run's outputs lie in one folder, each a plain JSON file with a schema version beside the binary
it describes:

    int8.tflite  quantize.json     Quantized; of several models the last one's (see beside.py)
                 check.json        Checked
                 diagnosis.json    Diagnosis
    c/           c/model.json      CompiledModel
    firmware.*   firmware.json     Firmware
                 bench.json        Benchmark
                 frontier.json     Frontier
                 validate.json     Validation
    report.html

Sizes are bytes, rates are 0 to 1, drops are points (hundredths), unless a name says otherwise.
"""

from edgekit.artifacts.beside import record_places, save_beside
from edgekit.artifacts.device import (
    Benchmark,
    Firmware,
    Latency,
    LayerProfile,
    RamUse,
    Section,
    ThreadTiming,
)
from edgekit.artifacts.diagnosis import Cause, Diagnosis, LayerDiagnosis
from edgekit.artifacts.files import (
    AnyArtifact,
    load,
    read_bytes,
    require_apart,
    require_writable,
    save,
    sha256,
    write_bytes,
    write_text,
)
from edgekit.artifacts.frontier import Frontier, FrontierPoint, front
from edgekit.artifacts.model import (
    Checked,
    CompiledModel,
    Epoch,
    Finding,
    PassEffect,
    PlannedTensor,
    PortableLayers,
    Quantized,
    Relu6Stats,
    RepairStep,
    SlowLayer,
    Step,
    Trained,
)
from edgekit.artifacts.records import SCHEMA, Artifact, Preprocessing, Record, Resize, TensorSpec
from edgekit.artifacts.validation import (
    Accuracy,
    ClassAccuracy,
    Confused,
    EarlyStop,
    McNemar,
    Ties,
    Validation,
)

__all__ = [
    "SCHEMA",
    "Accuracy",
    "AnyArtifact",
    "Artifact",
    "Benchmark",
    "Cause",
    "Checked",
    "ClassAccuracy",
    "CompiledModel",
    "Confused",
    "Diagnosis",
    "EarlyStop",
    "Epoch",
    "Finding",
    "Firmware",
    "Frontier",
    "FrontierPoint",
    "Latency",
    "LayerDiagnosis",
    "LayerProfile",
    "McNemar",
    "PassEffect",
    "PlannedTensor",
    "PortableLayers",
    "Preprocessing",
    "Quantized",
    "RamUse",
    "Record",
    "Relu6Stats",
    "RepairStep",
    "Resize",
    "Section",
    "SlowLayer",
    "Step",
    "TensorSpec",
    "ThreadTiming",
    "Ties",
    "Trained",
    "Validation",
    "front",
    "load",
    "read_bytes",
    "record_places",
    "require_apart",
    "require_writable",
    "save",
    "save_beside",
    "sha256",
    "write_bytes",
    "write_text",
]
