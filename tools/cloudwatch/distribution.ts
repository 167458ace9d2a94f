// The observations of one period, kept as CloudWatch keeps them: sum, count, extremes and a histogram.

/** A pre-aggregated observation; CloudWatch takes no percentile of it unless all values are equal. */
export interface StatisticSet {
  sum: number;
  count: number;
  min: number;
  max: number;
}

/** Relative width of a bin: a percentile between two observations is right to within one in a hundred. */
const BIN_RATIO = 1.02;
const LOG_RATIO = Math.log(BIN_RATIO);
/** Bin of everything that is zero or below; nothing that is measured here is negative. */
const ZERO_BIN = Number.NEGATIVE_INFINITY;

/** A part of a distribution: `count` observations spread evenly between `low` and `high`. */
interface Slice {
  low: number;
  high: number;
  count: number;
}

/** Which observations to look at: between two ranks (0 to 1) or between two values. */
export interface Trim {
  by: 'rank' | 'value';
  low: number;
  high: number;
}

/** A distribution that observations are added to. */
export class Distribution implements StatisticSet {
  sum = 0;
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  /** Observations by logarithmic bin; undefined once a set was merged whose shape is not known. */
  private bins: Map<number, number> | undefined = new Map<number, number>();

  /** Adds `count` observations of `value`. */
  add(value: number, count = 1): void {
    if (count <= 0) return;
    this.sum += value * count;
    this.count += count;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.bin(binOf(value), count);
  }

  /** Adds another distribution, or a statistic set. */
  merge(other: StatisticSet): void {
    if (other.count <= 0) return;
    if (!(other instanceof Distribution) && other.min === other.max) {
      this.add(other.min, other.count);
      return;
    }
    this.sum += other.sum;
    this.count += other.count;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    const bins = other instanceof Distribution ? other.bins : undefined;
    if (bins === undefined) this.bins = undefined;
    else for (const [bin, count] of bins) this.bin(bin, count);
  }

  /** The value below which `rank` (0 to 1) of the observations lie; undefined where it can't be known. */
  quantile(rank: number): number | undefined {
    let left = rank * this.count;
    for (const { low, high, count } of this.slices() ?? []) {
      if (left <= count) return low + ((high - low) * left) / count;
      left -= count;
    }
    return this.bins === undefined || this.count === 0 ? undefined : this.max;
  }

  /** Count and sum of the observations within `trim`; undefined where they can't be known. */
  trimmed(trim: Trim): { count: number; sum: number } | undefined {
    const slices = this.slices();
    if (slices === undefined) return undefined;
    const total = { count: 0, sum: 0 };
    let rank = 0;
    for (const { low, high, count } of slices) {
      const share = (value: number) =>
        high > low ? clamp((value - low) / (high - low)) : Number(value >= low);
      const [from, to] =
        trim.by === 'rank'
          ? [
              clamp((trim.low * this.count - rank) / count),
              clamp((trim.high * this.count - rank) / count),
            ]
          : // The lower bound is exclusive and the upper inclusive.
            [share(trim.low), share(trim.high)];
      rank += count;
      if (to <= from) continue;
      total.count += (to - from) * count;
      total.sum += (to - from) * count * (low + ((high - low) * (from + to)) / 2);
    }
    return total;
  }

  private bin(bin: number, count: number): void {
    this.bins?.set(bin, (this.bins.get(bin) ?? 0) + count);
  }

  /** The bins in order, each cut to what lies between the extremes. */
  private slices(): Slice[] | undefined {
    if (this.bins === undefined) return undefined;
    return [...this.bins]
      .sort(([a], [b]) => a - b)
      .map(([bin, count]) => ({
        low: Math.max(this.min, bin === ZERO_BIN ? this.min : BIN_RATIO ** (bin - 1)),
        high: Math.min(this.max, bin === ZERO_BIN ? 0 : BIN_RATIO ** bin),
        count,
      }));
  }
}

function binOf(value: number): number {
  return value <= 0 ? ZERO_BIN : Math.ceil(Math.log(value) / LOG_RATIO);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
