// How large and how many: size of a task, number of tasks, scaling.
import { FARGATE_MEMORY } from '../../contracts/aws-limits';
import { SETTINGS } from '../../infra/settings/settings';
import type { ReadManifest } from './manifest';
import type { Notes } from './notes';

/** Copilot's defaults: https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/ */
const DEFAULTS = { cpu: 256, memory: 512, count: 1 };
/** A protected stack may lose a zone. */
const FEWEST_TASKS = 2;

/** CPU and memory as Fargate has them. */
export function sizeOf(
  { manifest, line }: ReadManifest,
  notes: Notes,
): { 'gatehouse:cpu': number; 'gatehouse:memory': number } {
  const { cpu = DEFAULTS.cpu, memory = DEFAULTS.memory } = manifest;
  const sizes = Object.keys(FARGATE_MEMORY).map(Number);
  const fitting = sizes.find((size) => size >= cpu) ?? Math.max(...sizes);
  const offer = FARGATE_MEMORY[fitting] ?? [];
  const room = offer.find((size) => size >= memory) ?? Math.max(...offer);
  if (fitting !== cpu) notes.lose(line('cpu'), `cpu ${cpu}`, `Fargate has ${fitting}`);
  if (room !== memory) {
    notes.lose(line('memory'), `memory ${memory}`, `with cpu ${fitting} Fargate has ${room}`);
  }
  return { 'gatehouse:cpu': fitting, 'gatehouse:memory': room };
}

/** Bounds and speed of scaling. */
export function countOf(
  { manifest: { count = DEFAULTS.count }, line }: ReadManifest,
  notes: Notes,
): Record<string, number> {
  const scaling = typeof count === 'number' ? {} : count;
  const [min, max] = typeof count === 'number' ? [count, count] : rangeOf(count.range);
  const fewest = Math.max(min, FEWEST_TASKS);
  if (fewest !== min) {
    notes.lose(
      line('count'),
      `${min} task${min === 1 ? '' : 's'} at least`,
      `${FEWEST_TASKS} here, so that a zone may fail; minTasks: ${Math.max(1, min)} needs protect: false`,
    );
  }
  const within = (key: 'targetResponseMs' | 'requestsPerTaskPerMinute', value: number): object => {
    try {
      SETTINGS[key].parse(String(value));
      return { [`gatehouse:${key}`]: value };
    } catch (error) {
      notes.lose(line('count'), `${key} ${value}`, `expected ${(error as Error).message}`);
      return {};
    }
  };
  const { response_time: response, requests, cooldown } = scaling;
  return {
    'gatehouse:minTasks': fewest,
    'gatehouse:maxTasks': Math.max(max, fewest),
    ...(response === undefined ? {} : within('targetResponseMs', milliseconds(valueOf(response)))),
    ...(requests === undefined ? {} : within('requestsPerTaskPerMinute', valueOf(requests))),
    ...(cooldown?.in === undefined
      ? {}
      : { 'gatehouse:scaleInCooldownSeconds': milliseconds(cooldown.in) / 1000 }),
    ...(cooldown?.out === undefined
      ? {}
      : { 'gatehouse:scaleOutCooldownSeconds': milliseconds(cooldown.out) / 1000 }),
  };
}

function rangeOf(
  range: string | { readonly min: number; readonly max: number } | undefined,
): readonly [number, number] {
  if (range === undefined) return [DEFAULTS.count, DEFAULTS.count];
  if (typeof range === 'object') return [range.min, range.max];
  const [min = 1, max = 1] = range.split('-').map(Number);
  return [min, max];
}

function valueOf<T>(field: T | { readonly value: T }): T {
  return typeof field === 'object' && field !== null && 'value' in field
    ? (field as { value: T }).value
    : field;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(duration: string): number {
  const [, number = '0', unit = 's'] = /^(\d+)(\w+)$/.exec(duration) ?? [];
  return Number(number) * (UNITS[unit] ?? 1);
}
