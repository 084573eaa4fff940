"""Deployment packages: the zip files that `deploy` takes, read into components.

The zip is hostile: it is read in memory, up to a size, and its names are never used as paths.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from mock_crm.salesforce.metadata.components import Component, ShapeError, read_component
from mock_crm.salesforce.soap.document import XmlError, parse, text

# A zip may unpack to far more than was sent; neither its size nor its number of files is trusted.
MAX_UNPACKED_BYTES: Final = 64 * 2**20
MAX_FILES: Final = 10_000
CHILD_ELEMENTS: Final = {
    "fields": "CustomField",
    "recordTypes": "RecordType",
    "validationRules": "ValidationRule",
}
"""The elements of an object's file that are components of their own."""

_SUFFIXES: Final = {"object": "CustomObject", "permissionset": "PermissionSet", "profile": "Profile"}
_MANIFEST: Final = "package.xml"
_DELETIONS: Final = ("destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml")


class PackageError(Exception):
    """The zip cannot be read as a package at all."""


@dataclass(frozen=True, slots=True)
class PackageMember:
    """One component of a package.

    Attributes:
        type: Its metadata type.
        full_name: Its full name, such as `Account.Tier__c`.
        file_name: The file it came from.
        component: Its definition; None for one that is deleted.
        problem: Why it cannot be read; empty if it can.
    """

    type: str
    full_name: str
    file_name: str
    component: Component | None = None
    problem: str = ""


@dataclass(slots=True)
class Package:
    """What a package asks for: deletions in the order given, and definitions, objects before their parts."""

    entries: list[PackageMember] = field(default_factory=list)
    deletions: list[PackageMember] = field(default_factory=list)
    unknown: list[PackageMember] = field(default_factory=list)
    """Components of types that the mock does not have."""


def read_package(content: bytes) -> Package:
    """Read a zip file, with its files at the top or in one folder.

    Raises:
        PackageError: it is no zip, too large, or has no `package.xml`.
    """
    files = _unpack(content)
    if _MANIFEST not in files:
        raise PackageError("No package.xml found")
    package = Package()
    for name in sorted(files):
        if name == _MANIFEST:
            _check_manifest(files[name])
        elif name in _DELETIONS:
            package.deletions.extend(_deletions(name, files[name]))
        else:
            _read_file(name, files[name], package)
    package.entries.sort(key=lambda entry: entry.type != "CustomObject")
    return package


def _unpack(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MAX_FILES or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
                raise PackageError("The package is too large")
            files = {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise PackageError(f"The zip file cannot be read: {error}") from error
    folders = {name.partition("/")[0] for name in files}
    if _MANIFEST in files or len(folders) != 1:
        return files
    return {name.partition("/")[2]: data for name, data in files.items()}


def _check_manifest(content: bytes) -> None:
    try:
        parse(content)
    except XmlError as error:
        raise PackageError(f"package.xml: {error}") from error


def _deletions(file_name: str, content: bytes) -> Iterator[PackageMember]:
    try:
        manifest = parse(content)
    except XmlError as error:
        raise PackageError(f"{file_name}: {error}") from error
    for types in manifest.iter("types"):
        for member in types.iter("members"):
            yield PackageMember(text(types, "name"), text(member), file_name)


def _read_file(name: str, content: bytes, package: Package) -> None:
    stem, _, suffix = name.rpartition("/")[2].removesuffix("-meta.xml").rpartition(".")
    component_type = _SUFFIXES.get(suffix)
    if component_type is None:
        package.unknown.append(PackageMember(name.partition("/")[0], stem, name))
        return
    try:
        root = parse(content)
        if root.tag != component_type:
            raise XmlError(f"the root element is {root.tag}, not {component_type}")
        package.entries.extend(_entries(root, component_type, stem, name))
    except (XmlError, ShapeError) as error:
        package.entries.append(PackageMember(component_type, stem, name, problem=str(error)))


def _entries(root: Element, component_type: str, full_name: str, file_name: str) -> Iterator[PackageMember]:
    parts = [child for child in root if component_type == "CustomObject" and child.tag in CHILD_ELEMENTS]
    for child in parts:
        root.remove(child)
    component = read_component(root, component_type)
    # A file that only carries parts, as for a standard object, defines no object.
    if component or not parts:
        yield PackageMember(component_type, full_name, file_name, component | {"fullName": full_name})
    for child in parts:
        part = read_component(child, CHILD_ELEMENTS[child.tag])
        part_name = f"{full_name}.{part.get('fullName', '')}"
        yield PackageMember(CHILD_ELEMENTS[child.tag], part_name, file_name, part | {"fullName": part_name})
