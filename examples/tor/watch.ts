import { actor, type Caller } from "motes";
import type { PortLine } from "motes/port";

/** Lines of one tor that are taken before it may send as many more; well below the window of a port. */
const batch = 64;

/**
 * Hears what all tors print, and knows who has come up. A process that has ended is its supervisor's affair; that one is there and
 * takes part is what only its own lines say.
 */
export const watch = actor({
  label: "watch",
  init: () => ({ up: new Set<string>(), heard: new Map<string, number>(), waiting: [] as Waiting[] }),
  call: {
    /** Answered when all of these are at 100 %. */
    up({ up, waiting }, names: readonly string[]) {
      const caller = this.caller<null>();
      if (names.every((name) => up.has(name))) caller.reply(null);
      else waiting.push({ caller, names });
      return caller.later;
    },
  },
  cast: {
    /** It is about to die: what counts is its next life. */
    forget: ({ up }, name: string) => void up.delete(name),
  },
  info: {
    line(state, { port, name, text }: PortLine) {
      const heard = (state.heard.get(name) ?? 0) + 1;
      state.heard.set(name, heard % batch);
      if (heard === batch) this.cast(port, "more", batch);
      if (text.includes("[err]")) console.warn(`${name}: ${text}`);
      if (!text.includes("Bootstrapped 100%")) return;
      const { up, waiting } = state;
      up.add(name);
      state.waiting = waiting.filter(({ caller, names }) => {
        const there = names.every((each) => up.has(each));
        if (there) caller.reply(null);
        return !there && caller.waiting;
      });
    },
  },
});

export interface Waiting {
  readonly caller: Caller<null>;
  readonly names: readonly string[];
}
