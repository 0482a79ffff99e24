"""Makes the package siamese-lab (PEP 517): the files of siamese_lab and what they say of themselves.

It is a build backend of its own, since a usual one would have to be fetched: the lab installs this without a network.
"""

import base64
import hashlib
import re
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = sorted((HERE / "siamese_lab").glob("*.py"))
VERSION = re.search(r'^__version__ = "(.+?)"', (HERE / "siamese_lab" / "__init__.py").read_text("utf-8"), re.M)[1]

METADATA = f"""Metadata-Version: 2.1
Name: siamese-lab
Version: {VERSION}
Summary: papermill for Siamese Lab's notebooks in Go
License: Apache-2.0
Requires-Python: >=3.10
Provides-Extra: papermill
Requires-Dist: papermill>=2.4; extra == "papermill"
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: siamese-lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
ENTRY_POINTS = "[papermill.engine]\nsiamese = siamese_lab.papermill:Engine\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Writes the wheel and returns its name. Made twice it has the same bytes."""
    name = f"siamese_lab-{VERSION}-py3-none-any.whl"
    info = f"siamese_lab-{VERSION}.dist-info"
    files = {f"siamese_lab/{path.name}": path.read_bytes() for path in SOURCES}
    for path, text in {"METADATA": METADATA, "WHEEL": WHEEL, "entry_points.txt": ENTRY_POINTS}.items():
        files[f"{info}/{path}"] = text.encode()
    record = ""
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content)
    return name
