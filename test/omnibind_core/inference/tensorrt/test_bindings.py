"""Our source against the bindings of TensorRT 10 and 11 and of TensorRT-RTX, by their types.

The bindings' libraries are not on PyPI; functions that return null stand in their place, so that
the module can be imported and looked at. The stubs are made anew in a temporary folder each time:
they are derived from proprietary software.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[4]
SYMBOLS = (
    'createInferBuilder_INTERNAL', 'createInferRuntime_INTERNAL', 'createInferRefitter_INTERNAL',
    'createNvOnnxParser_INTERNAL', 'createNvOnnxParserRefitter_INTERNAL',
    'getBuilderPluginRegistry', 'getNvOnnxParserVersion', 'getPluginRegistry',
    'initLibNvInferPlugins',
)  # fmt: skip
USE = """
import {module} as trt
from omnibind_core.inference.tensorrt.trt_api import *
from omnibind_core.inference.tensorrt.trt_api import TrtModule


def module() -> TrtModule:
    return trt
"""
WRONG = """
import {module} as trt
from typing import Any, Protocol


class Context(Protocol):
    def execute_async_v2(self, bindings: list[int], stream_handle: int) -> bool: ...


def context(given: trt.IExecutionContext) -> Context:
    return given


trt.BuilderFlag.FP16
"""


def stubs(folder: Path, module: str, path: Path, libraries: Path | None) -> Path:
    """Type stubs of a bindings module; returns the folder for mypy."""
    environment = {**os.environ, 'PYTHONPATH': str(path)}
    environment.pop('_ROS_WHEELS_BOOTSTRAP_COMPLETE', None)
    if libraries is not None:
        environment['LD_LIBRARY_PATH'] = str(libraries)
    # The package would ask for its libraries' package; the extension alone is enough.
    subprocess.run(
        [sys.executable, '-m', 'pybind11_stubgen', module, '--ignore-all-errors', '-o', 'raw'],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )
    found = folder / 'raw' / Path(*module.split('.')).with_suffix('.pyi')
    target = folder / 'stubs' / 'trt_under_test.pyi'
    target.parent.mkdir()
    target.write_text(repaired(found.read_text()))
    return target.parent


def repaired(text: str) -> str:
    """Signatures that are no Python (a parameter called ``in``) replaced by any signature."""
    lines = text.splitlines()
    for _ in range(40):
        wrong = _first_wrong(lines)
        if wrong is None:
            return '\n'.join(lines)
        head = lines[wrong].split('(')[0]
        assert head.strip().startswith('def '), lines[wrong]
        lines[wrong] = f'{head}(self, *a: typing.Any, **k: typing.Any) -> typing.Any:'
    raise AssertionError('the stubs cannot be repaired')


def _first_wrong(lines: list[str]) -> int | None:
    try:
        ast.parse('\n'.join(lines))
    except SyntaxError as error:
        assert error.lineno is not None
        return error.lineno - 1
    return None


def mypy(folder: Path, path: Path) -> tuple[str, str]:
    """What mypy says of our use, and of a wrong one."""
    for name, source in (('use', USE), ('wrong', WRONG)):
        (folder / f'{name}.py').write_text(source.format(module='trt_under_test'))
    command = [sys.executable, '-m', 'mypy', '--config-file=', '--python-version=3.11']
    command += [f'--cache-dir={folder.parent / "mypy"}', 'use.py', 'wrong.py']
    run = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, 'MYPYPATH': f'{path}{os.pathsep}{ROOT}'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'checked 2 source files' in run.stdout, run.stdout + run.stderr
    lines = run.stdout.splitlines()
    use, wrong = (
        '\n'.join(line for line in lines if line.startswith(name)) for name in ('use', 'wrong')
    )
    return use, wrong


def null_libraries(folder: Path, major: int) -> Path:
    """Libraries of the names that the bindings ask for, whose functions return null."""
    compiler = shutil.which('cc') or shutil.which('gcc')
    if compiler is None:
        pytest.skip('no C compiler')
    folder.mkdir()
    source = folder / 'null.c'
    source.write_text('\n'.join(f'void *{name}(void) {{ return 0; }}' for name in SYMBOLS))
    for name in ('nvinfer', 'nvonnxparser', 'nvinfer_plugin'):
        target = folder / f'lib{name}.so.{major}'
        command = [compiler, '-shared', '-fPIC', f'-Wl,-soname,{target.name}', '-o', str(target)]
        subprocess.run([*command, str(source)], check=True)
    return folder


@pytest.mark.parametrize('major', [10, 11])
def test_the_source_fits_tensorrt(tmp_path: Path, major: int) -> None:
    """Every name, parameter and result that we use; and the check finds what is not there."""
    path = Path(sys.prefix) / f'tensorrt-{major}'
    if not (path / 'tensorrt_bindings').is_dir():
        pytest.skip(f"TensorRT {major}'s bindings are not installed")
    libraries = null_libraries(tmp_path / 'null', major)
    made = stubs(tmp_path, 'tensorrt_bindings.tensorrt', path, libraries)
    use, wrong = mypy(tmp_path, made)
    assert use == ''
    assert '"IExecutionContext", expected "Context"' in wrong
    assert ('"FP16"' in wrong) is (major == 11)


def test_the_source_fits_tensorrt_rtx(tmp_path: Path) -> None:
    """The product that the engines of the test suite are built with."""
    pytest.importorskip('tensorrt_rtx_bindings', reason='TensorRT-RTX is not installed')
    made = stubs(tmp_path, 'tensorrt_rtx_bindings.tensorrt_rtx', tmp_path, None)
    assert mypy(tmp_path, made)[0] == ''
