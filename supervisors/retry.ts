import type { Message, Self } from "../kernel/index.ts";

/** A restart that failed is tried again, behind all that is in the supervisor's mailbox by then. */
export class RetryMessage implements Message {
  readonly type = "$retry";
  /** The child's id, or its number. */
  readonly key: string | number;

  constructor(key: string | number) {
    this.key = key;
  }
}

/** A supervisor's own side: it sends itself nothing but this. */
export type SupervisorSelf = Self<RetryMessage>;
