"""Clients generated from the OpenAPI document build without warnings and do the main job."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

API = ROOT / "docs" / "api.md"
PYTHON_JOB = """
from leadbook_client import Client
from leadbook_client.api.clients import archive_client, list_clients
from leadbook_client.api.leads import convert_lead, create_lead, get_lead, list_leads, update_lead
from leadbook_client.models import Error, LeadChanges, LeadStatus, ListLeadsSort, NewLead
from leadbook_client.models.lead_changes_custom_type_0 import LeadChangesCustomType0
from leadbook_client.models.list_leads_custom import ListLeadsCustom
from leadbook_client.models.lead_changes_status import LeadChangesStatus

with Client(base_url=URL) as client:
    lead = create_lead.sync(client=client, body=NewLead(name="Ada", email="ada@engines.test"))
    assert lead.status is LeadStatus.NEW and lead.phone is None and lead.created_at.year > 2000
    changes = LeadChanges(status=LeadChangesStatus.CONTACTED, notes="met")
    lead = update_lead.sync(lead.id, client=client, body=changes, if_match='"1"')
    assert (lead.version, lead.notes) == (2, "met")
    assert lead.custom.additional_properties == {}
    custom = LeadChangesCustomType0.from_dict({"Region": "North", "Seats": 12, "VIP": True})
    lead = update_lead.sync(lead.id, client=client, body=LeadChanges(custom=custom))
    assert lead.custom.to_dict() == {"Region": "North", "Seats": 12, "VIP": True}
    wanted = ListLeadsCustom.from_dict({"custom.Region": "north", "custom.Seats": "12"})
    assert list_leads.sync(client=client, custom=wanted).pagination.total == 1
    stale = update_lead.sync(lead.id, client=client, body=changes, if_match='"1"')
    assert isinstance(stale, Error) and stale.error.code == "VERSION_MISMATCH"
    page = list_leads.sync(client=client, search="ada", sort=ListLeadsSort.SCORE, limit=5)
    assert (page.pagination.total, page.data[0].id) == (1, lead.id)
    made = convert_lead.sync(lead.id, client=client)
    assert get_lead.sync(lead.id, client=client).client_id == made.id
    assert archive_client.sync(made.id, client=client).archived_at
    assert list_clients.sync(client=client).pagination.total == 0
"""
TYPESCRIPT_JOB = """
import createClient from "openapi-fetch";
import type { components, paths } from "./api";

type Lead = components["schemas"]["Lead"];

async function main(): Promise<void> {
  const api = createClient<paths>({ baseUrl: process.argv[2] });
  const created = await api.POST("/leads", {
    body: { name: "Ada", email: "ada@engines.test", status: "new", score: 5 },
  });
  if (created.error) throw new Error(created.error.error.code);
  const lead: Lead = created.data;
  const phone: string | null = lead.phone;
  const path = { id: lead.id };
  const stale = await api.PUT("/leads/{id}", {
    params: { path, header: { "If-Match": '"7"' } },
    body: { status: "contacted" },
  });
  const found = await api.GET("/leads", { params: { query: { search: "ADA", limit: 1 } } });
  const made = await api.POST("/leads/{id}/convert", { params: { path } });
  console.log(JSON.stringify([
    phone, stale.error?.error.code, found.data?.pagination.total, made.data?.leadId === lead.id,
  ]));
}

void main();
"""


@pytest.mark.long
def test_python_client(server, tmp_path):
    scripts = str(Path(sys.executable).parent)
    target = tmp_path / "generated"
    [told] = re.findall(
        r"```yaml\n(content_type_overrides:[^`]*)```", API.read_text(encoding="utf-8")
    )
    configuration = tmp_path / "config.yaml"
    configuration.write_text(told)
    finished = subprocess.run(
        [
            *(f"{scripts}/openapi-python-client", "generate", "--fail-on-warning"),
            *("--url", f"{server.url}/openapi.json", "--output-path", str(target)),
            *("--config", str(configuration)),
        ],
        env=os.environ | {"PATH": f"{scripts}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    assert "arning" not in finished.stdout + finished.stderr
    job = [sys.executable, "-W", "error", "-c", f"URL = {server.url!r}{PYTHON_JOB}"]
    done = subprocess.run(job, cwd=target, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_typescript_client(server, tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm is not installed; .ci/run installs it")

    def run(*command):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    (tmp_path / "package.json").write_text("{}")
    packages = ("openapi-typescript@7", "openapi-fetch@0", "typescript@5", "@types/node@20")
    run("npm", "install", "--silent", "--no-audit", "--no-fund", *packages)
    shown = run("npx", "openapi-typescript", f"{server.url}/openapi.json", "-o", "api.d.ts")
    assert "arning" not in shown
    (tmp_path / "job.ts").write_text(TYPESCRIPT_JOB)
    options = "--strict --target es2022 --module commonjs --moduleResolution node10 --types node"
    run("npx", "tsc", *options.split(), "job.ts")
    assert json.loads(run("node", "job.js", server.url)) == [None, "VERSION_MISMATCH", 1, True]
