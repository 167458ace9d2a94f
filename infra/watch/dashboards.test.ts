// Proves that every metric which a dashboard draws, or an alarm watches, is one that the stack emits.
import { notEmitted, type NamedMetric } from '../testing/emitted';
import { stackOf } from '../testing/stacks';
import type { Recording } from '../../recorder/recording';

interface DrawnWidget {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title?: string; region: string; metrics?: unknown[][]; query?: string };
}

const STACKS = {
  'dev on Fargate': () => stackOf('dev'),
  'prod on Fargate': () => stackOf('prod'),
  'prod on Fargate, canary': () => stackOf('prod', { deployment: 'canary' }),
  'dev on Lambda': () => stackOf('dev', { compute: 'lambda' }),
};

describe.each(Object.entries(STACKS))('Dashboards of %s', (_name, start) => {
  let recording: Recording;

  beforeAll(async () => {
    ({ recording } = await start());
  });

  it('draw the overview, the service, the edge and the scaling', () => {
    expect([...dashboards(recording).keys()].sort()).toEqual([
      'gh-edge',
      'gh-overview',
      'gh-scaling',
      'gh-service',
    ]);
  });

  it('draw only metrics that a resource of the stack emits', () => {
    const drawn = [...dashboards(recording).values()].flat().flatMap(metricsOf);
    expect(drawn.length).toBeGreaterThan(50);
    expect(drawn.flatMap((metric) => notEmitted(recording, metric) ?? [])).toEqual([]);
  });

  it('search only metrics of the contracts, of this stack', () => {
    const searches = [...dashboards(recording).values()].flat().flatMap(searchesOf);
    expect(searches.length).toBeGreaterThan(0);
    expect(searches.flatMap((metric) => notEmitted(recording, metric) ?? [])).toEqual([]);
  });

  it('fill the 24 columns without overlaps', () => {
    for (const widgets of dashboards(recording).values()) {
      const taken = new Set<string>();
      for (const { x, y, width, height } of widgets) {
        expect(x + width).toBeLessThanOrEqual(24);
        for (let column = x; column < x + width; column++) {
          for (let row = y; row < y + height; row++) {
            expect(taken).not.toContain(`${column},${row}`);
            taken.add(`${column},${row}`);
          }
        }
      }
    }
  });

  it('use each id once a widget, and none that is not there', () => {
    for (const widget of [...dashboards(recording).values()].flat()) {
      const options = (widget.properties.metrics ?? []).map((line) => line.at(-1) as LineOptions);
      const ids = options.flatMap(({ id }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { expression } of options) {
        for (const id of usedIds(expression ?? '')) expect(ids).toContain(id);
      }
    }
  });

  it('query only log groups that the stack has', () => {
    const groups = recording.resources
      .filter(({ type }) => type === 'aws:cloudwatch/logGroup:LogGroup')
      .map(({ outputs }) => outputs.name);
    const queried = [...dashboards(recording).values()]
      .flat()
      .flatMap(({ properties }) => [...(properties.query ?? '').matchAll(/SOURCE '([^']+)'/g)])
      .map(([, group]) => group);
    expect(queried.length).toBeGreaterThanOrEqual(2);
    for (const group of queried) expect(groups).toContain(group);
  });

  it('share every metric with alarms that a resource of the stack emits', () => {
    const watched = recording.resources.filter(
      ({ type }) => type === 'aws:cloudwatch/metricAlarm:MetricAlarm',
    );
    const metrics = watched.flatMap(({ inputs }) => alarmMetrics(inputs, recording));
    expect(metrics.length).toBeGreaterThan(15);
    expect(metrics.flatMap((metric) => notEmitted(recording, metric) ?? [])).toEqual([]);
  });
});

describe('notEmitted', () => {
  let recording: Recording;
  const metric = (changes: Partial<NamedMetric>): NamedMetric => ({
    namespace: 'AWS/ECS',
    name: 'CPUUtilization',
    dimensions: dimensionsOfService(recording),
    region: String(recording.outputs.region),
    stat: 'Average',
    ...changes,
  });

  beforeAll(async () => {
    ({ recording } = await stackOf('dev'));
  });

  it('finds what emits a metric', () => {
    expect(notEmitted(recording, metric({}))).toBeUndefined();
  });

  it.each([
    ['a name that AWS does not have', { name: 'CpuUtilization' }, 'AWS emits no such metric'],
    ['dimensions that AWS does not have', { dimensions: { Cluster: 'a' } }, 'no such metric'],
    [
      'a resource that is not there',
      { dimensions: { ClusterName: 'a', ServiceName: 'b' } },
      'nothing has the ClusterName a',
    ],
    ['another region', { region: 'ap-south-1' }, 'is not in ap-south-1'],
    [
      'a reason that no decision has',
      {
        namespace: 'Gatehouse/Edge',
        name: 'Decisions',
        dimensions: { Stack: 'dev', Decision: 'deny', Reason: 'mood' },
      },
      'no decision has this reason',
    ],
    [
      'an edge metric where there is no log group',
      {
        namespace: 'Gatehouse/Edge',
        name: 'LookupTime',
        dimensions: { Stack: 'dev' },
        region: 'ap-south-1',
      },
      'no log group in ap-south-1',
    ],
    [
      'a metric that the collector does not declare',
      { namespace: 'Gatehouse/Service', name: 'made.up', dimensions: { Stack: 'dev' } },
      'the collector declares no such metric',
    ],
  ])('names %s', (_what, changes: Partial<NamedMetric>, words) => {
    expect(notEmitted(recording, metric(changes))).toContain(words);
  });
});

interface LineOptions {
  id?: string;
  stat?: string;
  region?: string;
  expression?: string;
}

function dashboards(recording: Recording): Map<string, DrawnWidget[]> {
  return new Map(
    recording.resources
      .filter(({ type }) => type === 'aws:cloudwatch/dashboard:Dashboard')
      .map(({ name, inputs }) => [
        name,
        (JSON.parse(String(inputs.dashboardBody)) as { widgets: DrawnWidget[] }).widgets,
      ]),
  );
}

/** The metrics that a widget names, without its expressions. */
function metricsOf({ properties }: DrawnWidget): NamedMetric[] {
  return (properties.metrics ?? []).flatMap((line) => {
    const [namespace, name, ...rest] = line;
    if (typeof namespace !== 'string') return [];
    const { region, stat } = rest.pop() as LineOptions;
    const dimensions: Record<string, string> = {};
    for (let index = 0; index < rest.length; index += 2) {
      dimensions[String(rest[index])] = String(rest[index + 1]);
    }
    return [
      {
        namespace,
        name: String(name),
        dimensions,
        region: region ?? properties.region,
        stat: String(stat),
      },
    ];
  });
}

/** What a widget's SEARCHes look for; a dimension that the search leaves open may have any value. */
function searchesOf({ properties }: DrawnWidget): NamedMetric[] {
  return (properties.metrics ?? []).flatMap((line) => {
    const { expression = '', region } = line.at(-1) as LineOptions;
    const [, schema, name, stack, stat = ''] =
      /SEARCH\('\{(.+)\} MetricName="([^"]+)" Stack="([^"]+)"', '(\w+)'/.exec(expression) ?? [];
    if (schema === undefined || name === undefined || stack === undefined) return [];
    const [namespace = '', ...names] = (JSON.parse(`[${schema}]`) as string[]).map(String);
    const dimensions = Object.fromEntries(
      names.map((each) => [each, each === 'Stack' ? stack : '']),
    );
    return [{ namespace, name, dimensions, region: region ?? properties.region, stat }];
  });
}

/** Ids in an expression: what is neither a function, nor a keyword, nor within quotes. */
function usedIds(expression: string): string[] {
  return (expression.replace(/'[^']*'/g, '').match(/[a-z][A-Za-z0-9_]*/g) ?? []).filter(Boolean);
}

function alarmMetrics(inputs: Record<string, unknown>, recording: Recording): NamedMetric[] {
  const region = String(inputs.region ?? recording.outputs.region);
  const queries = (inputs.metricQueries ?? [{ metric: inputs }]) as {
    metric?: {
      namespace: string;
      metricName: string;
      dimensions: Record<string, string>;
      stat?: string;
      statistic?: string;
    };
  }[];
  return queries.flatMap(({ metric }) =>
    metric === undefined
      ? []
      : [
          {
            namespace: metric.namespace,
            name: metric.metricName,
            dimensions: metric.dimensions,
            region,
            stat: metric.stat ?? String(metric.statistic),
          },
        ],
  );
}

function dimensionsOfService(recording: Recording): Record<string, string> {
  const outputsOf = (type: string) =>
    recording.resources.find((each) => each.type === type)?.outputs.name;
  return {
    ClusterName: String(outputsOf('aws:ecs/cluster:Cluster')),
    ServiceName: String(outputsOf('aws:ecs/service:Service')),
  };
}
