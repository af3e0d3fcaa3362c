import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, beforeEach, test } from "node:test";

// How to start it, if it is not on the path: "/path/of/venv/bin/leadbook".
const [command, ...first] = (process.env.LEADBOOK ?? "leadbook").split(" ");
let server, url;

before(async () => {
  const options = ["serve", "--test-mode", "--port", "0", "--exit-with-parent"];
  server = spawn(command, [...first, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    ({ url } = JSON.parse(line));
    break;
  }
});
beforeEach(() => fetch(`${url}/_test/reset`, { method: "POST" }));
after(() => server.kill());

const send = (method, path, body) =>
  fetch(url + path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

test("a lead is made", async () => {
  const answer = await send("POST", "/leads", { name: "Ada", email: "ada@engines.example" });
  assert.equal(answer.status, 201);
  const { data } = await (await fetch(`${url}/leads`)).json();
  assert.deepEqual(data, [await answer.json()]);
});

test("each test begins with nothing", async () => {
  const { pagination } = await (await fetch(`${url}/leads`)).json();
  assert.equal(pagination.total, 0);
});

test("the service may fail", async () => {
  await send("POST", "/_test/faults", { method: "POST", path: "/leads", status: 503 });
  const answer = await send("POST", "/leads", { name: "Ada", email: "ada@engines.example" });
  assert.equal(answer.status, 503);
  assert.equal((await answer.json()).error.code, "DATABASE_UNAVAILABLE");
});
