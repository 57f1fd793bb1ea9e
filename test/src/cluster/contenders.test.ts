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

/** All acts in the order of the clock that both share: one term after the other. */
function expectInTurn(...contenders: readonly Running[]): void {
  const tokens = contenders
    .flatMap(acts)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ token }) => token);
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
}

testWith(
  missingNats,
  "lease: a holder that is killed is followed by another, after all that it did",
  async () => {
    const url = await serve();
    const a = await contend(url);
    await a.says(/act/);
    const b = await contend(url);
    a.kill();
    await a.ended;
    const { token } = last(acts(a));
    await eventually(
      () => last(acts(b)).token,
      (later) => later > token,
    );
    expectInTurn(a, b);
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
    const before = acts(a).length;
    const { token } = last(acts(a));
    process.kill(a.pid, "SIGCONT");
    await a.says(new RegExp(`lost ${token} `));
    const late = /late (\d+) [\d.]+ (\w+)/.exec(a.stdout) ?? [];
    expect(late.slice(1)).toEqual([String(token), "false"]);
    // A resource that has seen the token of B refuses that one.
    expect(token).toBeLessThan(last(acts(b)).token);
    // It goes on as a candidate, and has it again when B is gone.
    b.kill();
    await b.ended;
    const again = await eventually(
      () => acts(a).slice(before),
      (all) => last(all).token > last(acts(b)).token,
    );
    expect(Math.min(...again.map((act) => act.token))).toBeGreaterThan(token);
    expectInTurn(a, b);
  },
);
