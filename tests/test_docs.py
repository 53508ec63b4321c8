from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from edgekit import boards
from edgekit.cli.main import edgekit
from edgekit.ops import operators

DOCS = Path(__file__).resolve().parents[1] / "docs"
GENERATE = [sys.executable, str(DOCS / "generate.py")]

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the docs are not beside these tests")


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run([*GENERATE, "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_op_has_its_section() -> None:
    page = (DOCS / "supported_ops.md").read_text(encoding="utf-8")
    for name in operators():
        assert f"\n## {name}\n" in page


def test_every_emulated_board_has_its_transcript() -> None:
    page = (DOCS / "transcripts.md").read_text(encoding="utf-8")
    emulated = [name for name in boards.identifiers() if boards.load(name).emulator]
    assert [name for name in emulated if f"`{name}`\n" not in page] == []
    for command in ("flash", "bench", "validate", "monitor"):
        assert page.count(f"$ edgekit {command} ") >= len(emulated)


def test_every_command_that_pages_boards_and_messages_name_is_there() -> None:
    top = DOCS.parent
    files = [
        top / "README.md",
        *DOCS.glob("*.md"),
        *(top / "boards").glob("*.toml"),
        *(top / "edgekit").rglob("*.py"),
    ]
    named = {
        name
        for path in files
        for name in re.findall(r"`edgekit ([a-z]+)", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert named <= set(edgekit.list_commands(click.Context(edgekit)))


def test_every_constraint_says_what_it_wants() -> None:
    for operator in operators().values():
        for constraint in operator.constraints:
            text = " ".join((constraint.__doc__ or "").split())
            assert text.endswith("."), f"{operator.name}: {constraint}"


def test_a_stale_page_is_named(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "generate.py").write_bytes((DOCS / "generate.py").read_bytes())
    (tmp_path / "pages" / "greeting.py").write_text("def text(): return 'hello'")
    command = [sys.executable, str(tmp_path / "generate.py")]

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *options], capture_output=True, text=True, timeout=60)

    assert run("--check").returncode == 1
    assert run().returncode == 0
    assert run("--check").returncode == 0
    (tmp_path / "greeting.md").write_text("by hand")
    stale = run("--check")
    assert stale.returncode == 1
    assert "greeting.md" in stale.stdout


def test_a_fragment_fills_the_page_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "generate.py").write_bytes((DOCS / "generate.py").read_bytes())
    (tmp_path / "pages" / "table.py").write_text("PAGE = 'by_hand.md'\ndef fragment(): return 'x'")
    page = tmp_path / "by_hand.md"
    page.write_text("before\n<!-- table -->\nold\n<!-- /table -->\nafter\n")
    subprocess.run([sys.executable, str(tmp_path / "generate.py")], check=True, timeout=60)
    assert page.read_text() == "before\n<!-- table -->\nx\n<!-- /table -->\nafter\n"
    assert sorted(path.name for path in tmp_path.glob("*.md")) == ["by_hand.md"]


def test_decisions_are_numbered_without_gaps_and_say_so_in_their_titles() -> None:
    pages = sorted((DOCS / "adr").glob("*.md"))
    for number, page in enumerate(pages, 1):
        assert page.name.startswith(f"{number:04d}-"), f"{page.name} should be number {number}"
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. "), page.name
