import type { Call, Ref } from "../../kernel/index.ts";

/**
 * What an HTTP door and the actor behind it say to each other. An actor with a call `request` is an HTTP service: it needs no
 * network, and may live in any VM. Types only.
 *
 * Semantics: RFC 9110; a header that concerns one connection only (`connection`, `transfer-encoding` ...) stays at the door.
 */
export interface HttpRequest {
  /** Upper-case, as sent. */
  readonly method: string;
  /** Path and query as they are on the wire: `/posts?page=2`. */
  readonly url: string;
  /** By lower-case name. One that came several times is joined as Node does it. */
  readonly headers: ReadonlyMap<string, string>;
  /** Of the client, or of the proxy in between. */
  readonly remoteAddress: string;
  /** All of it, empty if there is none. Undefined: it is long, and is to be read from the exchange. */
  readonly body: Uint8Array | undefined;
  /** The request's own actor at the door: it lives until the answer is out, and ends when the client goes away. */
  readonly exchange: Ref<HttpExchange>;
}

export type HttpHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Status and headers of an answer whose body is streamed. */
export interface HttpHead {
  /** 200 to 599. Default: 200. */
  readonly status?: number;
  readonly headers?: HttpHeaders;
}

/** An answer as a whole. `content-length` is the door's to say, but for HEAD and 304. */
export interface HttpResponse extends HttpHead {
  /** A text is sent as UTF-8. Default: none. */
  readonly body?: string | Uint8Array;
}

/** What an actor behind a door must answer. `"streamed"`: the exchange was told all of it, and this ends it. */
export type HttpService = Call<"request", [request: HttpRequest], HttpResponse | "streamed">;

/** What the request's own actor takes. Each answer is a credit for one more: what is not asked for waits at the client. */
export type HttpExchange =
  /** The next part of the request's body; null at its end. Fails with `CALL_EXIT` if the client goes away. */
  | Call<"read", [], Uint8Array | null>
  /** Begins a streamed answer. */
  | Call<"begin", [head: HttpHead], undefined>
  /** A part of the answer's body: answered when the client's connection has room for more. */
  | Call<"write", [chunk: string | Uint8Array], undefined>;
