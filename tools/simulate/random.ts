// Random numbers that are the same for the same seed, on every machine.

/** A stream of random numbers; two streams of different names are independent of each other. */
export class Random {
  private state: number;
  private spare: number | undefined;

  constructor(seed: number, stream: string) {
    let state = (seed ^ 0x9e3779b9) >>> 0;
    for (const character of stream) {
      state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) >>> 0;
    }
    this.state = state;
    for (let warm = 0; warm < 8; warm += 1) this.uniform();
  }

  /** Between 0 and 1, neither included (mulberry32, 32 bits). */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let value = this.state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (((value ^ (value >>> 14)) >>> 0) + 0.5) / 4294967296;
  }

  /** Of mean 0 and deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    for (;;) {
      const [u, v] = [2 * this.uniform() - 1, 2 * this.uniform() - 1];
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = v * scale;
      return u * scale;
    }
  }

  exponential(mean: number): number {
    return -mean * Math.log(this.uniform());
  }

  /** How many arrive where `mean` are expected: exact up to 50, rounded from the normal law above. */
  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let [count, product] = [0, this.uniform()];
    while (product > limit) {
      count += 1;
      product *= this.uniform();
    }
    return count;
  }
}

/** A law of service times of mean 1. */
export type Shape = (random: Random) => number;

/** All equal. */
export const constant: Shape = () => 1;
export const exponential: Shape = (random) => random.exponential(1);

/** @param cv standard deviation over mean. */
export function lognormal(cv: number): Shape {
  const variance = Math.log(1 + cv * cv);
  const deviation = Math.sqrt(variance);
  return (random) => Math.exp(deviation * random.normal() - variance / 2);
}
