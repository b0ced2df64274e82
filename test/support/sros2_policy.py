"""Reads an SROS2 policy, with its inclusions, as sros2 does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

_INCLUDE = '{http://www.w3.org/2001/XInclude}include'


def read_policy(path: Path) -> ET.Element:
    """The policy with every inclusion of another file's rules replaced by these."""
    root = ET.parse(path).getroot()
    for parent in list(root.iter()):
        for position, child in reversed(list(enumerate(parent))):
            if child.tag == _INCLUDE:
                assert child.get('xpointer') == 'xpointer(/profile/*)'
                parent.remove(child)
                included = ET.parse(path.parent / child.attrib['href']).getroot()
                for rule in reversed(list(included)):
                    parent.insert(position, rule)
    return root


def rights(policy: ET.Element, enclave: str) -> Mapping[str, Mapping[str, set[str]]]:
    """By node, then by ``publish``, ``subscribe``, ``reply`` and ``request``: absolute names."""
    (found,) = (item for item in policy.iter('enclave') if item.get('path') == enclave)
    result: dict[str, dict[str, set[str]]] = {}
    for profile in found.iter('profile'):
        node, space = profile.attrib['node'], profile.attrib['ns'].rstrip('/')
        allowed: dict[str, set[str]] = {
            'publish': set(), 'subscribe': set(), 'reply': set(), 'request': set(),
        }  # fmt: skip
        for rule in profile:
            names = {_absolute(str(item.text), space, node) for item in rule}
            for verb, qualifier in rule.attrib.items():
                assert qualifier == 'ALLOW'
                allowed[verb] |= names
        result[node] = allowed
    return result


def _absolute(name: str, space: str, node: str) -> str:
    if name.startswith('/'):
        return name
    if name.startswith('~/'):
        return f'{space}/{node}/{name[2:]}'
    return f'{space}/{name}'
