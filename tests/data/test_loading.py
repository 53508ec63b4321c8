from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgekit import data
from edgekit.errors import DataError


def write_image(path: Path, size: tuple[int, int] = (6, 8), *, grey: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(str(path)))
    pixels = rng.integers(0, 256, size if grey else (*size, 3), np.uint8)
    Image.fromarray(pixels).save(path)


def write_npz(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def pixels(n: int = 4, dtype: type = np.uint8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, 6, 8, 3)).astype(dtype)


def test_class_folders_are_numbered_by_sorted_name(tmp_path: Path) -> None:
    for name in ("dog", "cat", "ant"):
        write_image(tmp_path / name / "1.png")
    write_image(tmp_path / "cat" / "2.jpg")
    dataset = data.load(tmp_path)
    assert dataset.classes == ("ant", "cat", "dog")
    assert dataset.labels.tolist() == [0, 1, 1, 2]
    assert dataset.images.shape == (4, 6, 8, 3)
    assert dataset.images.dtype == np.uint8


def test_pixels_are_those_of_the_file(tmp_path: Path) -> None:
    write_image(tmp_path / "cat" / "1.png")
    expected = np.asarray(Image.open(tmp_path / "cat" / "1.png"))
    np.testing.assert_array_equal(data.load(tmp_path).images[0], expected)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "TIFF", "gif", "ppm"])
def test_files_of_many_kinds_are_images(tmp_path: Path, ending: str) -> None:
    write_image(tmp_path / "cat" / f"1.{ending}")
    with Image.open(tmp_path / "cat" / f"1.{ending}") as image:
        expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(data.load(tmp_path).images[0], expected)


def test_grey_files_have_one_channel_unless_colour_is_asked_for(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "1.png", grey=True)
    assert data.load(tmp_path).image_shape == (6, 8, 1)
    assert data.load(tmp_path, channels=3).image_shape == (6, 8, 3)


def test_labels_csv_takes_numbers_and_names_them(tmp_path: Path) -> None:
    for file in ("a.png", "b.png"):
        write_image(tmp_path / file)
    (tmp_path / "labels.csv").write_text("file,label,name\na.png,2,owl\nb.png,0,eel\n")
    dataset = data.load(tmp_path)
    assert dataset.labels.tolist() == [2, 0]
    assert dataset.classes == ("eel", "1", "owl")


def test_labels_csv_takes_class_names(tmp_path: Path) -> None:
    for file in ("a.png", "b.png"):
        write_image(tmp_path / file)
    (tmp_path / "labels.csv").write_text("file,label\na.png,owl\nb.png,eel\n")
    dataset = data.load(tmp_path)
    assert [dataset.classes[label] for label in dataset.labels] == ["owl", "eel"]


def test_npz_keeps_its_class_names(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "d.npz", x=pixels(), y=[0, 1, 1, 0], classes=["no", "yes"])
    assert data.load(path).classes == ("no", "yes")


def test_float_images_are_kept_as_float32(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "d.npz", x=pixels(dtype=np.float64) / 255, y=np.zeros(4, int))
    assert data.load(path).images.dtype == np.float32


def test_equal_data_has_an_equal_fingerprint_and_other_data_another(tmp_path: Path) -> None:
    first = data.load(write_npz(tmp_path / "a.npz", x=pixels(), y=[0, 1, 1, 0]))
    again = data.load(write_npz(tmp_path / "b.npz", x=pixels(), y=[0, 1, 1, 0]))
    labels = data.load(write_npz(tmp_path / "c.npz", x=pixels(), y=[0, 1, 0, 0]))
    other = data.load(write_npz(tmp_path / "d.npz", x=pixels() ^ 1, y=[0, 1, 1, 0]))
    assert first.fingerprint == again.fingerprint
    assert len({first.fingerprint, labels.fingerprint, other.fingerprint}) == 3


def test_images_of_several_sizes_are_refused_unless_resizing_is_asked_for(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "1.png", (6, 8))
    write_image(tmp_path / "a" / "2.png", (5, 8))
    with pytest.raises(DataError, match=r"2 sizes: 6×8 \(1\), 5×8 \(1\)"):
        data.load(tmp_path)
    assert data.load(tmp_path, resize=(4, 3)).images.shape == (2, 4, 3, 3)


def test_all_broken_images_are_named_at_once(tmp_path: Path) -> None:
    for number in range(4):
        write_image(tmp_path / "a" / f"{number}.png", (40, 40))
    whole = (tmp_path / "a" / "1.png").read_bytes()
    (tmp_path / "a" / "1.png").write_bytes(whole[:200])
    (tmp_path / "a" / "3.png").write_bytes(whole[:300])
    with pytest.raises(DataError, match=r"2 of 4 images.*1\.png.*3\.png"):
        data.load(tmp_path)


def test_files_that_are_no_images_are_named_at_once(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "0.png")
    for number in (1, 2):
        (tmp_path / "a" / f"{number}.png").write_text("no image")
    with pytest.raises(DataError, match=r"2 of 3 images.*1\.png.*2\.png"):
        data.load(tmp_path)


def test_nonfinite_images_are_counted_and_named(tmp_path: Path) -> None:
    x = pixels(dtype=np.float32)
    x[1, 2, 3, 0], x[3, 0, 0, 2] = np.nan, np.inf
    with pytest.raises(DataError, match="2 of 4 images hold NaN or infinite values: 1, 3"):
        data.load(write_npz(tmp_path / "d.npz", x=x, y=np.zeros(4, int)))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": pixels()}, "has no y, only x"),
        ({"images": pixels(), "labels": [0]}, "has no x and no y"),
        ({"x": pixels()[0], "y": [0]}, r"shape \[6, 8, 3\], wanted \[n, h, w, c\]"),
        ({"x": pixels(0), "y": np.zeros(0, int)}, "has no images"),
        ({"x": pixels().astype(np.int32), "y": [0] * 4}, "images are int32"),
        ({"x": pixels(), "y": [0.5] * 4}, "labels are float64"),
        ({"x": pixels(), "y": np.eye(4)}, r"labels have shape \[4, 4\]"),
        ({"x": pixels(), "y": [0] * 3}, "4 images and 3 labels"),
        ({"x": pixels(), "y": [0, 1, -1, 0]}, "-1 of image 2"),
        ({"x": pixels(), "y": [-1] * 4}, "outside 0 to 0, as -1 of image 0"),
        ({"x": pixels(), "y": [0, 1, 10**12, 0]}, "label 1000000000000; a data set has at most"),
        ({"x": pixels(), "y": [0, 5, 1, 0], "classes": ["a", "b"]}, "outside 0 to 1, as 5"),
    ],
)
def test_malformed_npz_is_refused_in_words(
    tmp_path: Path, arrays: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        data.load(write_npz(tmp_path / "d.npz", **arrays))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_damaged_npz_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(DataError, match="not a readable"):
        data.load(tmp_path / "d.npz")


def test_pickles_are_never_loaded(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "d.npz", x=np.array([{}], object), y=[0])
    with pytest.raises(DataError, match="not a readable"):
        data.load(path)


@pytest.mark.parametrize(
    ("listing", "message"),
    [
        ("", "has no column file and no column label"),
        ("file,label\n", "lists no images"),
        ("name,label\na.png,1\n", "has no column file"),
        ("file,label\na.png,1\nb.png,1\nc.png,1\n", "2 of 3 images are missing: b.png, c.png"),
        ("file,label\na.png,\n", "missing in line 2"),
        ("file,label\na.png,1\na.png,2\n", r"1 of 2 lines give an image another label: .*a\.png"),
        ("file,label\na.png,--5\n", "a label is not a class number"),
        (f"file,label\n{'a' * 5000}.png,1\n", "1 of 1 images are missing: aaa"),
        (f"file,label\na.png,{10**30}\n", "a label is not a class number"),
        (f"file,label,name\na.png,{10**12},owl\n", "a data set has at most 65536 classes"),
    ],
)
def test_malformed_listing_is_refused_in_words(tmp_path: Path, listing: str, message: str) -> None:
    write_image(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text(listing)
    with pytest.raises(DataError, match=message):
        data.load(tmp_path)


def test_empty_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no"):
        data.load(tmp_path / "nowhere")
    with pytest.raises(DataError, match="no class folders"):
        data.load(tmp_path)
    write_image(tmp_path / "a" / "1.png")
    (tmp_path / "b").mkdir()
    with pytest.raises(DataError, match="no images in b"):
        data.load(tmp_path)


def test_a_misfit_names_both_sizes(tmp_path: Path) -> None:
    dataset = data.load(write_npz(tmp_path / "d.npz", x=pixels(), y=[0, 1, 2, 0]))
    dataset.require_fit((6, 8, 3), 3)
    with pytest.raises(DataError, match="6×8×3 images, the model takes 8×6×3"):
        dataset.require_fit((8, 6, 3), 3)
    with pytest.raises(DataError, match=r"label 2 \(2\), the model has 2 classes"):
        dataset.require_fit((6, 8, 3), 2)
    with pytest.raises(DataError, match="the model has one score for all") as caught:
        dataset.require_fit((6, 8, 3), 1)
    assert "softmax" in (caught.value.hint or "")


def test_axes_that_changed_places_are_recognised(tmp_path: Path) -> None:
    x = np.zeros((4, 3, 6, 8), np.uint8)
    first = data.load(write_npz(tmp_path / "d.npz", x=x, y=[0, 1, 2, 0]))
    with pytest.raises(DataError, match="3×6×8 images, the model takes 6×8×3") as caught:
        first.require_fit((6, 8, 3), 3)
    assert "transpose(0, 2, 3, 1)" in caught.value.hint
    turned = data.load(write_npz(tmp_path / "e.npz", x=pixels(), y=[0, 1, 2, 0]))
    with pytest.raises(DataError) as caught:
        turned.require_fit((8, 6, 3), 3)
    assert "transpose(0, 2, 1, 3)" in caught.value.hint
    with pytest.raises(DataError) as caught:
        turned.require_fit((12, 16, 3), 3)
    assert "--resize crop" in caught.value.hint


@pytest.mark.parametrize(
    ("model", "hint"),
    [(1, "takes 1, the images have 3.*read grey"), (4, "takes 4, the images have 3.*Store those")],
)
def test_where_only_the_channels_differ_nobody_is_told_to_resize(
    tmp_path: Path, model: int, hint: str
) -> None:
    dataset = data.load(write_npz(tmp_path / "d.npz", x=pixels(), y=[0, 1, 2, 0]))
    with pytest.raises(DataError, match=f"6×8×3 images, the model takes 6×8×{model}") as caught:
        dataset.require_fit((6, 8, model), 3)
    assert re.search(hint, caught.value.hint)
    assert "Images are never resized" not in caught.value.hint


def test_image_files_are_read_in_the_channels_of_the_model(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "1.png")
    write_image(tmp_path / "b" / "2.png")
    data.Source(tmp_path, "crop").load((6, 8, 1)).require_fit((6, 8, 1), 2)


def test_images_of_more_than_8_bits_are_refused_not_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    Image.fromarray(np.full((4, 4), 40_000, np.uint16)).save(tmp_path / "a" / "1.png")
    with pytest.raises(DataError, match="more than 8 bits"):
        data.load(tmp_path)


def test_reading_reports_its_progress(tmp_path: Path) -> None:
    for number in range(3):
        write_image(tmp_path / "a" / f"{number}.png")
    reports: list[tuple[str, int, int]] = []
    data.load(tmp_path, progress=lambda *report: reports.append(report))
    assert reports == [("reading images", done, 3) for done in (1, 2, 3)]


def test_what_hides_among_the_images_is_no_image(tmp_path: Path) -> None:
    for name in ("a/1.png", "b/2.png", "b/.2.png", "b/.old/3.png", "__MACOSX/b/2.png"):
        write_image(tmp_path / name)
    (tmp_path / "a" / "._1.png").write_bytes(b"\0\5\x16\7")
    os.mkfifo(tmp_path / "b" / "pipe.png")  # reading it would wait for ever
    dataset = data.load(tmp_path)
    assert dataset.labels.tolist() == [0, 1]
    assert dataset.classes == ("a", "b")


def test_a_link_to_nothing_is_named(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "gone.png").symlink_to("nowhere.png")
    with pytest.raises(DataError, match=r"1 of 2 images.*gone\.png"):
        data.load(tmp_path)
