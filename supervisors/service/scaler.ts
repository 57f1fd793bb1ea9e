/**
 * How many VMs a service should have, from what it has seen: up at once when the load asks for it, down only after it has asked
 * for less for a while, and by less than would send it up again. Pure: it reads no clock and boots nothing.
 */
export interface Scale {
  readonly min: number;
  readonly max: number;
  /** Calls in flight, and messages that wait, that are right for one VM. */
  readonly callsPerVm: number;
  /** Messages in the mailbox of one root that are right; `Infinity`: they are not looked at. */
  readonly depthPerVm: number;
  /** Calls that take longer, on average, want one VM more; `Infinity`: they are not timed. */
  readonly latencyMs: number;
  /** After a change, no VM more for so long: the ones that were booted are to show what they are good for. */
  readonly upAfterMs: number;
  /** Fewer only after so long without a need for as many. */
  readonly downAfterMs: number;
  /** None, where `min` is 0, after so long without any traffic. */
  readonly idleMs: number;
}

export interface Sample {
  readonly atMs: number;
  /** Calls in flight, and messages that wait for a VM. */
  readonly calls: number;
  /** In the mailboxes of all roots. */
  readonly depth: number;
  /** Of calls since the last sample, on average. */
  readonly latencyMs: number;
  /** Something was passed on since the last sample. */
  readonly traffic: boolean;
}

export interface Scaling {
  readonly wanted: number;
  readonly changedAtMs: number;
  /** Since when fewer would do; `Infinity`: they would not. */
  readonly slackSinceMs: number;
  /** The most that was needed since then. */
  readonly slackMost: number;
  readonly busyAtMs: number;
}

export const atFirst = (wanted: number, nowMs: number): Scaling => ({
  wanted,
  changedAtMs: -Infinity,
  slackSinceMs: Infinity,
  slackMost: 0,
  busyAtMs: nowMs,
});

/** Of what one VM can take: so much less must be enough before there are fewer. */
const slack = 0.25;

export function scaled(before: Scaling, sample: Sample, scale: Scale): Scaling {
  const { atMs } = sample;
  const isBusy = sample.traffic || sample.calls > 0 || sample.depth > 0;
  const state = isBusy ? { ...before, busyAtMs: atMs } : before;
  const { wanted } = state;
  const isIdle = scale.min === 0 && atMs - state.busyAtMs >= scale.idleMs;
  if (isIdle) return wanted === 0 ? state : changed(state, 0, atMs);
  // Who summons is not asked here: none stays none.
  if (wanted === 0) return state;
  const up = Math.min(scale.max, needed(sample, scale, wanted, 0));
  if (up > wanted)
    return atMs - state.changedAtMs >= scale.upAfterMs
      ? changed(state, up, atMs)
      : { ...state, slackSinceMs: Infinity };
  const fewer = Math.max(1, scale.min, needed(sample, scale, wanted, slack));
  if (fewer >= wanted) return { ...state, slackSinceMs: Infinity, slackMost: 0 };
  const sinceMs = Math.min(state.slackSinceMs, atMs);
  const most = Math.max(state.slackMost, fewer);
  if (atMs - sinceMs >= scale.downAfterMs) return changed(state, most, atMs);
  return { ...state, slackSinceMs: sinceMs, slackMost: most };
}

/** For this load, if each VM may be used up to all but `spare` of what it can take. */
function needed(sample: Sample, scale: Scale, wanted: number, spare: number): number {
  const use = 1 - spare;
  const byCalls = Math.ceil(sample.calls / (scale.callsPerVm * use));
  const byDepth = Math.ceil(sample.depth / (scale.depthPerVm * use));
  const isSlow = sample.latencyMs > scale.latencyMs * use;
  const byLatency = isSlow ? wanted + (spare === 0 ? 1 : 0) : 0;
  return Math.max(byCalls, byDepth, byLatency);
}

const changed = (state: Scaling, wanted: number, atMs: number): Scaling => ({
  ...state,
  wanted,
  changedAtMs: atMs,
  slackSinceMs: Infinity,
  slackMost: 0,
});
