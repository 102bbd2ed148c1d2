"""What an installation without an extra says."""

import tomllib
from pathlib import Path

import pytest

import cli.app
import cli.commands.every
from cli.checks import check_all
from cli.extras import missing_extra
from cli.wiring import Container

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
MODULES = {
    "torch": "models",
    "peft.utils": "models",
    "uvicorn": "models",
    "trl": "train",
    "safetensors.torch": "train",
    "psycopg": "postgres",
    "rapidocr_onnxruntime": "ocr",
    "s3fs": "s3",
    "ray.data": "cluster",
    "gguf": "small",
}


@pytest.mark.parametrize(("module", "extra"), MODULES.items())
def test_a_missing_module_names_the_extra_that_brings_it(module: str, extra: str) -> None:
    said = missing_extra(ModuleNotFoundError(name=module))
    assert said is not None
    assert f"phi3-expert[{extra}]" in str(said)
    assert extra in PYPROJECT["project"]["optional-dependencies"]


def test_other_missing_modules_stay_what_they_are() -> None:
    assert missing_extra(ModuleNotFoundError(name="domain.nothing")) is None
    assert missing_extra(ModuleNotFoundError("no name")) is None


def fails(*_: object) -> None:
    raise ModuleNotFoundError(name="psycopg")


def test_a_command_that_lacks_an_extra_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.commands.every, "app", fails)
    monkeypatch.setattr("sys.argv", ["phi3", "search"])
    with pytest.raises(SystemExit) as ended:
        cli.app.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "phi3: This needs the package psycopg, which is not installed: "
        "pip install 'phi3-expert[postgres]'.\n"
    )


def test_doctor_checks_the_other_parts_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    monkeypatch.setattr(Container, "database", property(fails))
    found = {finding.part: finding for finding in check_all()}
    assert "phi3-expert[postgres]" in found["database"].says
    assert found["re-ranking"].ok


def test_console_without_its_extra_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def lacks_multipart(name: str) -> object:
        return None if name == "python_multipart" else name

    monkeypatch.setattr("cli.extras.find_spec", lacks_multipart)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["phi3", "console"])
    with pytest.raises(SystemExit) as ended:
        cli.app.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "phi3: The console does not run: pip install 'phi3-expert[console]'.\n"
    )
