// What looks whether a program is safe is seen nowhere among the requests of users.
import { until } from '../../../contracts/testing/time';
import { SERVICE_METRICS } from '../../../contracts/metrics';
import type { LogLine, Now, TraceRow } from '../../console/view';
import { ExamplePlatform } from '../testing/examples';

const example = new ExamplePlatform();
afterAll(() => example.close());

describe('safetyCheck', () => {
  it('leaves nothing in metrics, routes, traces and logs', async () => {
    const { console, edge, key } = await example.startWith({});
    const read = async <T>(path: string) => (await (await fetch(`${console}${path}`)).json()) as T;
    const { namespace, name } = SERVICE_METRICS.routeDuration;
    const statuses = async () => {
      const query = new URLSearchParams({ namespace, name });
      type Series = { dimensions: Record<string, string> };
      const { series } = await read<{ series: Series[] }>(`/api/metrics?${query.toString()}`);
      return series.flatMap(({ dimensions }) => dimensions['http.response.status_code'] ?? []);
    };
    const traced = async () =>
      (await read<{ traces: TraceRow[] }>('/api/traces')).traces.map(({ status }) => status);
    const routes = async () => (await read<Now>('/api/now')).routes.map(({ route }) => route);
    const logged = async () =>
      (await read<{ lines: LogLine[] }>('/api/logs?sources=service')).lines
        .filter(({ text }) => text.startsWith('request '))
        .map(({ fields }) => fields.status);
    const response = await fetch(`${edge}/users`, { headers: { 'x-api-key': key } });
    expect(response.status).toBe(200);
    // What is sent then holds all that came before.
    await until(async () => (await routes()).length > 0);
    await until(async () => (await traced()).includes(200));
    await until(async () => (await logged()).length > 0);
    expect(await routes()).toEqual(['GET /users']);
    // The health checks' status, and the user's.
    expect(new Set(await statuses())).toEqual(new Set(['200']));
    expect(await traced()).toEqual([200]);
    expect(await logged()).toEqual([200]);
    expect(example.said).toEqual([]);
  });
});
