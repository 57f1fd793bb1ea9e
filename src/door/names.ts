import type { Ref } from "../../kernel/index.ts";

/** Which service a name leads to. Names are those of hosts: case and a final dot do not matter. */
export class Names<M> {
  private readonly fallback: Ref<M> | undefined;
  private readonly byName = new Map<string, Ref<M>>();

  constructor(fallback: Ref<M> | undefined, names: Readonly<Record<string, Ref<M>>> = {}) {
    this.fallback = fallback;
    for (const [name, to] of Object.entries(names)) this.set(name, to);
  }

  get empty(): boolean {
    return this.fallback === undefined && this.byName.size === 0;
  }

  set(name: string, to: Ref<M>): void {
    this.byName.set(normal(name), to);
  }

  /** False: it led nowhere. */
  delete(name: string): boolean {
    return this.byName.delete(normal(name));
  }

  /** `authority`: a name, with or without a port. Undefined: it leads nowhere. */
  find(authority: string | undefined): Ref<M> | undefined {
    if (this.byName.size === 0 || authority === undefined) return this.fallback;
    return this.byName.get(normal(authority)) ?? this.fallback;
  }
}

const normal = (authority: string): string => authority.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
