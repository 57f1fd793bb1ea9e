type Listener = (event: { readonly type: "abort"; readonly target: Signal }) => void;

/** As much of the platform's `AbortSignal` as actors and libraries use. */
class Signal {
  aborted = false;
  reason: unknown = undefined;
  onabort: Listener | null = null;
  private readonly listeners = new Set<Listener>();

  addEventListener(type: string, listener: Listener): void {
    if (type === "abort") this.listeners.add(listener);
  }

  removeEventListener(_type: string, listener: Listener): void {
    this.listeners.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const event = { type: "abort", target: this } as const;
    this.onabort?.(event);
    for (const listener of this.listeners) listener(event);
    this.listeners.clear();
  }
}

/** For QuickJS, which has none. */
export class SmallAbortController {
  readonly signal: Signal = new Signal();

  abort(reason: unknown = new Error("This operation was aborted")): void {
    this.signal.abort(reason);
  }
}
