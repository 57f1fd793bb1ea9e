import type { Blank } from "../targets/target.ts";

/** From being made until it is ready, in ms: a program's top level may never end. */
const readyWithinMs = 10_000;

/** Blanks of one kind that are ready to be used. It makes one when it is told to, and says when one has ended that nobody has taken. */
export class Stock {
  private readonly make: () => Blank;
  private readonly onLost: () => void;
  private readonly blanks = new Set<Blank>();
  /** Not ready yet. */
  private readonly coming = new Set<Blank>();

  constructor(make: () => Blank, onLost: () => void) {
    this.make = make;
    this.onLost = onLost;
  }

  /** Of those that are ready. */
  get count(): number {
    return this.blanks.size;
  }

  /** With those that are being made: all take memory. */
  get held(): number {
    return this.blanks.size + this.coming.size;
  }

  /** From here on it is the taker's. Undefined: there is none. */
  take(): Blank | undefined {
    const [blank] = this.blanks;
    if (blank !== undefined) this.blanks.delete(blank);
    return blank;
  }

  /** One more, once it is ready, unless it was ended meanwhile. Rejects, and nothing of it is left, if it does not get so far by itself. */
  async add(): Promise<void> {
    const blank = this.make();
    this.coming.add(blank);
    try {
      await readyOf(blank);
    } catch (problem) {
      if (!this.coming.delete(blank)) return;
      throw problem;
    }
    if (!this.coming.delete(blank)) return;
    this.blanks.add(blank);
    void blank.ended.then(() => {
      if (this.blanks.delete(blank)) this.onLost();
    });
  }

  /** Ends one, if there is one: one that is being made, or else the one that was made last. */
  async drop(): Promise<void> {
    const [coming] = this.coming;
    const blank = coming ?? [...this.blanks].at(-1);
    if (blank === undefined) return;
    this.coming.delete(blank);
    this.blanks.delete(blank);
    await blank.close();
  }

  /** Ends those above that number. */
  async shrink(count: number): Promise<void> {
    const surplus = [...this.blanks].slice(count);
    for (const blank of surplus) this.blanks.delete(blank);
    await Promise.all(surplus.map((blank) => blank.close()));
  }

  /** Also those that are being made end. */
  async close(): Promise<void> {
    const coming = [...this.coming];
    this.coming.clear();
    await Promise.all([this.shrink(0), ...coming.map((blank) => blank.close())]);
  }
}

async function readyOf(blank: Blank): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(new Error(`a blank was not ready within ${readyWithinMs} ms`));
    timer = setTimeout(fail, readyWithinMs);
  });
  try {
    await Promise.race([blank.ready, late, blank.ended.then(refuse)]);
  } catch (problem) {
    await blank.close();
    throw problem;
  } finally {
    clearTimeout(timer);
  }
}

function refuse(): never {
  throw new Error("a blank has ended before it was ready");
}
