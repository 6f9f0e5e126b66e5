"""Each child loads its own stack and none of another's: read from the modules of a fresh interpreter."""

import subprocess
import sys

import pytest

FORBIDDEN = {
    "vault": ("PySide6", "qasync", "av", "aiortc", "sounddevice", "PIL", "pypdfium2"),
    "call": ("PySide6", "qasync", "sqlcipher3", "keyring", "pypdfium2", "httpx2"),
    "render": (
        "PySide6",
        "qasync",
        "sqlcipher3",
        "keyring",
        "aiortc",
        "sounddevice",
        "cryptography",
        "httpx2",
        "aiohttp",
    ),
}
LIST = """
import sys
import teleconsole.__main__
import importlib
importlib.import_module("teleconsole.{name}.service")
print("\\n".join(sorted(sys.modules)))
"""


def _modules(name: str) -> set[str]:
    script = LIST.format(name=name)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_a_child_loads_no_other_stack(name: str) -> None:
    loaded = _modules(name)
    assert f"teleconsole.{name}.service" in loaded
    assert not [module for module in FORBIDDEN[name] if module in loaded]
    others = {"console", "vault", "call", "render", "gateway", "ops", "demo"} - {name}
    assert not [other for other in others if f"teleconsole.{other}" in loaded]


def test_the_command_line_loads_no_stack_at_all() -> None:
    script = "import sys, teleconsole.cli; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = ("PySide6", "av", "aiortc", "sqlcipher3", "aiohttp", "PIL", "numpy")
    assert not [module for module in heavy if module in ran.stdout.split()]
