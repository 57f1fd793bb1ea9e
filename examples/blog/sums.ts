/** What the readers met, in numbers and as a picture. */
import { chart, type Line, type Mark } from "./chart.ts";
import type { Slice } from "./readers.ts";
import type { Moment } from "./timeline.ts";

export interface Totals {
  readonly answered: number;
  readonly failed: number;
  /** How often each reason came. */
  readonly failures: ReadonlyMap<string, number>;
  /** Of answers, in ms. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
}

export function totals(slices: readonly Slice[]): Totals {
  const sorted = slices.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const failures = new Map<string, number>();
  for (const why of slices.flatMap((slice) => slice.failures))
    failures.set(why, (failures.get(why) ?? 0) + 1);
  return {
    answered: sorted.length,
    failed: [...failures.values()].reduce((sum, count) => sum + count, 0),
    failures,
    p50: share(sorted, 0.5),
    p95: share(sorted, 0.95),
    p99: share(sorted, 0.99),
    longest: sorted.at(-1) ?? 0,
  };
}

/** Of numbers that go up: so many of them are not above it. */
const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

export interface Shown {
  readonly slices: readonly Slice[];
  readonly moments: readonly Moment[];
  readonly marks: readonly Mark[];
  /** In ms since 1970, as all of it. */
  readonly startMs: number;
}

/** An SVG. */
export function picture({ slices, moments, marks, startMs }: Shown): string {
  const at = (atMs: number): number => Math.max(0, atMs - startMs);
  const endMs = at(
    Math.max(startMs + 1, ...slices.map(({ atMs }) => atMs), ...moments.map(({ atMs }) => atMs)),
  );
  const byTime = (of: (slice: Slice, lengthMs: number) => number): Line =>
    slices.map((slice, index) => [
      at(slice.atMs),
      of(slice, Math.max(1, slice.atMs - (slices[index - 1]?.atMs ?? slice.atMs - 100))),
    ]);
  const vms: Line = [
    [0, 0],
    ...moments.map(({ atMs, event }) => [at(atMs), event.vms] as const),
    [endMs, moments.at(-1)?.event.vms ?? 0],
  ];
  const latency = (part: number): Line =>
    byTime(({ latenciesMs }) =>
      share(
        [...latenciesMs].sort((a, b) => a - b),
        part,
      ),
    );
  const rate = byTime(({ latenciesMs }, lengthMs) => (latenciesMs.length * 1000) / lengthMs);
  const failed = byTime(({ failures }, lengthMs) => (failures.length * 1000) / lengthMs);
  return chart(
    "The blog that goes viral",
    [
      {
        title: "VMs that show pages",
        unit: "and readers / 8",
        lines: [
          { name: "VMs", colour: "#06c", line: vms, stepped: true },
          { name: "readers / 8", colour: "#aaa", line: byTime(({ readers }) => readers / 8) },
        ],
      },
      {
        title: "Requests",
        unit: "a second",
        lines: [
          { name: "answered", colour: "#080", line: rate },
          { name: "failed", colour: "#c00", line: failed },
        ],
      },
      {
        title: "Time to the whole page",
        unit: "ms",
        lines: [
          { name: "half within", colour: "#06c", line: latency(0.5) },
          { name: "99 % within", colour: "#c60", line: latency(0.99) },
        ],
      },
    ],
    marks.map(({ atMs, text }) => ({ atMs: at(atMs), text })),
    endMs,
  );
}
