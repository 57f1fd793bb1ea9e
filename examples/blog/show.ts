import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle, createHost, replace, type Host, type RunningVm } from "motes";
import type app from "./app.ts";
import type { Blog } from "./app.ts";
import type { Mark } from "./chart.ts";
import { nightVm } from "./page.ts";
import { Readers } from "./readers.ts";
import { picture, totals, type Totals } from "./sums.ts";
import { momentText, Timeline } from "./timeline.ts";

/** How long each act is, and how many come. */
export interface Plan {
  readonly rampMs: number;
  readonly readers: readonly number[];
  /** Requests under way that are right for one VM. */
  readonly callsPerVm: number;
  readonly downAfterMs: number;
  readonly idleMs: number;
  /** Where the picture goes. */
  readonly picture: string;
}

const limitMs = 20_000;
const say = (text = ""): void => void process.stdout.write(`${text}\n`);

/**
 * The blog that goes viral: nobody, one reader, a crowd, a new version in the middle of it, nobody again. True if all of it was as
 * promised: no request failed, each was counted once, and nothing is left.
 */
export async function show(main: string, plan: Plan): Promise<boolean> {
  const host = createHost({ log: { line: () => {} } });
  try {
    const image = await bundle<typeof app>(fileURLToPath(new URL("app.js", import.meta.url)));
    const { rampMs, callsPerVm, downAfterMs, idleMs } = plan;
    const scale = { callsPerVm, upAfterMs: rampMs / 4, downAfterMs, everyMs: 100 };
    const vm = await host.boot(image, { args: [{ port: 0, hostname: "127.0.0.1", scale, idleMs }] });
    return await play(host, vm, main, plan);
  } finally {
    await host.stop();
  }
}

/** The acts, one after the other. */
async function play(host: Host, vm: RunningVm<Blog>, main: string, plan: Plan): Promise<boolean> {
  const { self } = host;
  const { pages, door, visits } = await self.call(vm.root, "children");
  const { port } = await self.call(door, "address");
  const origin = `http://127.0.0.1:${port}`;
  const story = new Story();
  const timeline = new Timeline(({ atMs, event }) => story.aside(atMs, momentText(event)));
  await timeline.follow(host, pages);
  const readers = await Readers.gather(main, origin);

  story.act("nobody reads the blog, and no VM shows it", false);
  await visit(origin, story);
  const middle = Math.floor(plan.readers.length / 2);
  for (const [index, count] of plan.readers.entries()) {
    story.act(count === 1 ? "1 reader" : `${count} readers`);
    readers.be(count);
    await elapse(plan.rampMs / 2);
    if (index === middle) {
      story.act("a new version");
      const report = await replace(self, pages, { entry: nightVm, observeMs: plan.rampMs / 8 });
      story.act(report.ok ? "all of it is new" : `the old one stays: ${report.message}`);
    }
    await elapse(plan.rampMs / 2);
  }
  story.act("they leave");
  const last = timeline.next(({ step, vms }) => step === "stopped" && vms === 0, limitMs);
  await readers.leave();
  const { event } = timeline.moments.at(-1) ?? {};
  const gone = (event?.step === "stopped" && event.vms === 0) || (await last);
  story.act(gone ? "nobody reads the blog, and no VM shows it" : "a VM is left, though nobody reads", false);

  const counts = await self.call(visits, "all");
  const { slices } = readers;
  const { moments } = timeline;
  writeFileSync(plan.picture, picture({ slices, moments, marks: story.marks, startMs: story.startMs }));
  // The first reader was none of the crowd.
  const counted = [...counts.values()].reduce((all, count) => all + count, -1);
  const most = Math.max(...moments.map(({ event }) => event.vms));
  const isNew = moments.some(({ event }) => event.step === "replaced");
  return sum(totals(slices), plan, [
    ["the first reader had one VM booted, the crowd more", most > 1],
    ["a new version went live in the middle of it", isNew],
    ["no VM is left, now that nobody reads", gone],
    ["each page that was read was counted once", counted === totals(slices).answered],
  ]);
}

/** One reader, who waits for a VM. */
async function visit(origin: string, story: Story): Promise<void> {
  story.act("the first reader");
  const askedMs = performance.now();
  const text = await (await fetch(origin)).text();
  const tookMs = Math.round(performance.now() - askedMs);
  story.act(`has the page after ${tookMs} ms: ${/<footer>(.*)<\/footer>/.exec(text)?.[1]}`, false);
}

function sum(
  { answered, failed, failures, p50, p95, p99, longest }: Totals,
  { picture }: Plan,
  promises: readonly (readonly [what: string, holds: boolean])[],
): boolean {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  say();
  say(`requests   ${(answered + failed).toLocaleString("en")} sent, ${failed.toLocaleString("en")} failed`);
  for (const [why, count] of failures) say(`           ${count} x ${why}`);
  say(
    `the page   half within ${ms(p50)}, 95 % within ${ms(p95)}, 99 % within ${ms(p99)}, all within ${ms(longest)}`,
  );
  say(`picture    ${picture}`);
  const all = [["no request failed", failed === 0 && answered > 0] as const, ...promises];
  for (const [what, holds] of all) say(`  ${holds ? "ok" : "NO"}  ${what}`);
  return all.every(([, holds]) => holds);
}

/** What happens, told as it happens. */
class Story {
  readonly startMs = Date.now();
  readonly marks: Mark[] = [];

  act(text: string, marked = true): void {
    const atMs = Date.now();
    if (marked) this.marks.push({ atMs, text });
    say(`${this.clock(atMs)}  ${text}`);
  }

  aside(atMs: number, text: string): void {
    say(`${this.clock(atMs)}      ${text}`);
  }

  private clock(atMs: number): string {
    return `${((atMs - this.startMs) / 1000).toFixed(2).padStart(6)} s`;
  }
}

const elapse = (durationMs: number): Promise<void> => new Promise((over) => setTimeout(over, durationMs));
