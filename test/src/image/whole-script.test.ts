import { Script } from "node:vm";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { expect, test } from "vitest";
import { recountFlags, wholeForm } from "../../../src/image/whole-script.ts";

const code = `(function () { function later() { return ${JSON.stringify("x".repeat(2000))}; } return later; })`;

const rejected = (text: string, filename: string, cachedData: Buffer): boolean | undefined =>
  new Script(text, { filename, cachedData }).cachedDataRejected;

test("whole-script: its compiled form is taken, and holds what is called later, too", () => {
  const cachedData = wholeForm({ code, path: "/whole" });
  expect(rejected(code, "/whole.mote", cachedData)).toBe(false);
  const inPart = new Script(code, { filename: "/part.mote" }).createCachedData();
  expect(cachedData.length).toBeGreaterThan(inPart.length);
});

test("whole-script: code that is none is a SyntaxError, and leaves the flags as they were", () => {
  expect(() => wholeForm({ code: "(", path: "/none" })).toThrow(SyntaxError);
  const cachedData = new Script(code, { filename: "/next.mote" }).createCachedData();
  expect(rejected(code, "/other.mote", cachedData)).toBe(false);
});

test("whole-script: a form is taken whatever other threads compile while it is made", async () => {
  const compiling = `const { parentPort, workerData } = require("node:worker_threads");
    const { Script } = require("node:vm");
    parentPort.postMessage("on");
    for (let n = 0; Atomics.load(workerData, 0) === 0; n++) new Script("1+" + n).createCachedData();`;
  const over = new Int32Array(new SharedArrayBuffer(4));
  const workers = [1, 2].map(() => new Worker(compiling, { eval: true, workerData: over, execArgv: [] }));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const forms = Array.from({ length: 500 }, (_, n) => {
    const text = `(function () { return ${n}; })`;
    return { text, form: wholeForm({ code: text, path: `/raced-${n}` }) };
  });
  Atomics.store(over, 0, 1);
  await Promise.all(workers.map((worker) => once(worker, "exit")));
  recountFlags();
  expect(forms.filter(({ text, form }, n) => rejected(text, `/taken-${n}`, form))).toEqual([]);
});
