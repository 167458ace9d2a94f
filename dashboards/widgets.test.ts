// Holds widgets and their grid to CloudWatch's form.
import { callers } from './callers';
import { inMs } from './metric';
import type { StackReferences } from './references';
import { EDGE_METRICS, SERVICE_METRICS } from '../contracts/metrics';
import { search } from './service';
import { edge } from './sources';
import { FARGATE_STACK } from './testing/stacks';
import { alarmStates, dashboardBody, graph, logTable, text } from './widgets';

const metric = {
  namespace: 'AWS/ECS',
  name: 'CPUUtilization',
  dimensions: { ClusterName: 'gh', ServiceName: 'gh' },
  stat: 'Average',
  region: 'eu-central-1',
};
const simple = graph({
  title: 'CPU',
  region: 'eu-central-1',
  lines: [{ metric, label: 'average' }],
});

interface Body {
  widgets: { x: number; y: number; width: number; height: number }[];
}
const parsed = (body: string) => JSON.parse(body) as Body;

describe('callers', () => {
  const titles = (changes: Partial<StackReferences>) =>
    callers({ ...FARGATE_STACK, ...changes }).map(({ type, properties }) => [
      type,
      properties.title,
      JSON.stringify(properties),
    ]);

  it.each([
    [{}, ['metric', 'metric'], /Requests[^]*gatehouse.key.requests/],
    [{ keyCounter: 'edge' } as const, ['metric'], /a sample[^]*Gatehouse\/Edge/],
    [{ perKeyMetrics: false }, ['log'], /SOURCE 'gh-service-logs'[^]* by keyId/],
    [
      { keyCounter: 'edge', perKeyMetrics: false } as const,
      ['log'],
      /a sample[^]*us-east-1.gh-edge-fn'[^]* by KeyId/,
    ],
  ])('answers who calls from what there is: %j', (changes, types, text) => {
    const widgets = titles(changes);
    expect(widgets.map(([type]) => type)).toEqual(types);
    expect(widgets[0]?.join(' ')).toMatch(text);
  });
});

describe('graph', () => {
  it("writes a metric in CloudWatch's form: names and values in turn, then options", () => {
    expect(simple.properties.metrics).toEqual([
      [
        'AWS/ECS',
        'CPUUtilization',
        'ClusterName',
        'gh',
        'ServiceName',
        'gh',
        { label: 'average', stat: 'Average' },
      ],
    ]);
  });

  it("names the region of a metric that is not in the widget's", () => {
    const lines = [{ metric: { ...metric, region: 'us-east-1' }, label: 'there' }];
    const { properties } = graph({ title: 'CPU', region: 'eu-central-1', lines });
    expect(properties.metrics).toEqual([
      expect.arrayContaining([{ label: 'there', stat: 'Average', region: 'us-east-1' }]),
    ]);
  });

  it('writes expressions, hidden lines and the right axis', () => {
    const { properties } = graph({
      title: 'Time',
      region: 'eu-central-1',
      lines: [
        ...inMs('time', metric, 'average'),
        { expression: "SEARCH('a')", label: '', region: 'us-east-1' },
        { metric, label: 'right', axis: 'right' },
      ],
    });
    expect(properties.metrics).toEqual([
      expect.arrayContaining([{ id: 'time_s', label: 'average', visible: false, stat: 'Average' }]),
      [{ expression: '1000 * time_s', id: 'time_ms', label: 'average' }],
      [{ expression: "SEARCH('a')", region: 'us-east-1' }],
      expect.arrayContaining([{ label: 'right', yAxis: 'right', stat: 'Average' }]),
    ]);
  });

  it('draws thresholds and starts at zero', () => {
    const { properties } = graph({
      title: 'CPU',
      region: 'eu-central-1',
      unit: '%',
      max: 100,
      lines: [],
      thresholds: [{ label: 'target', value: 20 }],
    });
    expect(properties).toMatchObject({
      period: 60,
      stacked: false,
      yAxis: { left: { min: 0, max: 100, label: '%', showUnits: false } },
      annotations: { horizontal: [{ label: 'target', value: 20 }] },
    });
  });

  it('draws single values with a sparkline and no axis', () => {
    const { height, properties } = graph({
      title: 'CPU',
      region: 'eu-central-1',
      view: 'singleValue',
      lines: [],
    });
    expect(height).toBe(3);
    expect(properties).toMatchObject({ view: 'singleValue', sparkline: true });
    expect(properties.yAxis).toBeUndefined();
  });
});

describe('dashboardBody', () => {
  it('puts the widgets of a row side by side, and rows below each other', () => {
    const { widgets } = parsed(
      dashboardBody([[text('# Title', 1)], [simple, simple, simple], [simple]]),
    );
    expect(widgets.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
      [0, 0, 24, 1],
      [0, 1, 8, 6],
      [8, 1, 8, 6],
      [16, 1, 8, 6],
      [0, 7, 24, 6],
    ]);
  });

  it('refuses a row that cannot share 24 columns', () => {
    expect(() => dashboardBody([Array.from({ length: 5 }, () => simple)])).toThrow(
      '5 widgets cannot share 24 columns: use 1, 2, 3, 4 or 6.',
    );
  });
});

describe('alarmStates', () => {
  it('shows alarms by their ARNs', () => {
    expect(alarmStates('Alarms', ['arn:1'])).toMatchObject({
      type: 'alarm',
      properties: { title: 'Alarms', alarms: ['arn:1'] },
    });
  });
});

describe('logTable', () => {
  it('queries all log groups', () => {
    const { properties } = logTable('Errors', 'eu-central-1', ['a', 'b'], ['fields x', 'limit 5']);
    expect(properties.query).toBe("SOURCE 'a' | SOURCE 'b' | fields x\n| limit 5");
  });
});

describe('search', () => {
  it('quotes names that hold dots and slashes', () => {
    expect(search(SERVICE_METRICS.requestDuration, 'dev', 'Average')).toBe(
      `SEARCH('{"Gatehouse/Service","Stack"} MetricName="http.server.request.duration" Stack="dev"', 'Average', 60)`,
    );
  });
});

describe('edge', () => {
  it('refuses a metric without a value for each dimension', () => {
    expect(() => edge({ stack: 'dev' }, EDGE_METRICS.decisions, 'Sum', 'eu-central-1')).toThrow(
      'Gatehouse/Edge Decisions needs a value for Decision.',
    );
  });
});
