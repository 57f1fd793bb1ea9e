/**
 * What is called here of `@nats-io/jetstream` and `@nats-io/kv`, whose own types do not compile under this project's settings: `imports` in
 * package.json gives the compiler this file in their place.
 */
import type { NatsClient } from "../../transports/index.ts";
import type { KvBucket, KvOptions } from "./kv.ts";

export interface JetStream {
  readonly apiPrefix: string;
}

export declare function jetstream(client: NatsClient, options: { readonly timeout: number }): JetStream;

export declare class Kvm {
  constructor(jetstream: JetStream);
  create(name: string, options: KvOptions): Promise<KvBucket>;
}
