// Dashboard bodies to numbers: forms of CloudWatch's body structure, periods, and what is hidden.
import { compileDashboard } from './dashboard';
import type { DrawnWidget } from './dashboard';
import { noDelay } from './delays';
import { MetricStore } from './metric-store';

const MINUTE = 60_000;
const NOW = 100_000 * MINUTE;

function store(): MetricStore {
  const metrics = new MetricStore({ now: () => NOW });
  for (let minute = 1; minute <= 10; minute += 1) {
    const atMs = NOW - minute * MINUTE;
    metrics.add('N', 'Requests', { A: '1', B: 'x' }, minute, atMs);
    metrics.add('N', 'Requests', { A: '2', B: 'x' }, 10 * minute, atMs);
  }
  return metrics;
}

function draw(
  properties: object,
  rangeMs = 10 * MINUTE,
  look = {},
): Extract<DrawnWidget, { type: 'metric' }> {
  const place = { type: 'metric', x: 0, y: 0, width: 6, height: 6 };
  const body = JSON.stringify({ widgets: [{ ...place, properties }] });
  const source = store().source({ delaySeconds: noDelay, partial: true });
  const [widget] = compileDashboard(body).draw(source, NOW, { rangeMs, ...look });
  if (widget?.type !== 'metric') throw new Error('not a metric widget');
  return widget;
}

describe('compileDashboard', () => {
  it('draws a metric over the range in the recorded period, to the last that has ended', () => {
    const { lines, window } = draw({
      period: 60,
      stat: 'Sum',
      metrics: [['N', 'Requests', 'A', '1', 'B', 'x', { label: 'all', color: '#123456' }]],
    });
    expect(window).toEqual({ startMs: NOW - 10 * MINUTE, periodMs: MINUTE, count: 10 });
    expect(lines).toEqual([
      expect.objectContaining({ label: 'all', axis: 'left', colour: '#123456' }),
    ]);
    expect(lines[0]?.values).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('reads the short forms of the fields of the line above', () => {
    const { lines, metrics } = draw({
      period: 60,
      stat: 'Sum',
      metrics: [
        ['N', 'Requests', 'A', '1', 'B', 'x'],
        ['.', '.', '.', '2', '.', '.'],
        ['...', '1', '.', 'x', { stat: 'SampleCount', yAxis: 'right' }],
      ],
    });
    expect(lines.map(({ values }) => values[9])).toEqual([1, 10, 1]);
    expect(lines.map(({ axis }) => axis)).toEqual(['left', 'left', 'right']);
    expect(metrics).toEqual(['N Requests']);
  });

  it('evaluates expressions over hidden lines, and names what a search finds by what differs', () => {
    const { lines } = draw({
      period: 300,
      metrics: [
        ['N', 'Requests', 'A', '1', 'B', 'x', { id: 'm', stat: 'Sum', visible: false }],
        [{ id: 'twice', expression: '2 * m', label: 'twice' }],
        [{ expression: `SORT(SEARCH('{N,A,B} MetricName="Requests"', 'Sum'), SUM, DESC, 2)` }],
      ],
    });
    expect(lines.map(({ label }) => label)).toEqual(['twice', '2', '1']);
    expect(lines[0]?.values).toEqual([80, 30]);
  });

  it('draws no more than there can be of a young platform, the period under way too', () => {
    const line = ['N', 'Requests', 'A', '1', 'B', 'x'];
    const properties = { period: 60, stat: 'Sum', metrics: [line] };
    const { window, lines } = draw(properties, 10 * MINUTE, { sinceMs: NOW - 2 * MINUTE });
    expect(window).toEqual({ startMs: NOW - 3 * MINUTE, periodMs: MINUTE, count: 4 });
    expect(lines[0]?.values).toEqual([3, 2, 1, null]);
  });

  it('makes periods longer where a graph could not show as many points', () => {
    const { window } = draw(
      { period: 60, metrics: [['N', 'Requests', 'A', '1', 'B', 'x']] },
      7 * 86_400_000,
    );
    expect(window.count).toBeLessThanOrEqual(1440);
    expect(window.periodMs % MINUTE).toBe(0);
  });

  it("lets a widget's own range go before the dashboard's", () => {
    const line = ['N', 'Requests', 'A', '1', 'B', 'x'];
    expect(draw({ period: 3600, start: '-P7D', metrics: [line] }).window.count).toBe(168);
  });

  it('counts metrics as without data that the source has of another region alone', () => {
    const widget = {
      ...{ type: 'metric', x: 0, y: 0, width: 6, height: 6 },
      properties: {
        ...{ period: 60, stat: 'Sum', region: 'home' },
        metrics: [
          ['N', 'Requests', 'A', '1', 'B', 'x', { id: 'here' }],
          ['N', 'Requests', 'A', '1', 'B', 'x', { id: 'there', region: 'there' }],
          [{ id: 'sum', expression: 'FILL(here, 0) + FILL(there, 0)' }],
          [{ expression: `SEARCH('{N,A,B} MetricName="Requests"', 'Sum')`, region: 'there' }],
        ],
      },
    };
    const elsewhere = (namespace: string, region: string) => namespace === 'N' && region !== 'home';
    const source = store().source({ delaySeconds: noDelay });
    const [drawn] = compileDashboard(JSON.stringify({ widgets: [widget] }), elsewhere).draw(
      source,
      NOW,
      { rangeMs: MINUTE },
    );
    expect(drawn).toMatchObject({ lines: [{ values: [1] }, { values: [null] }, { values: [1] }] });
  });

  it('passes thresholds, axes, texts, alarms and queries on, and says what it does not draw', () => {
    const widgets = [
      { type: 'text', properties: { markdown: '# A' } },
      { type: 'alarm', properties: { title: 'Alarms', alarms: ['arn'] } },
      { type: 'log', properties: { title: 'Refused', query: 'fields @message' } },
      { type: 'explorer', properties: {} },
      {
        type: 'metric',
        properties: {
          metrics: [['N', 'Requests']],
          yAxis: { left: { min: 0, max: 100 } },
          annotations: { horizontal: [{ label: 'target', value: 20, color: '#d55e00' }] },
        },
      },
    ].map((widget) => ({ x: 0, y: 0, width: 6, height: 6, ...widget }));
    const dashboard = compileDashboard(JSON.stringify({ start: '-PT6H', widgets }));
    expect(dashboard.rangeMs).toBe(6 * 60 * MINUTE);
    expect(dashboard.draw(store().source(), NOW)).toMatchObject([
      { type: 'text', markdown: '# A' },
      { type: 'alarm', alarms: ['arn'] },
      { type: 'log', query: 'fields @message' },
      { type: 'unknown', reason: 'A widget of type explorer is not drawn here.' },
      {
        type: 'metric',
        axes: { left: { min: 0, max: 100 }, right: {} },
        thresholds: [{ label: 'target', value: 20, colour: '#d55e00', axis: 'left' }],
      },
    ]);
  });
});
