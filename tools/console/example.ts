// Example data for a plan's page: plausible numbers, the same at each drawing, and measured nowhere.
import { matcherOf } from '../cloudwatch/search';
import type { MetricReference, MetricSource, TimeSeries, Window } from '../cloudwatch/series';

/** What a metric looks like on an ordinary day: about how much, and how far it swings. */
interface Shape {
  middle: number;
  swing: number;
}

/** By the name of the metric, the first that fits; a count is that of a minute. */
const SHAPES: readonly [RegExp, Shape][] = [
  [/Error|5XX|Throttle|Failed|Blocked|UnHealthy/, { middle: 0.4, swing: 0.4 }],
  [/4XX|deny/i, { middle: 60, swing: 20 }],
  [/HealthyHostCount|TaskCount/, { middle: 3, swing: 1 }],
  [/DeploymentCount/, { middle: 1, swing: 0 }],
  [/Utilization/, { middle: 46, swing: 14 }],
  [/TargetResponseTime|duration\b/, { middle: 0.011, swing: 0.003 }],
  [/OriginLatency|LookupTime|Latency/, { middle: 12, swing: 3 }],
  [/Bytes/, { middle: 4_000_000, swing: 900_000 }],
];
const COUNT: Shape = { middle: 3_000, swing: 900 };
const PERCENTILES: Readonly<Record<string, number>> = { p50: 0.75, p90: 1.15, p99: 1.6 };
/** Names that a SEARCH finds. */
const FOUND = ['first', 'second', 'third'];

/** A source for every metric that is asked for. */
export function exampleSource(): MetricSource {
  return {
    values: (metric, window) => valuesOf(metric, window),
    search: (expression, stat, window): TimeSeries[] => {
      // Read, so that a search that AWS would not understand fails here, too.
      matcherOf(expression);
      const name = /MetricName="([^"]+)"/.exec(expression)?.[1] ?? '';
      return FOUND.map((label, index) => ({
        label: `${label} (example)`,
        values: valuesOf({ name, stat, dimensions: { label } }, window).map(
          (value) => value / (index + 2),
        ),
      }));
    },
  };
}

function valuesOf(
  { name, stat, dimensions }: Pick<MetricReference, 'name' | 'stat' | 'dimensions'>,
  window: Window,
): Float64Array {
  const seed = hash(JSON.stringify([name, dimensions]));
  const subject = `${name} ${Object.values(dimensions).join(' ')}`;
  const { middle, swing } = SHAPES.find(([pattern]) => pattern.test(subject))?.[1] ?? COUNT;
  const factor = stat.startsWith('PR(')
    ? undefined
    : (PERCENTILES[stat] ?? (stat === 'Sum' ? window.periodMs / 60_000 : 1));
  return Float64Array.from({ length: window.count }, (_none, index) => {
    const phase = (index / window.count) * 2 * Math.PI + (seed % 7) / 7;
    const noise = (hash(`${seed} ${index}`) % 1000) / 1000 - 0.5;
    // The part within a bound, in percent.
    if (factor === undefined) return 98.5 + noise;
    return Math.max(0, (middle + swing * (Math.sin(phase) + noise / 2)) * factor);
  });
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
