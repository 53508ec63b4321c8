"""Commands that need no board: zoo, boards, check, codegen, build, report."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from cli.conftest import Run
from PIL import Image
from support import artifacts as made
from support import classifier
from support.classifier import Files
from support.models import Value, single_op
from support.outer_models import wrapped

from edgekit.tflite.editing import Editor


def test_boards_lists_and_shows(run: Run) -> None:
    assert "Raspberry Pi Pico" in run("boards").out
    assert run("boards", "pico", "--json").json["cpu"]["clock_hz"] == 125_000_000
    assert any(board["id"] == "pico" for board in run("boards", "--json").json)


def test_no_such_board_offers_the_nearest_name(run: Run) -> None:
    said = run("boards", "pcio")
    assert said.status == 2
    assert "Did you mean 'pico'?" in said.error()


def test_zoo_list_has_the_fixed_keys(run: Run) -> None:
    entries = run("zoo", "list", "--json").json
    keys = {"name", "variant", "params", "params_total", "macs", "int8_bytes", "ram_bytes"}
    assert all(keys <= entry.keys() for entry in entries)
    assert "mobilenet_v1" in run("zoo", "list").out


def test_zoo_list_can_be_that_of_one_architecture(run: Run) -> None:
    found = run("zoo", "list", "shufflenet_v2", "--json").json
    assert [entry["variant"] for entry in found] == [
        {"scale": scale} for scale in (0.5, 1.0, 1.5, 2.0)
    ]
    refused = run("zoo", "list", "shufflenet")
    assert (refused.status, "Did you mean shufflenet_v" in refused.err) == (2, True)


def test_zoo_names_a_metaparameter_that_is_not_there(run: Run) -> None:
    said = run("zoo", "build", "mobilenet_v1", "--groups", 3, "-o", "m.keras")
    assert said.status == 2
    assert "no metaparameter groups" in said.error()


def test_check_passes_a_good_model(run: Run, files: Files) -> None:
    said = run("check", files.int8_model, "--board", "pico", "--json")
    assert said.status == 0
    assert {"ok", "findings", "ram_bytes", "flash_bytes", "fits"} <= said.json.keys()
    assert said.json["fits"] is True
    assert "fits pico" in run("check", files.int8_model, "--board", "pico").out


@pytest.mark.parametrize("outer", ["float32", "uint8"])
def test_models_with_other_types_at_their_ends_are_judged_as_their_int8_part(
    run: Run, files: Files, outer: str
) -> None:
    model = files.int8_model.with_name("outer.tflite")
    model.write_bytes(wrapped(files.int8_model.read_bytes(), outer, outer))
    checked = run("check", model, "--preprocess", "raw01", "--json")
    assert checked.status == 0
    said = [found["message"] for found in checked.json["findings"]]
    assert said[0].startswith(f"the file's input is {outer}; an inference has int8 there")
    given = ("--data", files.data, "--preprocess", "raw01", "--json")
    plain = run("validate", files.float_model, files.int8_model, *given).json
    found = run("validate", files.float_model, model, *given, "--on", "tflm").json
    assert found["int8"] == plain["int8"]
    assert found["device_equals_host"] is True


def test_check_of_a_float_model_exits_1_and_still_prints(run: Run, files: Files) -> None:
    said = run("check", files.float_model, "--json")
    assert said.status == 1
    assert said.json["ok"] is False
    assert {"rule", "severity", "where", "message", "hint"} <= said.json["findings"][0].keys()


def test_check_compares_with_the_float_model(run: Run, files: Files) -> None:
    broken = files.int8_model.with_name("broken.tflite")
    broken.write_bytes(classifier.int8_model(input_scale=120 / 255))
    arguments = ("--float", files.float_model, "--data", files.data, "--preprocess", "raw01")
    assert run("check", files.int8_model, *arguments).status == 0
    said = run("check", broken, *arguments, "--json")
    assert "agreement" in {finding["rule"] for finding in said.json["findings"]}


def test_check_wants_float_and_data_together(run: Run, files: Files) -> None:
    said = run("check", files.int8_model, "--float", files.float_model)
    assert said.status == 2
    assert "--float and --data go together" in said.error()


def test_check_writes_what_ci_services_read(run: Run, files: Files, tmp_path: Path) -> None:
    outputs = ("--sarif", "out/c.sarif", "--junit", "out/c.xml", "--report", "page")
    arguments = ("--float", files.float_model, "--data", files.data, "--preprocess", "raw01")
    said = run("check", files.int8_model, *arguments, *outputs, "--json")
    assert said.status == 0
    assert json.loads(Path("out/c.sarif").read_text())["version"] == "2.1.0"
    assert ElementTree.parse("out/c.xml").getroot().tag == "testsuites"
    assert {path.name for path in Path("page").iterdir()} == {
        "check.json", "diagnosis.json", "report.html"
    }  # fmt: skip
    assert [layer["op"] for layer in said.json["diagnosis"]["layers"]] == ["input", "CONV_2D"]
    assert "Layers by what they do to the output" in run("check", files.int8_model, *arguments).out


def test_check_thresholds_can_be_set(run: Run, files: Files) -> None:
    arguments = ("--float", files.float_model, "--data", files.data, "--preprocess", "raw01")
    strict = ("--threshold", "output_sqnr_error=90", "--threshold", "layer_share=0.2")
    said = run("check", files.int8_model, *arguments, *strict, "--json")
    assert said.status == 1
    assert {"output_error", "layer_error"} <= {one["rule"] for one in said.json["findings"]}
    assert said.json["thresholds"]["output_sqnr_error"] == 90
    said = run("check", files.int8_model, "--threshold", "outputsqnr_error=90")
    assert said.status == 2
    assert "did you mean output_sqnr_error?" in said.error()


def test_check_of_models_that_share_no_names_leaves_the_diagnosis_out(
    run: Run, files: Files, tmp_path: Path
) -> None:
    editor = Editor(files.int8_model.read_bytes(), "m")
    for number, tensor in enumerate(editor.model.subgraphs[0].tensors):
        tensor.name = f"other{number}"
    files.int8_model.write_bytes(editor.bytes())
    arguments = ("--float", files.float_model, "--data", files.data, "--preprocess", "raw01")
    said = run("check", files.int8_model, *arguments, "--json")
    assert said.status == 0
    assert said.json["diagnosis"] is None
    assert {"diagnosis": "info"}.items() <= {
        one["rule"]: one["severity"] for one in said.json["findings"]
    }.items()


def test_missing_model(run: Run) -> None:
    for command in (("check",), ("build", "--board", "pico"), ("codegen", "-o", "c")):
        said = run(*command, "gone.tflite")
        assert said.status == 2
        assert "cannot read gone.tflite: No such file" in said.error()


def test_corrupt_model(run: Run, files: Files, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(files.int8_model.read_bytes()[:300])
    for command in (("check",), ("build", "--board", "pico"), ("codegen", "-o", "c")):
        said = run(*command, cut)
        assert said.status == 2
        assert "corrupt" in said.error()
    assert not (tmp_path / "c").exists()


def test_codegen_writes_sources_named_after_the_model(run: Run, files: Files) -> None:
    said = run("codegen", files.int8_model, "-o", "c", "--json")
    assert said.status == 0
    assert said.json["name"] == "seven_int8"
    assert all(Path("c", source).exists() for source in said.json["sources"])
    assert "seven_int8.h" in run("codegen", files.int8_model, "-o", "c").out


def test_quantize_wants_to_know_the_preprocessing(run: Run, files: Files) -> None:
    said = run("quantize", files.float_model, "--data", files.data)
    assert said.status == 2
    assert "--preprocess raw01" in said.error()


def test_quantize_names_wrong_image_sizes(run: Run, files: Files, tmp_path: Path) -> None:
    np.savez(tmp_path / "wide.npz", x=np.zeros((20, 4, 6, 1), np.uint8), y=np.zeros(20, int))
    said = run("quantize", files.float_model, "--data", "wide.npz", "--preprocess", "raw01")
    assert said.status == 2
    assert "4×6×1" in said.error()
    assert "6×4×1" in said.err


def test_quantize_names_values_that_are_not_finite(run: Run, files: Files, tmp_path: Path) -> None:
    x = np.zeros((20, *classifier.SHAPE), np.float32)
    x[3, 1, 1, 0] = np.nan
    np.savez(tmp_path / "nan.npz", x=x, y=np.zeros(20, int))
    said = run("quantize", files.float_model, "--data", "nan.npz", "--preprocess", "raw01")
    assert said.status == 2
    assert "1 of 20 images hold NaN or infinite values: 3" in said.error()


def test_report_of_a_folder(run: Run, tmp_path: Path) -> None:
    made.write_run(tmp_path / "build" / "person")
    assert run("report", "build/person").out.strip() == "build/person/report.html"
    assert run("report", "build/person", "--json").json == {"report": "build/person/report.html"}
    said = run("report", "build")
    assert said.status == 2
    assert "holds no results" in said.error()


def large_model(path: Path) -> Path:
    """One QUANTIZE of 300 kB to 300 kB."""
    shape = (1, 500, 600, 1)
    path.write_bytes(single_op("QUANTIZE", [Value(shape, 0.1)], Value(shape, 0.2)))
    return path


def test_what_does_not_fit_is_refused_by_how_much(run: Run, tmp_path: Path) -> None:
    model = large_model(tmp_path / "large.tflite")
    for command in (("codegen", "-o", "c"), ("build", "-o", "c")):
        said = run(*command, model, "--board", "pico")
        assert said.status == 1
        assert "of RAM" in said.error() or "RAM: needs" in said.err
        assert "46 048 B (45.0 KiB)" in said.err
    assert not (tmp_path / "c").exists()
    said = run("check", model, "--board", "pico", "--json")
    assert said.status == 1
    assert said.json["fits"] is False


def test_codegen_replaces_the_sources_of_an_earlier_model_and_nothing_else(
    run: Run, files: Files
) -> None:
    place = Path("src")
    assert run("codegen", files.int8_model, "-o", place).status == 0
    (place / "mine.c").write_text("int mine;")
    other = files.int8_model.rename(files.int8_model.with_name("other.tflite"))
    assert run("codegen", other, "-o", place).status == 0
    assert (place / "other.h").exists()
    assert not (place / "seven_int8.h").exists()
    assert (place / "mine.c").exists()


def test_codegen_for_tflm(run: Run, files: Files) -> None:
    pytest.importorskip("tflite_micro", reason="TFLM's wheel is for Linux on x86-64")
    said = run("codegen", files.int8_model, "--runtime", "tflm", "-o", "c", "--json")
    assert said.status == 0
    assert said.json["arena_bytes"] > 0
    assert Path("c/model_data.cc").exists()


def test_tflm_gets_the_int8_part_of_a_model_with_float_ends(run: Run, files: Files) -> None:
    model = files.int8_model.with_name("outer.tflite")
    model.write_bytes(wrapped(files.int8_model.read_bytes(), "float32", "float32"))
    said = run("codegen", model, "--runtime", "tflm", "-o", files.data.parent / "c", "--json").json
    plain = run("codegen", files.int8_model, "--runtime", "tflm", "-o", files.data.parent / "p",
                "--json").json  # fmt: skip
    assert (said["file_input"], said["input"]["dtype"]) == ("float32", "int8")
    assert said["arena_bytes"] == plain["arena_bytes"]
    header = (files.data.parent / "c" / "model_data.h").read_text()
    assert "float32 in the file, its conversion is left out" in header


def test_build_takes_a_folder_that_codegen_wrote(run: Run, files: Files) -> None:
    assert run("codegen", files.int8_model, "-o", "c").status == 0
    said = run("build", "c", "--board", "pico", "-o", "fw", "--json")
    assert said.status == 0
    assert Path("fw", said.json["uf2"]).exists()
    assert Path("fw/c/model.c").exists()
    nothing = run("build", ".", "--board", "pico")
    assert nothing.status == 2
    assert "no generated sources" in nothing.error()


@pytest.mark.slow
def test_photos_of_any_size_are_resized_once_told(run: Run, files: Files, tmp_path: Path) -> None:
    for label in range(2):
        for number in range(6):
            file = tmp_path / "photos" / str(label) / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            noise = np.random.default_rng(number).integers(0, 256, (20 + number, 31, 3))
            Image.fromarray(noise.astype(np.uint8)).save(file)
    small = ("quantize", files.float_model, "--data", "photos", "--preprocess", "raw01")
    small += ("--fix", "none")
    refused = run(*small, "-o", "out/int8.tflite")
    assert refused.status == 2
    assert "--resize crop" in refused.error()
    made = run(*small, "--resize", "crop", "-o", "out/int8.tflite", "--json")
    assert made.status == 0, made.err
    assert made.json["resize"] == "crop"
    assert run("validate", files.float_model, "out/int8.tflite", "--data", "photos").status == 0
    other = run(
        "validate", files.float_model, "out/int8.tflite", "--data", "photos", "--resize", "stretch"
    )
    assert other.status == 2
    assert "--resize crop, not stretch" in other.error()


def test_where_results_go_is_checked_before_anything_takes_time(run: Run, files: Files) -> None:
    Path("taken").write_text("")
    given = (files.float_model, "--data", files.data, "--preprocess", "raw01")
    for place in ("taken/int8.tflite", "."):
        said = run("quantize", *given, "-o", place)
        assert said.status == 2
        assert "folder" in said.error()
    said = run("deploy", *given, "--board", "pico", "--emulate", "-o", "taken")
    assert said.status == 2
    assert "taken is a file, wanted a folder" in said.error()
    for board, how in (("esp32-s3", "--emulate"), ("rpi4", "--emulate"), ("pico", "--port=x")):
        said = run("deploy", *given, "--board", board, "--emulate", how, "-o", "no")
        assert said.status == 2
        said.error()
        assert not Path("no").exists()


def test_a_missing_model_is_missed_before_its_preprocessing(run: Run, files: Files) -> None:
    data = ("--data", files.data)
    for command in (
        ("quantize", "missing.keras", *data),
        ("validate", "missing.keras", files.int8_model, *data),
        ("check", files.int8_model, "--float", "missing.keras", *data),
    ):
        said = run(*command)
        assert said.status == 2
        assert said.error().startswith("error: there is no missing.keras")


def test_no_result_is_written_over_an_input(run: Run, files: Files) -> None:
    data = ("--data", files.data, "--preprocess", "raw01")
    kept = {path: path.read_bytes() for path in map(Path, (files.float_model, files.int8_model))}
    for command in (
        ("quantize", files.float_model, *data, "-o", files.float_model),
        ("validate", files.float_model, files.int8_model, *data, "-o", files.int8_model),
        ("check", files.int8_model, "--sarif", files.int8_model),
        ("bench", files.int8_model, "--board", "host", "-o", files.int8_model),
        ("zoo", "train", "--from", "m.keras", *data, "-o", "m.keras"),
    ):
        said = run(*command)
        assert said.status == 2
        assert "is an input, and would be written over" in said.error()
    assert kept == {path: path.read_bytes() for path in kept}


@pytest.mark.parametrize(
    ("option", "value"),
    [("--seed", -1), ("--seed", 10**30), ("--max-drop", "nan"), ("--max-drop", "inf")],
)
def test_numbers_out_of_all_reason_are_refused(
    run: Run, files: Files, option: str, value: object
) -> None:
    said = run(
        "deploy", files.float_model, "--data", files.data, "--preprocess", "raw01",
        "--board", "pico", "--emulate", option, value,
    )  # fmt: skip
    assert said.status == 2
    assert option in said.error()
