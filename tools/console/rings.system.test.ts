// Each fault on a real platform: the sentence changes, and what was measured then, kept up, rings every alarm that it says.
import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import { until } from '../../contracts/testing/time';
import { MetricStore } from '../cloudwatch/metric-store';
import type { StatisticSet } from '../cloudwatch/distribution';
import { startPlatform } from '../local/platform';
import type { Platform } from '../local/platform';
import { Alarms } from './alarms';
import type { AlarmRow, Now } from './view';

/** One task is the most: what needs all of them busy is seen without many processes. */
const CONFIG = { minTasks: '1', maxTasks: '1' };
/** The longest window of an alarm is six hours. */
const KEPT_UP_MINUTES = 6 * 60 + 15;
const MINUTE_MS = 60_000;
/** As a rule long enough that the service has exported its metrics and gauges were read. */
const SEEN_MS = 6_000;

/** By fault, the cause that is said, and the alarms that ring when it goes on (`a or b`: either). */
const FAULTS: [string, RegExp, string[]][] = [
  ['slow-dynamodb', /^slow/, ['latency-fast', 'latency-slow', 'slow-at-maximum']],
  ['slow-kms', /^slow/, ['kms-slow']],
  ['stop-keys', /^keys-/, ['edge-keys-unreachable', 'availability-fast', 'availability-slow']],
  ['stop-tables', /^failing-task/, ['deploy-errors', 'availability-fast', 'availability-slow']],
  [
    'throttle',
    /^(keys-|failing|slow)/,
    ['users-read', 'users-write', 'keys-read', 'keys-write'].map((table) => `${table}-throttled`),
  ],
  ['break-edge', /^failing-/, ['edge-failing', 'availability-fast', 'availability-slow']],
  ['wrong-keys', /^denied-/, ['edge-keys-refused']],
  ['fail-checks', /^(unhealthy|down)/, ['too-few-tasks', 'deploy-unhealthy']],
  ['crash-loop', /^(failing|down|task-lost)/, ['availability-fast', 'availability-slow']],
  // Which of the two depends on how much CPU the machine has to give.
  ['rush', /^slow/, ['latency-slow or cpu']],
  ['flood', /^blocked-/, ['waf-blocking']],
];

/** A minute has so many at most. */
const MOST_MEASUREMENTS = 4_000;

type Measurement = (store: MetricStore, atMs: number) => void;

/** Keeps what is measured, so that it can be measured again at another time. */
function listen(): { measured: Measurement[]; end: () => void } {
  const measured: Measurement[] = [];
  const { add, merge } = MetricStore.prototype;
  const added = jest.spyOn(MetricStore.prototype, 'add').mockImplementation(function (
    this: MetricStore,
    ...[namespace, name, dimensions, value, atMs]: Parameters<MetricStore['add']>
  ) {
    measured.push((store, at) => add.call(store, namespace, name, dimensions, value, at));
    add.call(this, namespace, name, dimensions, value, atMs);
  });
  const merged = jest.spyOn(MetricStore.prototype, 'merge').mockImplementation(function (
    this: MetricStore,
    ...[namespace, name, dimensions, values, atMs]: [string, string, object, StatisticSet, number?]
  ) {
    const by = dimensions as Record<string, string>;
    measured.push((store, at) => merge.call(store, namespace, name, by, values, at));
    merge.call(this, namespace, name, by, values, atMs);
  });
  const end = () => {
    added.mockRestore();
    merged.mockRestore();
  };
  return { measured, end };
}

/** The names of alarms that ring when each minute measures what was measured. */
async function ringing(measured: readonly Measurement[]): Promise<string[]> {
  const recording = await record('dev', { program: gatehouse, config: CONFIG });
  const clock = { now: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS };
  const metrics = new MetricStore({ now: () => clock.now, secondsKept: 0 });
  const rang = new Set<string>();
  // An even part of very many: the golden ratio falls in step with no pattern of theirs.
  const part = MOST_MEASUREMENTS / measured.length;
  const kept = measured.filter((_one, index) => (index * 0.618034) % 1 < part);
  const alarms = new Alarms(recording, { metrics, timeScale: 1, here: (id) => id });
  for (let minute = 0; minute < KEPT_UP_MINUTES; minute += 1) {
    kept.forEach((measure) => measure(metrics, clock.now));
    clock.now += MINUTE_MS;
    alarms.evaluate(clock.now);
    const isRinging = ({ state }: AlarmRow) => state === 'ALARM';
    alarms
      .rows()
      .filter(isRinging)
      .forEach(({ here }) => rang.add(here));
  }
  return [...rang];
}

describe('the faults of the console', () => {
  let platform: Platform;
  const said: string[] = [];
  beforeAll(async () => {
    platform = await startPlatform({
      ...{
        stack: 'dev',
        port: 0,
        consolePort: 0,
        endWithinMs: 60_000,
        project: { config: CONFIG },
      },
      onEvent: (message) => said.push(message),
    });
  });
  afterAll(() => platform.close());

  const now = async () => (await (await fetch(`${platform.console}/api/now`)).json()) as Now;
  const set = (id: string, on: boolean) =>
    fetch(`${platform.console}/api/faults/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ on }),
    });

  it('are all tried here', async () => {
    expect((await now()).faults.map(({ id }) => id).sort()).toEqual(
      FAULTS.map(([id]) => id).sort(),
    );
  });

  it.each(FAULTS)('%s changes the sentence and rings its alarms', async (id, cause, alarms) => {
    await until(async () => /^(idle|served)$/.test((await now()).condition.cause));
    await set(id, true);
    await until(async () => {
      const { condition } = await now();
      return [condition, ...condition.also].some((each) => cause.test(each.cause));
    });
    const { measured, end } = listen();
    let rang: string[] = [];
    let silent = alarms;
    const rings = async () => {
      const untilMs = Date.now() + SEEN_MS;
      await until(() => Date.now() > untilMs);
      rang = await ringing([...measured]);
      silent = alarms.filter((names) => !names.split(' or ').some((name) => rang.includes(name)));
      return silent.length === 0;
    };
    // On a slow machine an export comes late. What did not ring is told below.
    await until(rings).catch(() => undefined);
    end();
    await set(id, false);
    expect({ rang, silent }).toEqual({ rang, silent: [] });
  });

  it('are told in the terminal: a task that died, and a limit that blocks', () => {
    const firstWords = said.map((message) => message.slice(0, 30));
    expect(firstWords).toContainEqual(expect.stringMatching(/^task-\d+ ended \(SIGKILL\)/));
    expect(firstWords).toContainEqual(expect.stringMatching(/^BLOCKED: rate-by-\w+ blocks/));
  });
});
