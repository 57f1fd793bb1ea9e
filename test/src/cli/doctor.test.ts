import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examine } from "../../../src/cli/doctor.ts";
import { srcError } from "../../../src/errors.ts";
import { isolate } from "../../../src/index.ts";
import { motes } from "../../support/motes.ts";

test("doctor: says of each target and tool whether it is there, and what to do if not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  writeFileSync(join(folder, "erl"), "#!/bin/sh\n", { mode: 0o755 });
  const absent = {
    ...isolate,
    name: "absent",
    commons: () => {
      throw srcError("TARGET_UNAVAILABLE", { target: "absent", why: "no moon", advice: "Wait for it." });
    },
  };
  const found = await examine(folder, [isolate, absent]);
  rmSync(folder, { recursive: true });
  const of = (name: string): unknown => found.find((finding) => finding.name === name);
  expect(of("isolate")).toMatchObject({ about: "target", there: true });
  expect(of("absent")).toMatchObject({
    about: "target",
    there: false,
    text: expect.stringContaining("no moon") as string,
  });
  expect(of("erl")).toMatchObject({
    about: "tool",
    there: true,
    text: expect.stringContaining(folder) as string,
  });
  expect(of("node")).toMatchObject({ about: "machine", there: true });
});

test("motes doctor: a page, and the same as JSON", async () => {
  const page = await motes(["doctor"]).ended;
  expect(page).toMatchObject({ code: 0, stderr: "" });
  expect(page.stdout).toMatch(/^target +ok +isolate +works here$/m);
  const json = await motes(["doctor", "--json"], { PATH: "/nowhere" }).ended;
  const parsed = JSON.parse(json.stdout) as readonly { readonly name: string; readonly there: boolean }[];
  expect(parsed).toContainEqual(expect.objectContaining({ name: "isolate", there: true }));
  expect((await motes(["doctor", "--cure"]).ended).code).toBe(2);
});
