"""What a built wheel holds is all that the program is: an editable install would hide what is missing."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("domain", "engines", "examples", "observe", "store", "tasks", "webapp", "workers")
OF_NO_USE = {".md"}
SOURCES_OF_THE_PAGE = "webapp/page/client/"
BUILT = "webapp/page/static/built/page.js"


def test_a_wheel_holds_every_module_template_and_migration(tmp_path):
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    wanted = {name for name in tracked if name.split("/")[0] in ROOMS and Path(name).suffix not in OF_NO_USE}
    # What the page is made of stays behind; what is made of it goes along.
    wanted = {name for name in wanted if not name.startswith(SOURCES_OF_THE_PAGE)} | {BUILT}
    # Of a copy: building leaves a folder behind.
    for name in (*wanted, "pyproject.toml", "settings.py", "celeryconfig.py", "LICENSE"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(wheels), "."]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    [wheel] = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert wanted <= set(archive.namelist()), wanted - set(archive.namelist())
