// The recorded dashboards and alarms of the shipped stacks, with what this machine measures.
import { stackOf } from '../../infra/testing/stacks';
import type { Recording } from '../../recorder/recording';
import { MetricStore } from '../cloudwatch/metric-store';
import { Alarms } from './alarms';
import { Dashboards } from './dashboards';
import { exampleSource } from './example';
import { Logs } from './logs';

const PAGES = ['overview', 'service', 'edge', 'scaling'];
/** After the start, and before an alarm may ring for want of data. */
const NOW = Date.now() + 60_000;
let recording: Recording;

beforeAll(async () => {
  ({ recording } = await stackOf('prod'));
});

function draw(name: string, metrics = new MetricStore({ now: () => NOW })) {
  const here = () => '';
  return new Dashboards(recording).draw(name, {
    ...{ metrics, alarms: new Alarms(recording, { metrics, timeScale: 1, here }) },
    ...{ logs: new Logs('/nowhere'), nowMs: NOW, startedMs: NOW - 600_000 },
  });
}

describe('Dashboards', () => {
  it('names the overview first, and answers for no other', () => {
    const names = new Dashboards(recording).names().map(({ name }) => name);
    expect(names[0]).toBe('overview');
    expect(names.sort()).toEqual([...PAGES].sort());
    expect(draw('nothing')).toBeUndefined();
  });

  it.each(PAGES)('draws every widget of %s, and says why one is empty', (name) => {
    const widgets = draw(name)?.widgets ?? [];
    expect(widgets.length).toBeGreaterThan(3);
    for (const widget of widgets) {
      expect(widget.type).not.toBe('unknown');
      if (widget.type === 'metric') {
        const hasValues = widget.lines.some(({ values }) => values.some((value) => value !== null));
        expect([widget.title, hasValues || /\w\.$/.test(widget.absent ?? '')]).toEqual([
          widget.title,
          true,
        ]);
      }
      if (widget.type === 'log' && widget.absent === undefined) expect(widget.rows).toEqual([]);
    }
  });

  it('counts what the edge did once, though several regions are counted on AWS', () => {
    const metrics = new MetricStore({ now: () => NOW });
    const deny = { Stack: 'prod', Decision: 'deny', Reason: 'scope' };
    metrics.add('Gatehouse/Edge', 'Decisions', deny, 1, NOW - 120_000);
    const sums = (draw('edge', metrics)?.widgets ?? []).flatMap((widget) =>
      widget.type === 'metric'
        ? widget.lines
            .filter(({ label }) => label === 'scope')
            .map(({ values }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0))
        : [],
    );
    expect(sums).toEqual([1]);
    const logged = (draw('edge')?.widgets ?? []).flatMap((widget) =>
      widget.type === 'log' && /lambda/.test(widget.query) ? [widget.absent ?? 'here'] : [],
    );
    expect(logged.length).toBeGreaterThan(1);
    expect(logged.filter((absent) => absent === 'here')).toHaveLength(1);
  });
});

describe('exampleSource', () => {
  it('has numbers for every metric of every widget', () => {
    const dashboards = new Dashboards(recording);
    const metrics = Object.assign(new MetricStore({ now: () => NOW }), { source: exampleSource });
    for (const name of PAGES) {
      const drawn = dashboards.draw(name, {
        ...{ metrics, logs: new Logs('/nowhere'), nowMs: NOW, startedMs: 0 },
        alarms: new Alarms(recording, { metrics, timeScale: 1, here: () => '' }),
      });
      for (const widget of drawn?.widgets ?? []) {
        if (widget.type === 'metric')
          expect([widget.title, widget.absent]).toEqual([widget.title, undefined]);
      }
    }
  });
});

describe('Alarms', () => {
  it('rings when the metric breaches as recorded, and calm before', () => {
    const metrics = new MetricStore({ now: () => NOW });
    const alarms = new Alarms(recording, { metrics, timeScale: 1, here: (id) => `by ${id}` });
    expect(alarms.evaluate(NOW)).toEqual([]);
    expect(alarms.rows().length).toBeGreaterThan(10);
    const distribution = recording.resources.find(({ type }) =>
      type.endsWith('distribution:Distribution'),
    );
    const front = { DistributionId: String(distribution?.outputs.id), Region: 'Global' };
    for (let minute = 0; minute < 15; minute += 1) {
      metrics.add('AWS/CloudFront', 'LambdaExecutionError', front, 5, NOW - minute * 60_000);
    }
    const [changed, ...others] = alarms.evaluate(NOW);
    expect(others).toEqual([]);
    expect(changed).toMatchObject({
      ...{ state: 'ALARM', title: 'The edge function fails.', here: 'by edge-failing' },
    });
  });
});
