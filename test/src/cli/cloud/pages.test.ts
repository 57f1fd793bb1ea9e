import { expect, test } from "vitest";
import { eventText } from "../../../../src/cli/cloud/event-text.ts";
import { Screen } from "../../../../src/cli/cloud/screen.ts";
import { statusPage } from "../../../../src/cli/cloud/status-page.ts";

const mote = { role: "mote", booting: 1, pending: 0, waiting: 0, stopping: 0, degraded: 0, fingerprint: "" };

test("a status says what is wrong and why, and how old it is", () => {
  const page = statusPage({
    declared: 1,
    cloud: "dust",
    converged: false,
    leader: undefined,
    knownAgoMs: 42_000,
    roles: [{ ...mote, wanted: 10, running: 9 }],
    hosts: [{ host: "a", up: false, vms: 0, vmsMax: 5, memoryMb: 0, memoryMbMax: 9 }],
    moneyPerHour: 0,
    troubles: [{ vm: "mote/1", crashes: 7, degraded: true, reason: "boom" }],
    obstacles: ["mote: 1 of 10 VMs find no place: there is no host"],
  });
  expect(page.split("\n")).toEqual([
    "dust: not converged; led by nobody; as of 42 s ago, when the store last answered",
    "role                          running  booting  pending  waiting  stopping  degraded",
    "mote  [##################..]  9/10     1        0        0        0         0",
    "host  state  VMs     MiB",
    "a     lost   0 of 5  0 of 9",
    "mote: 1 of 10 VMs find no place: there is no host",
    "mote/1 is degraded, 7 in a row: boom",
  ]);
});

test("on a terminal the table stays below what passes; in a pipe there is none", () => {
  const written: string[] = [];
  const write = (text: string): unknown => written.push(text);
  const live = new Screen({ isTTY: true, write });
  live.draw(() => "a\nb");
  live.draw(() => "a\nb");
  live.line("passes");
  expect(written.splice(0)).toEqual(["a\nb\n", "\x1b[2A\x1b[J", "passes\n", "a\nb\n"]);
  const piped = new Screen({ write });
  let made = 0;
  piped.draw(() => `${++made}`);
  piped.line("passes");
  expect([written, made]).toEqual([["passes\n"], 0]);
});

test("events read well", () => {
  const crashed = { type: "crashed", vm: "a/1", host: "h", reason: "boom", waitMs: 0, atMs: 1 } as const;
  const nth = [1, 2, 3, 4, 11, 12, 21, 102].map(
    (crashes) => / the (\w+) /.exec(eventText({ ...crashed, crashes }))?.[1],
  );
  expect(nth).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "102nd"]);
  expect(eventText({ ...crashed, crashes: 2, waitMs: 1500 })).toBe(
    "a/1 has ended for the 2nd time: boom; again in 1.5 s",
  );
  expect(eventText({ type: "store_up", awayMs: 30_000, atMs: 1 })).toBe(
    "the store answers again, after 30.0 s",
  );
});
