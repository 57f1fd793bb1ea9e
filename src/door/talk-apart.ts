import {
  crashOf,
  process,
  type Caller,
  type Later,
  type Ref,
  type Self,
  type ServerSelf,
} from "../../kernel/index.ts";
import type { TcpConnection, TcpLink } from "./tcp-protocol.ts";

/** A connection in the hand of the actor that talks over it. Each fails with `CALL_EXIT` when the connection has broken. */
export interface Talk {
  /** What the client sends, until it will send no more. */
  received(): AsyncGenerator<Uint8Array, void, void>;
  /** The next bytes; null when the client will send no more. */
  read(): Promise<Uint8Array | null>;
  /** Resolves when the client's connection has room for more. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Nothing will be written any more; the client may go on sending. */
  end(): void;
}

/**
 * For a handler of `connection`: gives the connection to an actor of its own, so that this one can take the next. When `converse`
 * returns, the connection is closed once all is out; if it throws, it is reset. That actor ends when the connection does, and its
 * `self.signal` tells what it waits for.
 *
 * @example
 * call: {
 *   connection(_state, connection: TcpConnection) {
 *     return talkApart(this, connection, async (_self, talk) => {
 *       for await (const bytes of talk.received()) await talk.write(bytes);
 *     });
 *   },
 * },
 */
export function talkApart<M>(
  self: ServerSelf<M>,
  { link }: TcpConnection,
  converse: (self: Self<never>, talk: Talk) => Promise<void>,
): Later<void> {
  const caller = self.caller<void>();
  self.spawn(talker, link, converse, caller);
  return caller.later;
}

const talker = process(
  async (
    self: Self<never>,
    link: Ref<TcpLink>,
    converse: (self: Self<never>, talk: Talk) => Promise<void>,
    caller: Caller<void>,
  ) => {
    self.link(link);
    try {
      await converse(self, new LinkTalk(self, link));
      caller.reply();
    } catch (problem) {
      caller.fail(crashOf(problem));
      throw problem;
    }
  },
  { label: "talker" },
);

class LinkTalk implements Talk {
  private readonly self: Self<never>;
  private readonly link: Ref<TcpLink>;

  constructor(self: Self<never>, link: Ref<TcpLink>) {
    this.self = self;
    this.link = link;
  }

  async *received(): AsyncGenerator<Uint8Array, void, void> {
    for (let bytes = await this.read(); bytes !== null; bytes = await this.read()) yield bytes;
  }

  // As long as the client takes: what bounds that is the door's.
  async read(): Promise<Uint8Array | null> {
    return this.self.callWithin(Infinity, this.link, "read");
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    await this.self.callWithin(Infinity, this.link, "write", chunk);
  }

  end(): void {
    this.self.cast(this.link, "end");
  }
}
