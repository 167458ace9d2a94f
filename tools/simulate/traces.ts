// Traffic: the built-in shapes, scaled to what one task holds.
import { Random } from './random';

/** Traffic over time, and what happens to the service meanwhile. */
export interface Trace {
  name: string;
  /** One sentence for people. */
  about: string;
  seconds: number;
  /** Expected requests a second. */
  rate(second: number): number;
  /** What CPU a request is multiplied with. */
  serviceFactor(second: number): number;
  /** What the dependency's time is multiplied with. */
  dependencyFactor(second: number): number;
}

/** What shapes are scaled to. */
export interface Scale {
  /** Requests a second that one task holds at the target. */
  perTask: number;
  /** A dependency's time, over its usual one, with which the target can't be reached. */
  unreachable: number;
  /** What a slow release multiplies CPU a request with; the target stays within reach. */
  slower: number;
  seed: number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
const usual = () => 1;

type Shape = Partial<Trace> & Pick<Trace, 'about' | 'seconds' | 'rate'>;

/** Built-in traces by name; rates in tasks. */
const SHAPES: Record<string, (scale: Scale) => Shape> = {
  constant: () => ({
    about: 'A steady load of 5.5 tasks.',
    seconds: 4 * HOUR,
    rate: () => 5.5,
  }),
  'diurnal-week': ({ seed }) => {
    const wander = wandering(seed, 7 * DAY);
    return {
      about: 'A week with days and nights, a quieter weekend and a load that wanders.',
      seconds: 7 * DAY,
      rate: (second) => {
        const hour = (second / HOUR) % 24;
        const weekend = Math.floor(second / DAY) % 7 >= 5 ? 0.6 : 1;
        const day = 0.5 - 0.5 * Math.cos((2 * Math.PI * (hour - 3)) / 24);
        return (1 + 9 * weekend * day ** 1.5) * wander(second);
      },
    };
  },
  ramp: () => ({
    about: 'From 2 to 12 tasks within an hour, and back.',
    seconds: 4.5 * HOUR,
    rate: (second) => {
      const minute = second / MINUTE;
      const up = Math.min(1, Math.max(0, (minute - 30) / 60));
      const down = Math.min(1, Math.max(0, (minute - 120) / 60));
      return 2 + 10 * (up - down);
    },
  }),
  step: () => ({
    about: 'From 2 to 6 tasks at once, for an hour.',
    seconds: 4 * HOUR,
    rate: (second) => (second >= HOUR && second < 2 * HOUR ? 6 : 2),
  }),
  'flash-crowd': () => ({
    about: 'From 1.5 to 15 tasks within a minute; the crowd leaves over an hour.',
    seconds: 4 * HOUR,
    rate: (second) => {
      const since = second - HOUR;
      if (since < 0) return 1.5;
      if (since < MINUTE) return 1.5 + (13.5 * since) / MINUTE;
      if (since < 20 * MINUTE) return 15;
      return 1.5 + 13.5 * Math.exp(-(since - 20 * MINUTE) / (20 * MINUTE));
    },
  }),
  'on-off': () => ({
    about: 'Ten minutes of 6 tasks, ten minutes of 1, again and again.',
    seconds: 4 * HOUR,
    rate: (second) => (Math.floor(second / (10 * MINUTE)) % 2 === 1 ? 6 : 1),
  }),
  'near-idle': ({ perTask }) => ({
    about: 'Nothing for an hour, a request in ten minutes for two, two a second for another.',
    seconds: 4 * HOUR,
    rate: (second) =>
      (second < HOUR ? 0 : second < 3 * HOUR ? 1 / (10 * MINUTE) : 2) / Math.max(perTask, 1e-9),
  }),
  'dependency-outage': () => ({
    about: 'A dependency ten times slower for twenty minutes, at a load of 4 tasks.',
    seconds: 3 * HOUR,
    rate: () => 4,
    dependencyFactor: (second) => (second >= HOUR && second < HOUR + 20 * MINUTE ? 10 : 1),
  }),
  'slow-release': ({ slower }) => ({
    about: `A release that takes ${slower.toFixed(2)} times the CPU, at a load of 4 tasks.`,
    seconds: 4 * HOUR,
    rate: () => 4,
    serviceFactor: (second) => (second >= HOUR ? slower : 1),
  }),
  'out-of-reach': ({ unreachable }) => ({
    about:
      'A dependency alone takes longer than the target; after an hour the load of 4 tasks goes.',
    seconds: 2 * HOUR,
    rate: (second) => (second < HOUR ? 4 : 0.2),
    dependencyFactor: () => unreachable,
  }),
};

/** Names of the built-in traces. */
export const TRACE_NAMES = Object.keys(SHAPES);

/** A built-in trace. */
export function builtIn(name: string, scale: Scale): Trace {
  const shape = SHAPES[name]?.(scale);
  if (shape === undefined) {
    throw new Error(`There is no trace ${name}: choose ${TRACE_NAMES.join(', ')}.`);
  }
  const { perTask } = scale;
  return {
    ...{ serviceFactor: usual, dependencyFactor: usual },
    ...shape,
    name,
    rate: (second) => shape.rate(second) * perTask,
  };
}

/** A factor around 1 that wanders within about a fifth, with a memory of some twenty minutes. */
function wandering(seed: number, seconds: number): (second: number) => number {
  const random = new Random(seed, 'wandering');
  const memory = Math.exp(-1 / 20);
  const minutes = new Float32Array(Math.ceil(seconds / MINUTE) + 1);
  let value = 0;
  for (let minute = 0; minute < minutes.length; minute += 1) {
    value = memory * value + Math.sqrt(1 - memory * memory) * random.normal();
    minutes[minute] = Math.exp(0.08 * value);
  }
  return (second) => minutes[Math.floor(second / MINUTE)] ?? 1;
}

/** The requests of each minute as they are drawn: the same for every policy. */
export function drawMinutes(trace: Trace, seed: number): Float64Array {
  const random = new Random(seed, 'traffic');
  return Float64Array.from({ length: Math.ceil(trace.seconds / MINUTE) }, (_none, minute) => {
    let expected = 0;
    for (let second = 0; second < MINUTE; second += 1) {
      expected += trace.rate(minute * MINUTE + second);
    }
    return expected === 0 ? 0 : random.poisson(expected) / expected;
  });
}
