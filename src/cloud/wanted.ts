/**
 * What is wanted, as the store has it, and changes to it by whoever is asked for them. Each change is made to what is there by then: of two at
 * one time neither is lost. It makes nothing true.
 */
import type { Cloud } from "./declaration.ts";
import { cloudError } from "./errors.ts";
import { type CloudRecord, keys } from "./records.ts";
import type { CloudStore, PutOutcome } from "./store.ts";

export class Wanted {
  /** Of the last declaration that was written or heard of here; 0: none was. */
  revision = 0;
  private readonly store: CloudStore;
  private readonly unwatch: () => void;
  private present: { readonly cloud: Cloud; readonly revision: number } | undefined;
  /** What was there before is known. */
  private readonly caughtUp: Promise<void>;

  /** `changed`: something else is wanted. */
  constructor(store: CloudStore, changed: () => void) {
    this.store = store;
    let unwatch = (): void => {};
    this.caughtUp = new Promise((resolve) => {
      unwatch = store.watch(
        keys.cloud,
        ({ value, revision }) => {
          // Sound: as the key says.
          this.present = { cloud: (value as CloudRecord).cloud, revision };
          this.revision = Math.max(this.revision, revision);
          changed();
        },
        resolve,
      );
    });
    this.unwatch = unwatch;
  }

  /**
   * `made`: what becomes of what is there; asked again if somebody else has declared meanwhile. It answers undefined if there is nothing to
   * be changed, and what it throws is thrown. Rejects with `CLOUD_STORE` too: then it may be written, or not.
   */
  async change(made: (present: Cloud | undefined) => Cloud | undefined): Promise<void> {
    await this.caughtUp;
    let { cloud, revision } = this.present ?? { cloud: undefined, revision: 0 };
    for (;;) {
      const wanted = made(cloud);
      if (wanted === undefined) return;
      const outcome = await this.put(wanted, revision);
      if (outcome.type === "stored") {
        this.revision = Math.max(this.revision, outcome.revision);
        return;
      }
      if (outcome.type === "unavailable")
        throw cloudError("CLOUD_STORE", { where: "its NATS bucket", why: "it does not answer" });
      // Sound: as the key says.
      cloud = (outcome.entry?.value as CloudRecord | undefined)?.cloud;
      revision = outcome.entry?.revision ?? 0;
    }
  }

  close(): void {
    this.unwatch();
  }

  private put(cloud: Cloud, revision: number): Promise<PutOutcome> {
    return new Promise((done) => this.store.put(keys.cloud, { cloud } satisfies CloudRecord, revision, done));
  }
}
