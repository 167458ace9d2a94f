// A queue of numbers with what belongs to them, the smallest first.

/** A binary heap in flat arrays: millions of events leave nothing to collect. */
export class Heap {
  private keys = new Float64Array(64);
  private values = new Int32Array(64);
  size = 0;

  /** The smallest key; infinity when empty. */
  get least(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.keys[0] as number);
  }

  push(key: number, value: number): void {
    if (this.size === this.keys.length) this.grow();
    let at = this.size;
    this.size += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.keys[parent] as number) <= key) break;
      this.move(parent, at);
      at = parent;
    }
    this.keys[at] = key;
    this.values[at] = value;
  }

  /** Takes the value of the smallest key; the heap must not be empty. */
  pop(): number {
    const result = this.values[0] as number;
    this.size -= 1;
    const [key, value] = [this.keys[this.size] as number, this.values[this.size] as number];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (
        child + 1 < this.size &&
        (this.keys[child + 1] as number) < (this.keys[child] as number)
      ) {
        child += 1;
      }
      if ((this.keys[child] as number) >= key) break;
      this.move(child, at);
      at = child;
    }
    this.keys[at] = key;
    this.values[at] = value;
    return result;
  }

  private move(from: number, to: number): void {
    this.keys[to] = this.keys[from] as number;
    this.values[to] = this.values[from] as number;
  }

  private grow(): void {
    const [keys, values] = [this.keys, this.values];
    this.keys = new Float64Array(2 * keys.length);
    this.values = new Int32Array(2 * keys.length);
    this.keys.set(keys);
    this.values.set(values);
  }
}
