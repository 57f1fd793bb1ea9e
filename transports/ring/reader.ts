/**
 * The consumer's side of a ring: looks at a record, gives it back, publishes a batch at a time. It owns the head; it believes
 * nothing that the producer wrote before it is checked; it never waits and never wakes, it only says that the producer wants to be
 * woken. Bodies of a peer that is not trusted must be copied out before they are decoded: they may change while one looks.
 */
import { assert } from "../../kernel/index.ts";
import { transportError } from "../errors.ts";
import { ringWord } from "./layout.ts";
import { maxBodyBytesOf, paddingLength, recordBytes, recordHeaderBytes } from "./record.ts";
import type { Ring } from "./ring.ts";
import { WordView } from "./word-view.ts";

export class RingReader {
  /** The ring's data. */
  readonly bytes: Uint8Array;
  /** The same as 32-bit words: a body starts at word `offset >> 2`. */
  readonly words: Int32Array;
  readonly capacityBytes: number;
  readonly maxBodyBytes: number;
  readonly generation: number;
  /** Where the body of the record that `peek` found starts in `bytes`; a multiple of 8. */
  offset = 0;
  private readonly header: Int32Array;
  /** Ours: the next record. Indices are signed here, and their differences wrap like unsigned ones. */
  private head: number;
  private published: number;
  /** The producer's, as we last saw it. */
  private tail: number;
  /** Body bytes of the record in sight, -1 if there is none. */
  private length = -1;
  /** What it takes up, with its header and the padding before it. */
  private taken = 0;
  private shut = false;
  private readonly target: WordView = new WordView();

  /** Throws `RING_CORRUPT` if the indices in the header cannot be true. */
  constructor(ring: Ring) {
    this.header = ring.header;
    this.bytes = ring.bytes;
    this.words = ring.words;
    this.capacityBytes = ring.capacityBytes;
    this.maxBodyBytes = maxBodyBytesOf(ring.capacityBytes);
    this.generation = ring.generation;
    this.head = Atomics.load(ring.header, ringWord.head);
    if ((this.head & 7) !== 0) throw this.corrupt("head", this.head, "a multiple of 8");
    this.published = this.head;
    this.tail = this.head;
    this.readTail();
  }

  /**
   * Body length of the next record, in bytes; -1 if there is none. Its body is `bytes` from `offset` on, until `release`.
   * Throws `RING_CORRUPT`, `RING_CLOSED`.
   *
   * Ordering: tail is loaded (sequentially consistent) before the records it covers are read; this pairs with the store of tail
   * in `RingWriter.publish`. It is loaded only when all that was known is read. Lengths are loaded once, then checked.
   */
  peek(): number {
    if (this.length >= 0) return this.length;
    let available = (this.tail - this.head) | 0;
    if (available === 0) {
      this.readTail();
      available = (this.tail - this.head) | 0;
      if (available === 0) return -1;
    }
    let at = this.head & (this.capacityBytes - 1);
    let padding = 0;
    let length = this.lengthAt(at, this.head);
    if (length === paddingLength) {
      padding = this.capacityBytes - at;
      // At the start it would be the whole ring, with nothing behind it.
      if (available - padding < recordHeaderBytes) {
        throw this.corrupt(
          "record length",
          length,
          `no padding at ${at}, ${available} bytes before the tail`,
        );
      }
      at = 0;
      length = this.lengthAt(0, (this.head + padding) | 0);
    }
    const needed = recordBytes(length);
    const room = Math.min(available - padding, this.capacityBytes - at);
    if (length < 0 || length > this.maxBodyBytes || needed > room) {
      throw this.corrupt("record length", length, `0 to ${this.maxBodyBytes} and within ${room} bytes`);
    }
    this.length = length;
    this.taken = padding + needed;
    this.offset = at + recordHeaderBytes;
    return length;
  }

  /** Copies the body of the record in sight to the start of `target`, and returns its length. */
  copy(target: Uint8Array): number {
    const length = this.length;
    assert(length >= 0 && length <= target.length, "a ring record is copied after peek, to where it fits");
    this.target.copyOut(target, length, this.bytes, this.words, this.offset);
    return length;
  }

  /** Done with the record in sight. The producer may overwrite it after `publish`. */
  release(): void {
    assert(this.length >= 0, "a ring record is released after peek");
    this.head = (this.head + this.taken) | 0;
    this.length = -1;
  }

  /**
   * Gives the space of all released records back, once for the batch. True if the producer waits for space, half the ring is free,
   * and it must be woken.
   *
   * Ordering: bodies are read before head is stored (sequentially consistent), which pairs with the writer's load of head before it
   * overwrites them. Then the waiting flag is loaded; the writer stores it before it looks at head a last time
   * (`RingWriter.waitForSpace`), so either it sees the space or we see that it waits.
   */
  publish(): boolean {
    if (this.head === this.published) return false;
    this.published = this.head;
    Atomics.store(this.header, ringWord.head, this.head);
    if (Atomics.load(this.header, ringWord.producerWaiting) === 0) return false;
    // Not checked: a producer that lies here is only woken too early or too late.
    const unread = (Atomics.load(this.header, ringWord.tail) - this.head) | 0;
    return unread <= this.capacityBytes >>> 1;
  }

  /** True if `peek` would find something: for spinning. One load at the most. */
  get hasMore(): boolean {
    return this.head !== this.tail || Atomics.load(this.header, ringWord.tail) !== this.tail;
  }

  /**
   * Asks to be woken for the next record. True: the ring is empty, sleep, then call `awake`. False: look again, there is a record,
   * or the peer has closed (see `ended`). What was released must be published before, or both sides would wait for each other.
   *
   * Ordering: the asleep flag is stored, then tail and the closed word are loaded; the writer stores those before it loads the flag.
   */
  prepareSleep(): boolean {
    assert(this.head === this.published, "a ring is published before its reader sleeps");
    Atomics.store(this.header, ringWord.consumerAsleep, 1);
    if (!this.hasMore && !this.peerClosed) return true;
    this.awake();
    return false;
  }

  /** Wake-ups are not asked for any more. */
  awake(): void {
    Atomics.store(this.header, ringWord.consumerAsleep, 0);
  }

  /**
   * Says that nothing more will be read. True if the producer waits for space and must be woken. From here on `peek` throws
   * `RING_CLOSED`.
   *
   * Ordering: the closed word is stored, then the waiting flag loaded; the writer stores the flag, then loads closed.
   */
  close(): boolean {
    this.shut = true;
    // Looks empty from here on, so that `peek` takes the slow way, which refuses.
    this.tail = this.head;
    this.length = -1;
    Atomics.store(this.header, ringWord.closedByConsumer, 1);
    return Atomics.load(this.header, ringWord.producerWaiting) !== 0;
  }

  /** True once this side was closed, by `close` or because the peer broke the protocol. */
  get closed(): boolean {
    return this.shut;
  }

  /** True once the producer has closed. Records may be left: see `ended`. One load. */
  get peerClosed(): boolean {
    return Atomics.load(this.header, ringWord.closedByProducer) !== 0;
  }

  /** True once the producer has closed and all it published is released. The closed word is loaded before tail. */
  get ended(): boolean {
    return this.peerClosed && !this.hasMore;
  }

  /** Says that this side lives; for peers that no watchdog sees. */
  beat(): void {
    Atomics.store(this.header, ringWord.consumerBeat, Atomics.load(this.header, ringWord.consumerBeat) + 1);
  }

  /** The producer's count of beats. Only that it changes means something. */
  get peerBeat(): number {
    return Atomics.load(this.header, ringWord.producerBeat);
  }

  /** Loads the length of the record at this offset, which must bear this index. */
  private lengthAt(at: number, index: number): number {
    const length = Atomics.load(this.words, at >> 2);
    const stamp = Atomics.load(this.words, (at >> 2) + 1);
    if (stamp !== index) throw this.corrupt("record index", stamp, `${index}`);
    return length;
  }

  /** Tail may only have moved on, and never further from what we gave back than the ring is long. */
  private readTail(): void {
    if (this.shut) throw transportError("RING_CLOSED", { side: "reader" });
    const tail = Atomics.load(this.header, ringWord.tail);
    const used = (tail - this.published) | 0;
    if ((tail & 7) !== 0) throw this.corrupt("tail", tail, "a multiple of 8");
    if (used < ((this.tail - this.published) | 0) || used > this.capacityBytes) {
      throw this.corrupt(
        "tail",
        tail,
        `an index from ${this.tail} to ${this.published} + ${this.capacityBytes}`,
      );
    }
    this.tail = tail;
  }

  private corrupt(word: string, value: number, expected: string): Error {
    this.close();
    return transportError("RING_CORRUPT", { side: "reader", word, value, expected });
  }
}
