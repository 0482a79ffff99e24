#!/usr/bin/env python3
"""Prints what the image is made from, as CycloneDX 1.6: packages of Debian, of Python and of Go.

In a container: docker run --rm siamese-lab docker/sbom.py >image.cdx.json

`siamese version --sbom` is the list of the one program. The same image gives the same bytes: there is no time in it,
and the serial number is a digest of the rest.
"""
import glob
import hashlib
import json
import os
import subprocess
import sys
import urllib.parse
import uuid

LAB = os.environ.get("SIAMESE_LAB_DIR") or os.path.expanduser("~/.cache/siamese-lab")


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def component(kind, purl, name, version, **more):
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl, **more}


def debian():
    system = dict(line.rstrip().split("=", 1) for line in open("/etc/os-release") if "=" in line)
    distro = "debian-" + system["VERSION_ID"].strip('"')
    for line in said("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\n").splitlines():
        name, version, machine = line.split("\t")
        purl = f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}?arch={machine}&distro={distro}"
        yield component("library", purl, name, version)


def python():
    """Packages of the lab's environments, and XLA's plugin, whose wheel is unpacked beside them."""
    program = ("import importlib.metadata as m, json; print(json.dumps(sorted({(d.metadata['Name'], d.version, "
               "d.metadata.get('License-Expression') or '') for d in m.distributions()})))")
    for interpreter in sorted(glob.glob(LAB + "/venv-*/bin/python")):
        for name, version, licence in json.loads(said(interpreter, "-I", "-c", program)):
            more = {"licenses": [{"expression": licence}]} if licence else {}
            yield component("library", f"pkg:pypi/{name.lower().replace('_', '-')}@{version}", name, version, **more)
    for path in sorted(glob.glob(LAB + "/plugin/*/*.so") + glob.glob("/opt/cuda/jax_plugins/*/*.so")):
        with open(path, "rb") as f:
            digest = hashlib.file_digest(f, "sha256").hexdigest()
        yield {"type": "file", "bom-ref": "file:" + digest, "name": os.path.basename(path),
               "hashes": [{"alg": "SHA-256", "content": digest}]}
    for record in sorted(glob.glob("/opt/cuda/*.dist-info/METADATA")):  # of Dockerfile.cuda, by pip --target
        fields = dict(line.rstrip("\n").split(": ", 1) for line in open(record)
                      if line.startswith(("Name: ", "Version: ")))
        name, version = fields["Name"], fields["Version"]
        yield component("library", f"pkg:pypi/{name.lower()}@{version}", name, version)


def go():
    """The parts of the command, which know their licences, and then modules that other programs are linked from."""
    yield from json.loads(said("siamese", "version", "--sbom"))["components"]
    programs = glob.glob(LAB + "/bin-*/*") + glob.glob(LAB + "/gopls-*/*") + glob.glob(os.path.expanduser("~/bin/*"))
    for path in sorted(programs):
        if not os.access(path, os.X_OK):
            continue
        for line in said("go", "version", "-m", path).splitlines():
            fields = line.split()
            if fields[0] in ("dep", "mod") and len(fields) > 2 and fields[2] != "(devel)":
                # As package sbom writes them.
                purl = f"pkg:golang/{fields[1].lower()}@{urllib.parse.quote(fields[2], safe='')}"
                yield component("library", purl, fields[1], fields[2])


def main():
    parts = {}
    for part in [*debian(), *python(), *go()]:
        parts.setdefault(part["bom-ref"], part)  # the first knows most
    version = said("siamese", "version").split()[1]
    image = {"type": "container", "bom-ref": "image", "name": "siamese-lab", "version": version}
    document = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX",
                "specVersion": "1.6", "version": 1, "metadata": {"component": image},
                "components": [parts[ref] for ref in sorted(parts)]}
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()
    bits = bytearray(digest[:16])  # a UUID of version 8, as package sbom makes it
    bits[6], bits[8] = bits[6] & 0x0F | 0x80, bits[8] & 0x3F | 0x80
    document["serialNumber"] = uuid.UUID(bytes=bytes(bits)).urn
    json.dump(document, sys.stdout, indent=1)
    print()


main()
