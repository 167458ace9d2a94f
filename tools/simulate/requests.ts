// The requests of a simulated fleet in flat arrays, whose places are used again: millions make no garbage.

/** What is known of a request, in flat arrays by its number. */
export class Requests {
  readonly free: number[] = [];
  arrivedMs = new Float64Array(1024);
  work = new Float64Array(1024);
  dependencyMs = new Float64Array(1024);
  task = new Int32Array(1024);
  node = new Int32Array(1024);
  private used = 0;

  take(): number {
    const reused = this.free.pop();
    if (reused !== undefined) return reused;
    if (this.used === this.arrivedMs.length) this.grow();
    this.used += 1;
    return this.used - 1;
  }

  private grow(): void {
    const size = 2 * this.used;
    const floats = (old: Float64Array) => {
      const larger = new Float64Array(size);
      larger.set(old);
      return larger;
    };
    const integers = (old: Int32Array) => {
      const larger = new Int32Array(size);
      larger.set(old);
      return larger;
    };
    this.arrivedMs = floats(this.arrivedMs);
    this.work = floats(this.work);
    this.dependencyMs = floats(this.dependencyMs);
    this.task = integers(this.task);
    this.node = integers(this.node);
  }
}
