import { process as actorProcess, type Self } from "../../kernel/index.ts";

/**
 * The actor in whose name whoever made a host acts: it lives as long as the host and takes every message without a word. Answers
 * and signals come to it by other ways.
 */
export const outside = actorProcess(
  function* (self: Self<never>) {
    self.trapExits();
    for (;;) yield* self.receive();
  },
  { label: "outside" },
);
