"""dev.py: the set-up is done once, and anew when it broke off or its inputs changed; JupyterLab starts quietly."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import dev


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """Make a clone whose set-up steps are noted and not run; give the notes and a switch that makes a step fail."""
    venv = tmp_path / ".venv"
    python = venv / dev.BIN.name / dev.PYTHON.name
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", venv)
    monkeypatch.setattr(dev, "PYTHON", python)
    monkeypatch.setattr(dev, "STAMP", venv / dev.STAMP.name)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("first", encoding="utf-8")
    steps, failing = [], []

    def run(*command):
        words = [str(part) for part in command]
        steps.append(words)
        if "venv" in words:
            python.parent.mkdir(parents=True)
            python.touch()
        return int(any(word in words for word in failing))

    monkeypatch.setattr(dev, "run", run)
    return steps, failing


def test_the_set_up_is_done_once(clone):
    steps, _ = clone
    dev.set_up()
    assert [any(word in step for step in steps) for word in ("venv", "--require-hashes", "-e")] == [True] * 3
    steps.clear()
    dev.set_up()
    assert steps == []


@pytest.mark.parametrize("word", ["venv", "--require-hashes", "-e"])
def test_a_set_up_that_broke_off_is_done_anew(clone, word, capsys):
    steps, failing = clone
    failing.append(word)
    with pytest.raises(SystemExit, match="starts the set-up again"):
        dev.set_up()
    assert word in capsys.readouterr().out
    failing.clear()
    steps.clear()
    dev.set_up()
    assert len(steps) == 3


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_set_up_whose_inputs_changed_is_done_anew(clone, name):
    steps, _ = clone
    dev.set_up()
    steps.clear()
    (dev.ROOT / name).write_text("second", encoding="utf-8")
    dev.set_up()
    assert len(steps) == 3


def test_a_set_up_whose_python_is_gone_is_done_anew(clone):
    steps, _ = clone
    dev.set_up()
    steps.clear()
    dev.PYTHON.unlink()
    dev.set_up()
    assert len(steps) == 3


def test_without_uv_pip_is_used(clone, monkeypatch):
    steps, _ = clone
    monkeypatch.setattr(dev.shutil, "which", lambda _: None)
    dev.set_up()
    assert steps[0][:3] == [sys.executable, "-m", "venv"]
    assert [step[:3] for step in steps[1:]] == [[str(dev.PYTHON), "-m", "pip"]] * 2


def test_an_unknown_task_is_answered_with_the_help():
    result = subprocess.run([sys.executable, dev.__file__, "dmeo"], check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert "python3 dev.py demo" in result.stderr


def test_jupyterlab_starts_without_asking_about_news(tmp_path, monkeypatch):
    """The settings that the server hands to the page are what the page asks by."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    servers = []
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", Path(sys.prefix))
    monkeypatch.setattr(dev, "PYTHON", sys.executable)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(dev, "run", lambda *command: servers.append(start(command, tmp_path)) or 0)
    root = os.name != "nt" and os.geteuid() == 0
    dev.lab("--no-browser", f"--ServerApp.port={port}", "--IdentityProvider.token=t", *["--allow-root"] * root)
    try:
        address = f"http://127.0.0.1:{port}/lab/api/settings/@jupyterlab/apputils-extension:notification?token=t"
        schema = json.loads(fetch(address, servers[0]))["schema"]["properties"]
    finally:
        servers[0].terminate()
        servers[0].wait()
    assert (schema["fetchNews"]["default"], schema["checkForUpdates"]["default"]) == ("false", False)


def start(command, folder):
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)


def fetch(address, server):
    for _ in range(1200):
        assert server.poll() is None, "JupyterLab did not start"
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.read()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.1)
    pytest.fail("JupyterLab does not answer")
