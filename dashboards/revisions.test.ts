// Tests of what a deployment is judged by, put to the evaluator of metric math: the new revision against the old.
import { compileMetricData } from '../tools/cloudwatch/metric-data';
import { isMetricLine, type Line } from './metric';
import { errorLines, lateLines } from './revisions';

const TWO = { loadBalancer: 'lb', targetGroup: 'a', alternateTargetGroup: 'b' };
const NONE = Number.NaN;

/** A minute: requests, 5xx and late requests of each group, and 5xx of the load balancer itself. */
interface Minute {
  requests: [a: number, b: number];
  errors?: [a: number, b: number];
  late?: [a: number, b: number];
  balancer?: number;
  /** The tasks of group b died: none of its requests has a response time. */
  isDead?: boolean;
}

/** The last line's value; a count of nothing has no point, as on AWS. */
function judge(lines: readonly Line[], minute: Minute): number | undefined {
  const { requests, errors = [0, 0], late = [0, 0], balancer = 0, isDead = false } = minute;
  const group = (of: string | undefined, values: [number, number]) =>
    values[of === 'a' ? 0 : 1] || NONE;
  const value = (name: string, of: string | undefined): number => {
    const sent = of === undefined ? requests[0] + requests[1] : group(of, requests);
    switch (name) {
      case 'RequestCount':
        return sent || NONE;
      case 'HTTPCode_Target_5XX_Count':
        return group(of, errors);
      case 'HTTPCode_ELB_5XX_Count':
        return balancer || NONE;
      default:
        if (isDead && of === 'b') return NONE;
        return 100 - (100 * (group(of, late) || 0)) / sent;
    }
  };
  const queries = lines.map((line, index) => {
    const id = line.id ?? `line${index}`;
    if (!isMetricLine(line)) return { id, expression: line.expression };
    const { namespace, name, dimensions, stat } = line.metric;
    return { id, metric: { namespace, name, dimensions, stat } };
  });
  const source = {
    values: ({ name, dimensions }: { name: string; dimensions: Record<string, string> }) =>
      Float64Array.of(value(name, dimensions.TargetGroup)),
    search: () => [],
  };
  const window = { startMs: 0, periodMs: 60_000, count: 1 };
  const last = lines.at(-1)?.id ?? '';
  const [series] = compileMetricData(queries).evaluate(source, window).get(last);
  const found = series?.values[0];
  return found === undefined || Number.isNaN(found) ? undefined : Number(found.toFixed(3));
}

describe('errorLines', () => {
  const lines = errorLines('eu-central-1', TWO);
  it.each<[what: string, minute: Minute, percent: number | undefined]>([
    ['a canary that fails half', { requests: [950, 50], errors: [0, 25] }, 50],
    ['the same in the other group', { requests: [50, 950], errors: [25, 0] }, 50],
    ['a dependency that fails both alike', { requests: [950, 50], errors: [475, 25] }, 0],
    [
      'an old revision that fails, which the new one mends',
      { requests: [900, 100], errors: [450, 0] },
      -50,
    ],
    ['a canary that dies: the load balancer answers', { requests: [900, 100], balancer: 90 }, 90],
    ['one that has no task left for most of them', { requests: [900, 5], balancer: 45 }, 100],
    ['too few requests to tell', { requests: [300, 15], errors: [0, 15] }, 0],
    ['one revision with all requests', { requests: [0, 200], errors: [0, 20] }, 10],
    ['the same, without an error', { requests: [200, 0] }, 0],
    ['one revision whose tasks died', { requests: [200, 0], balancer: 100 }, 50],
    ['hardly any request', { requests: [10, 0], errors: [10, 0] }, 0],
    ['a minute that is not published yet', { requests: [0, 0] }, undefined],
  ])('judge %s', (_what, minute, percent) => {
    expect(judge(lines, minute)).toBe(percent);
  });

  it('count everything of a single group', () => {
    const single = errorLines('eu-central-1', { loadBalancer: 'lb', targetGroup: 'a' });
    expect(judge(single, { requests: [100, 0], errors: [10, 0], balancer: 5 })).toBe(15);
  });
});

describe('lateLines', () => {
  const lines = lateLines('eu-central-1', TWO, 20);
  it.each<[what: string, minute: Minute, percent: number | undefined]>([
    ['a canary that is late', { requests: [950, 50], late: [19, 45] }, 88],
    ['the same in the other group', { requests: [50, 950], late: [45, 19] }, 88],
    ['a canary that died, which is not slow', { requests: [950, 50], isDead: true }, 0],
    ['a dependency that slows both alike', { requests: [950, 50], late: [855, 45] }, 0],
    [
      'one revision with all requests: nothing to compare with',
      { requests: [0, 500], late: [0, 500] },
      0,
    ],
    ['a minute that is not published yet', { requests: [0, 0] }, undefined],
  ])('judge %s', (_what, minute, percent) => {
    expect(judge(lines, minute)).toBe(percent);
  });
});
