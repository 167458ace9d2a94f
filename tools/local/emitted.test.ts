// Every metric of every graph and alarm exists on this machine under its recorded name and dimensions, or is known not to.
import gatehouse from '../../infra/index';
import { all } from '../../recorder/query';
import { record } from '../../recorder/record';
import { startLocal, type LocalCommand } from './testing/command';

/** What AWS emits and this machine does not, or only when something goes wrong. */
const ABSENT: readonly RegExp[] = [
  // Log groups have no price here.
  /^AWS\/Logs /,
  // Of other regions: the edge function runs once here.
  /^Gatehouse\/Edge .*@(?!home)/,
  // Counted when it happens, as on AWS.
  /^AWS\/DynamoDB (Read|Write)ThrottleEvents /,
  /^AWS\/CloudFront LambdaExecutionError /,
  /^AWS\/WAFV2 (Blocked|Counted)Requests /,
  /^AWS\/ApplicationELB HTTPCode_(ELB|Target)_5XX_Count /,
  // Operations that no request below makes; the table of ciphertexts is never read.
  /^AWS\/DynamoDB (SuccessfulRequestLatency|ConsumedReadCapacityUnits) /,
];

let platform: LocalCommand;
beforeAll(() => {
  platform = startLocal(['--json']);
});
afterAll(async () => {
  platform.child.kill('SIGTERM');
  await platform.ended;
});

interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
}

type Watched = Omit<Series, 'name'> & { readonly metricName: string };

const nameOf = ({ namespace, name, dimensions }: Series): string =>
  `${namespace} ${name} ${JSON.stringify(Object.entries(dimensions).sort())}`;

describe('metrics of this machine', () => {
  it('have the names and dimensions that dashboards draw and alarms watch', async () => {
    const recording = await record('dev', { program: gatehouse });
    const { edge, console, key } = await platform.ready();
    const home = String(recording.outputs.region);
    const wanted = new Map<string, string>();
    const want = (series: Series, region: string) =>
      wanted.set(nameOf(series), `${nameOf(series)} @${region === home ? 'home' : region}`);
    for (const { inputs } of all(recording.resources, ':Dashboard')) {
      const { widgets } = JSON.parse(String(inputs.dashboardBody)) as {
        widgets: { properties: { region: string; metrics?: unknown[][] } }[];
      };
      for (const { region, metrics = [] } of widgets.map(({ properties }) => properties)) {
        for (const [namespace, name, ...rest] of metrics) {
          if (typeof namespace !== 'string') continue;
          const { region: own } = rest.pop() as { region?: string };
          const pairs = rest.flatMap((value, at) =>
            at % 2 === 0 ? [[String(value), String(rest[at + 1])]] : [],
          );
          const dimensions = Object.fromEntries(pairs) as Record<string, string>;
          want({ namespace, name: String(name), dimensions }, own ?? region);
        }
      }
    }
    for (const { inputs } of all(recording.resources, ':MetricAlarm')) {
      const queries = (inputs.metricQueries ?? [{ metric: inputs }]) as { metric?: Watched }[];
      for (const { metric } of queries) {
        if (metric !== undefined)
          want({ ...metric, name: metric.metricName }, String(inputs.region));
      }
    }
    expect(wanted.size).toBeGreaterThan(50);

    const headers = { 'x-api-key': key, 'content-type': 'application/vnd.api+json' };
    const attributes = { name: 'A', email: 'a@example.com', credentials: 's3cret' };
    const body = JSON.stringify({ data: { type: 'users', attributes } });
    const missingOf = async () => {
      await fetch(`${edge}/users`, { headers });
      await fetch(`${edge}/users/none`, { headers });
      await fetch(`${edge}/users`, { method: 'POST', headers, body });
      await fetch(`${edge}/users`);
      await fetch(`${edge}/users`, { headers: { 'x-api-key': 'x' } });
      await fetch(`${edge}/nothing`, { headers });
      const answer = await fetch(`${console}/api/metrics`);
      const { series } = (await answer.json()) as { series: Series[] };
      const there = new Set(series.map(nameOf));
      return [...wanted]
        .filter(([name]) => !there.has(name))
        .map(([, shown]) => shown)
        .filter((shown) => !ABSENT.some((pattern) => pattern.test(shown)));
    };
    let missing = await missingOf();
    // Gauges and what tasks export come every few seconds.
    for (let round = 0; missing.length > 0 && round < 60; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      missing = await missingOf();
    }
    expect(missing).toEqual([]);
  });
});
