"""Reads OSCAL documents with compliance-trestle and compares its resolution of baselines with ours."""

import fnmatch
import json
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from trestle.core.profile_resolver import ProfileResolver
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.profile import Profile

logging.disable(logging.WARNING)
data, out = Path(sys.argv[1]), Path(sys.argv[2])
problems = []


def check(kind, path):
    try:
        kind.oscal_read(path)
        print(f"valid: {path.name}")
    except Exception as error:  # noqa: BLE001 - whatever trestle finds is a finding
        problems.append(f"{path.name}: {error}")


def controls(catalogue):
    found = []

    def walk(holder):
        for control in holder.controls or []:
            found.append(control.id)
            walk(control)
        for group in getattr(holder, "groups", None) or []:
            walk(group)

    walk(catalogue)
    return sorted(found)


def control_ids(path):
    groups = json.loads(path.read_text())["catalog"]["groups"]
    return [control["id"] for group in groups for control in group["controls"]]


for name in ("catalogue-sample", "catalogue-parameters"):
    check(Catalog, data / f"{name}.json")
for name in ("baseline-sample", "baseline-second"):
    check(Profile, data / f"{name}.json")
for name in ("again", "written", "baseline", "second"):
    check(Catalog, out / f"catalogue-{name}.json")
check(AssessmentResults, out / "results.json")


def resolved_by_trestle(workspace, name):
    return ProfileResolver.get_resolved_profile_catalog(workspace, workspace / "profiles" / name / "profile.json")


with tempfile.TemporaryDirectory() as folder:
    workspace = Path(folder)
    subprocess.run([Path(sys.executable).parent / "trestle", "init", "--local"], cwd=workspace, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    moved = {}
    for kind, name in (("catalogs", "catalogue-sample"), ("catalogs", "catalogue-parameters"),
                       ("profiles", "baseline-sample"), ("profiles", "baseline-second")):
        model = {"catalogs": "catalog", "profiles": "profile"}[kind]
        target = workspace / kind / name / f"{model}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(data / f"{name}.json", target)
        moved[f"{name}.json"] = f"trestle://{kind}/{name}/{model}.json"
    for name, ours in (("baseline-sample", "catalogue-baseline"), ("baseline-second", "catalogue-second")):
        path = workspace / "profiles" / name / "profile.json"
        document = json.loads(path.read_text())
        links = {r["uuid"]: r["rlinks"][0]["href"]
                 for r in document["profile"].get("back-matter", {}).get("resources", [])}
        # Only the choice of controls is compared: trestle removes no parts and sets no parameter that is a choice.
        document["profile"].pop("modify", None)
        for item in document["profile"]["imports"]:
            href = links.get(item["href"].removeprefix("#"), item["href"])
            item["href"] = moved[href]
            # trestle knows no patterns: it gets the ids they stand for.
            for selector in item.get("include-controls", []):
                for one in selector.pop("matching", []):
                    found = fnmatch.filter(control_ids(data / "catalogue-sample.json"), one["pattern"])
                    selector.setdefault("with-ids", []).extend(found)
        path.write_text(json.dumps(document))
    for name, ours in (("baseline-sample", "catalogue-baseline"), ("baseline-second", "catalogue-second")):
        try:
            theirs = controls(resolved_by_trestle(workspace, name))
        except Exception as error:  # noqa: BLE001
            problems.append(f"{name}: trestle cannot resolve it: {error}")
            continue
        mine = controls(Catalog.oscal_read(out / f"{ours}.json"))
        if theirs == mine:
            print(f"resolved alike: {name}, {len(mine)} controls")
        else:
            problems.append(f"{name}: resolved differently\n ours   {mine}\n theirs {theirs}")

for problem in problems:
    print(f"finding: {problem}", file=sys.stderr)
sys.exit(1 if problems else 0)
