// How much longer a request takes in a loaded fleet than alone: what the flow engine knows of queueing.

/**
 * Time of a request over its CPU time, times (1 - utilization), by tasks (rows) and utilization
 * (columns): tasks that share their processor, behind three load-balancer nodes that send each
 * request to the task with the fewest outstanding of their own, a request waiting for a dependency
 * about as long as for its CPU. One task is M/G/1 and has 1 throughout. Measured by the event
 * engine; its test measures anew.
 */
const UTILIZATIONS = [0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 1];
const TASKS = [1, 2, 3, 4, 6, 10, 15, 30];
const FACTORS: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1, 1, 1, 1, 1],
  [1, 0.928, 0.854, 0.769, 0.717, 0.646, 0.598, 0.552, 0.51],
  [1, 0.919, 0.818, 0.703, 0.635, 0.554, 0.451, 0.404, 0.36],
  [1, 0.914, 0.798, 0.671, 0.592, 0.498, 0.39, 0.338, 0.28],
  [1, 0.914, 0.793, 0.639, 0.553, 0.45, 0.328, 0.263, 0.2],
  [1, 0.911, 0.787, 0.617, 0.523, 0.41, 0.277, 0.204, 0.13],
  [1, 0.913, 0.786, 0.613, 0.506, 0.39, 0.257, 0.174, 0.1],
  [1, 0.915, 0.785, 0.611, 0.498, 0.372, 0.234, 0.149, 0.07],
];
/** Points of a row's finer table. */
const STEPS = 400;

const rows = new Map<number, Float64Array>();

/** The factor for so many tasks, as a table over utilizations 0 to 1 in equal steps. */
function rowOf(tasks: number): Float64Array {
  let row = rows.get(tasks);
  if (row === undefined) {
    const at = positionOf(TASKS.map(Math.log), Math.log(tasks));
    const [below, above] = [FACTORS[at.index] ?? [], FACTORS[at.index + 1] ?? []];
    row = Float64Array.from({ length: STEPS + 1 }, (_none, step) => {
      const { index, share } = positionOf(UTILIZATIONS, step / STEPS);
      const between = (values: readonly number[]) =>
        (values[index] ?? 0) + share * ((values[index + 1] ?? 0) - (values[index] ?? 0));
      return between(below) + at.share * (between(above) - between(below));
    });
    rows.set(tasks, row);
  }
  return row;
}

/** Where a value lies in ascending ones; beyond the last it counts as the last. */
function positionOf(values: readonly number[], value: number): { index: number; share: number } {
  let index = 0;
  while (index < values.length - 2 && (values[index + 1] as number) <= value) index += 1;
  const [low, high] = [values[index] as number, values[index + 1] as number];
  return { index, share: Math.min(1, Math.max(0, (value - low) / (high - low))) };
}

/** Time of a request over its CPU time, in a fleet at a steady utilization below 1. */
export function slowdown(tasks: number, utilization: number): number {
  const row = rowOf(tasks);
  const at = utilization * STEPS;
  const index = Math.min(STEPS - 1, Math.floor(at));
  const [low, high] = [row[index] as number, row[index + 1] as number];
  return (low + (high - low) * (at - index)) / (1 - utilization);
}

/** Requests a second that `tasks` hold at an average of `targetMs`; 0 when none do. */
export function capacityOf(
  tasks: number,
  serviceMs: number,
  dependencyMs: number,
  targetMs: number,
): number {
  const allowed = (targetMs - dependencyMs) / serviceMs;
  if (allowed <= 1) return 0;
  let [low, high] = [0, 1];
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (slowdown(tasks, middle) < allowed) low = middle;
    else high = middle;
  }
  return (low * tasks * 1000) / serviceMs;
}
