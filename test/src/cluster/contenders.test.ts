/** Leases between processes on a real server: one is killed, one stands still for longer than its lease. */
import { fileURLToPath } from "node:url";
import { afterEach, expect } from "vitest";
import { Running } from "../../support/motes.ts";
import { eventually } from "../eventually.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { testWith } from "../../support/required.ts";

const program = fileURLToPath(
  new URL("../../../dist/test/src/cluster/fixtures/contender.js", import.meta.url),
);
const ttlMs = 1000;

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function serve(): Promise<string> {
  const server = await NatsServer.start(`jetstream { store_dir: "DIR/js" }`);
  ending.push(() => server.stop());
  return server.url;
}

async function contend(url: string): Promise<Running> {
  const contender = new Running(program, [url, "it", String(ttlMs)]);
  ending.push(() => {
    contender.kill();
    return contender.ended;
  });
  await contender.says(/ready/);
  return contender;
}

interface Act {
  readonly token: number;
  readonly atMs: number;
}

const acts = ({ stdout }: Running): readonly Act[] =>
  [...stdout.matchAll(/^act (\d+) ([\d.]+)\n/gm)].map(([, token, atMs]) => ({
    token: Number(token),
    atMs: Number(atMs),
  }));

const last = (all: readonly Act[]): Act => all.at(-1) ?? { token: -1, atMs: -1 };
const first = (all: readonly Act[]): Act => all[0] ?? { token: -1, atMs: -1 };

testWith(
  missingNats,
  "lease: a holder that is killed is followed by another, after all that it did",
  async () => {
    const url = await serve();
    const a = await contend(url);
    await a.says(/act/);
    const b = await contend(url);
    const killedMs = Number(process.hrtime.bigint() / 1000n) / 1000;
    a.kill();
    await a.ended;
    await b.says(/act/);
    expect(first(acts(b)).atMs).toBeGreaterThan(last(acts(a)).atMs);
    expect(first(acts(b)).token).toBeGreaterThan(last(acts(a)).token);
    // By all clocks of one machine: not before the lease is over, as far as B could see.
    expect(first(acts(b)).atMs - killedMs).toBeGreaterThan(ttlMs - ttlMs / 5 - 100);
  },
);

testWith(
  missingNats,
  "lease: a holder that stood still for longer than its lease never acts under it again",
  async () => {
    const url = await serve();
    const a = await contend(url);
    await a.says(/act/);
    const b = await contend(url);
    process.kill(a.pid, "SIGUSR2");
    await b.says(/act/);
    const { token } = last(acts(a));
    const before = acts(a).length;
    process.kill(a.pid, "SIGCONT");
    await a.says(/lost/);
    // It goes on as a candidate, and B as the holder.
    const done = acts(b).length;
    await eventually(
      () => acts(b).length,
      (count) => count > done + 100,
    );
    expect(acts(a).length).toBe(before);
    const late = /late (\d+) [\d.]+ (\w+)/.exec(a.stdout) ?? [];
    expect(late.slice(1)).toEqual([String(token), "false"]);
    // A resource that has seen the token of B refuses that one.
    expect(token).toBeLessThan(first(acts(b)).token);
    expect(a.stdout).toContain(`lost ${token}`);
    b.kill();
    await b.ended;
    const again = (
      await eventually(
        () => acts(a),
        (all) => all.length > before,
      )
    ).slice(before);
    expect(first(again).token).toBeGreaterThan(last(acts(b)).token);
    expect(first(again).atMs).toBeGreaterThan(last(acts(b)).atMs);
  },
);
