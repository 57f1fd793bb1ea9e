/**
 * What of a NATS client is used here, in words of our own: so that its types, which do not hold under this project's settings, stand in
 * none of ours.
 */
export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply?: string | undefined;
  /** 503: nobody listens where a message with a reply was sent to. */
  readonly headers?: { readonly code: number } | undefined;
}

export interface NatsStatus {
  /** `disconnect`, `reconnect`, `close`, `error` and others. */
  readonly type: string;
  readonly error?: Error;
}

export interface NatsClient {
  readonly info?: { readonly max_payload: number } | undefined;
  publish(subject: string, bytes: Uint8Array, options: { readonly reply?: string }): void;
  subscribe(
    subject: string,
    options: { readonly callback: (problem: Error | null, message: NatsMessage) => void },
  ): unknown;
  /** Resolves when the server has taken all that was published before. */
  flush(): Promise<void>;
  status(): AsyncIterable<NatsStatus>;
  close(): Promise<void>;
  /** Resolves when it has ended for good. */
  closed(): Promise<unknown>;
}
