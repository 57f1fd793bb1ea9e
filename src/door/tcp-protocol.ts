import type { Call, Cast, Ref } from "../../kernel/index.ts";

/**
 * What a TCP door and the actor behind it say to each other. An actor with a call `connection` is a TCP service: it needs no
 * network, and may live in any VM. The call is under way for as long as the connection is, so a service knows how many it has.
 * Types only.
 */
export interface TcpConnection {
  /** The connection's own actor at the door: it lives as long as the connection. */
  readonly link: Ref<TcpLink>;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** What the client asked for with TLS (SNI); undefined: nothing, or there is no TLS. */
  readonly name: string | undefined;
}

/**
 * What an actor behind a TCP door must answer: when it is done with the connection, which is then closed once all that was
 * written is out. A call that fails resets it.
 */
export type TcpService = Call<"connection", [connection: TcpConnection], void>;

/** What the connection's own actor takes. Each answer is a credit for one more: what is not asked for waits at the client. */
export type TcpLink =
  /** The next bytes; null when the client will send no more. Fails with `CALL_EXIT` if the connection breaks. */
  | Call<"read", [], Uint8Array | null>
  /** Answered when the connection has room for more. */
  | Call<"write", [chunk: string | Uint8Array], undefined>
  /** Nothing will be written any more; the client may go on sending. */
  | Cast<"end", []>;
