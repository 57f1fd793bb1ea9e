/** Which VM's wait ends next: a binary heap over typed arrays that grow. The same VM may be in it twice; who takes one out asks whether it still waits. */
export class DueHeap {
  private due = new Float64Array(16);
  private vms = new Int32Array(16);
  private held = 0;

  get nextMs(): number {
    return this.held === 0 ? Infinity : (this.due[0] ?? Infinity);
  }

  push(vm: number, dueMs: number): void {
    if (this.held === this.due.length) this.grow();
    let place = this.held++;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.isBefore(dueMs, vm, above)) break;
      this.copy(above, place);
      place = above;
    }
    this.due[place] = dueMs;
    this.vms[place] = vm;
  }

  /** The one whose wait ends first; -1 if there is none. */
  pop(): number {
    if (this.held === 0) return -1;
    const first = this.vms[0] ?? -1;
    const last = --this.held;
    const [dueMs, vm] = [this.due[last] ?? 0, this.vms[last] ?? 0];
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.held) break;
      if (below + 1 < this.held && this.isBefore(this.due[below + 1] ?? 0, this.vms[below + 1] ?? 0, below))
        below += 1;
      if (this.isBefore(dueMs, vm, below)) break;
      this.copy(below, place);
      place = below;
    }
    this.due[place] = dueMs;
    this.vms[place] = vm;
    return first;
  }

  private isBefore(dueMs: number, vm: number, place: number): boolean {
    const other = this.due[place] ?? 0;
    return dueMs < other || (dueMs === other && vm < (this.vms[place] ?? 0));
  }

  private copy(from: number, to: number): void {
    this.due[to] = this.due[from] ?? 0;
    this.vms[to] = this.vms[from] ?? 0;
  }

  private grow(): void {
    const [due, vms] = [this.due, this.vms];
    this.due = new Float64Array(2 * due.length);
    this.vms = new Int32Array(2 * vms.length);
    this.due.set(due);
    this.vms.set(vms);
  }
}
