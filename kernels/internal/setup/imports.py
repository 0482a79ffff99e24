"""Imports every module of the environment, and prints its main packages; exits with 1 and the reason for the first that cannot
be imported. A package that wants one that nothing here provides was installed without it on purpose, as the lock says why."""

import sys
from importlib import import_module
from importlib.metadata import distributions, version

modules = {}  # module: the distribution that provides it
for found in distributions():
    for path in found.files or ():
        if len(path.parts) == 1 and path.suffix == ".py":
            modules[path.stem] = found.metadata["Name"]
        elif len(path.parts) == 2 and path.parts[1] == "__init__.py":
            modules[path.parts[0]] = found.metadata["Name"]

# setuptools wants to come before what imports distutils.
for name in sorted(modules, key=lambda name: (name != "setuptools", name)):
    try:
        import_module(name)
    except ModuleNotFoundError as e:
        if (e.name or "").split(".")[0] in modules:
            sys.exit(f"{modules[name]} cannot be imported: {e}")
    except BaseException as e:
        sys.exit(f"{modules[name]} cannot be imported: {type(e).__name__}: {' '.join(str(e).split())}")
print(", ".join(name + " " + version(name) for name in ("jupyterlab", "nbclient", "nbconvert")))
