"""Check the Terraform files against the arguments that the AWS provider knows, without an account and without Terraform.

    pip install --no-deps --target var/aws-provider "cdktf-cdktf-provider-aws<20"     # provider 5, as in deploy/terraform/main.tf
    .venv/bin/python deploy/terraform_schema.py var/aws-provider

The package is generated from the schema of the provider: one class for each resource, data source and block. Its source is read
and not imported. The check reports unknown types, unknown arguments, missing required ones, and a block that is given more often
than the schema allows. Values are not checked, nor references (tests/deploy/test_terraform.py).
"""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import hcl2

FOLDER = Path(__file__).resolve().parent / "terraform"
PACKAGE = "cdktf_cdktf_provider_aws"
# Arguments of Terraform itself that the package names otherwise.
META = {"provisioner"}


class Argument(NamedTuple):
    is_required: bool
    # The class of a block, or an empty string for a value.
    block: str
    is_repeatable: bool


class Result(NamedTuple):
    problems: list[str]
    types: int
    arguments: int


@cache
def classes(path: Path) -> dict[str, dict[str, Argument]]:
    """Return the classes of a module of the package with their arguments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and (arguments := mapped(node)) is not None:
            found[node.name] = arguments
    return found


def mapped(node: ast.ClassDef) -> dict[str, Argument] | None:
    """Return the arguments of a generated data class, or None for another class."""
    names = [
        {ast.literal_eval(key) for key in keyword.value.keys if key is not None}
        for call in node.decorator_list
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "name_mapping" and isinstance(keyword.value, ast.Dict)
    ]
    start = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if not names or start is None:
        return None
    found = {}
    for argument, default in zip(start.args.kwonlyargs, start.args.kw_defaults, strict=True):
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        block = re.search(rf"\b({node.name.removesuffix('Config')}\w+)\b", kind)
        # The package adds an underscore to names that Python reserves.
        name = argument.arg if argument.arg in names[0] else argument.arg.rstrip("_")
        found[name] = Argument(default is None, block[1] if block else "", "Sequence" in kind)
    return found


def plain(value: Any) -> Any:
    """Return a value parsed by hcl2 without its quotes and its line numbers."""
    if isinstance(value, dict):
        return {key.strip('"'): plain(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.strip('"') if isinstance(value, str) else value


def resources(folder: Path) -> Iterator[tuple[str, str, dict]]:
    """Yield the place, the type (`data_` in front for a data source) and the arguments of each resource of the AWS provider."""
    for path in sorted(folder.rglob("*.tf")):
        with path.open(encoding="utf-8") as file:
            parsed = plain(hcl2.load(file))
        for section, prefix in (("resource", ""), ("data", "data_")):
            for row in parsed.get(section, []):
                for kind, named in row.items():
                    for name, facts in named.items() if kind.startswith("aws_") else ():
                        yield f"{path.relative_to(folder)}: {kind}.{name}", f"{prefix}{kind}", facts


def check(package: Path, folder: Path = FOLDER) -> Result:
    """Compare each resource of a folder with the schema in an unpacked package."""
    problems: list[str] = []
    types, count = set(), 0
    for place, kind, facts in resources(folder):
        module = kind.removeprefix("aws_")
        path = package / PACKAGE / module / "__init__.py"
        if not path.exists():
            problems.append(f"{place}: the provider has no {kind}.")
            continue
        known = classes(path)
        # Only the resource itself has the arguments of Terraform.
        config = next(name for name, arguments in known.items() if {"for_each", "depends_on"} <= arguments.keys())
        types.add(kind)
        count += compare(place, facts, config, known, problems)
    return Result(problems, len(types), count)


def compare(place: str, facts: dict, name: str, known: dict[str, dict[str, Argument]], problems: list[str]) -> int:
    """Add the problems of a resource or block to a list, and return how many arguments were compared."""
    arguments, count = known[name], 0
    given = expanded(facts)
    for key, value in given.items():
        if key in META:
            continue
        if key not in arguments:
            problems.append(f"{place}: there is no argument {key}.")
            continue
        count += 1
        argument = arguments[key]
        blocks = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
        if len(blocks) > 1 and not argument.is_repeatable and argument.block:
            problems.append(f"{place}: only one {key} is allowed.")
        if argument.block in known:
            count += sum(compare(f"{place}.{key}", block, argument.block, known, problems) for block in blocks)
    problems += [
        f"{place}: {key} is missing." for key, argument in arguments.items() if argument.is_required and key not in given
    ]
    return count


def expanded(facts: dict) -> dict:
    """Return arguments with the content of each `dynamic` block as a block."""
    found = {key: value for key, value in facts.items() if key != "dynamic"}
    for row in facts.get("dynamic", []):
        for key, block in row.items():
            found[key] = [*found.get(key, []), *block["content"]]
    return found


if __name__ == "__main__":
    result = check(Path(sys.argv[1]))
    print(f"{result.arguments} arguments of {result.types} types compared with the schema, {len(result.problems)} problems")
    sys.exit("\n".join(result.problems))
