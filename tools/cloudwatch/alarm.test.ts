import { evaluateAlarm } from './alarm';
import type { AlarmState } from './alarm';
import { MetricAlarm } from './metric-alarm';
import { sourceOf } from './testing/lines';

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
/** The alarm keeps the state that it has. */
const RETAIN = 'RETAIN';
type Expected = AlarmState | typeof RETAIN;

function check(points: string, datapointsToAlarm: number, expected: readonly Expected[]): void {
  const range = points
    .split(' ')
    .map((point) => (point === '-' ? Number.NaN : Number(point === 'X')));
  TREATMENTS.forEach((treatMissingData, index) => {
    for (const previous of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
      const state = evaluateAlarm(
        {
          ...{ breaches: (value) => value > 0.5, evaluationPeriods: 3 },
          ...{ datapointsToAlarm, treatMissingData },
        },
        range,
        previous,
      );
      expect([treatMissingData, state]).toEqual([
        treatMissingData,
        expected[index] === RETAIN ? previous : expected[index],
      ]);
    }
  });
}

describe('evaluateAlarm', () => {
  // The tables of AWS's guide, "Configuring how CloudWatch alarms treat missing data".
  it.each<[string, Expected[]]>([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', RETAIN, 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', RETAIN, 'ALARM', 'OK']],
    ['- - - - X', ['INSUFFICIENT_DATA', RETAIN, 'ALARM', 'OK']],
  ])('sees in %s, three of three, what the guide sees', (points, expected) => {
    check(points, 3, expected);
  });

  it.each<[string, Expected[]]>([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', RETAIN, 'ALARM', 'OK']],
  ])('sees in %s, two of three, what the guide sees', (points, expected) => {
    check(points, 2, expected);
  });
});

describe('MetricAlarm', () => {
  const simple = {
    ...{ namespace: 'N', metricName: 'm', statistic: 'Sum', period: 60, dimensions: {} },
    ...{ threshold: 5, comparisonOperator: 'GreaterThanThreshold', evaluationPeriods: 2 },
  };

  it('evaluates a single metric', () => {
    const alarm = new MetricAlarm({ name: 'a', inputs: simple });
    expect(alarm.evaluate(sourceOf({ m: [1, 6, 7, '-'] }), 0)).toBe('ALARM');
    expect(alarm.evaluate(sourceOf({ m: [1, 6, 5, '-'] }), 0)).toBe('OK');
  });

  it('evaluates metric math', () => {
    const metric = { namespace: 'N', metricName: 'm', period: 60, stat: 'Sum', dimensions: {} };
    const inputs = {
      ...{ threshold: 1, comparisonOperator: 'LessThanOrEqualToThreshold', evaluationPeriods: 1 },
      treatMissingData: 'breaching',
      metricQueries: [
        { id: 'm1', metric, returnData: false },
        { id: 'e1', expression: 'm1 / 2', period: 60, returnData: true },
      ],
    };
    const alarm = new MetricAlarm({ name: 'a', inputs });
    expect(alarm.evaluate(sourceOf({ m: [2] }), 0)).toBe('ALARM');
    expect(alarm.evaluate(sourceOf({ m: [4] }), 0)).toBe('OK');
    expect(alarm.evaluate(sourceOf({ m: [] }), 0)).toBe('ALARM');
  });

  it('refuses a comparison that it does not know', () => {
    const inputs = { ...simple, comparisonOperator: 'GreaterThanUpperThreshold' };
    expect(() => new MetricAlarm({ name: 'a', inputs })).toThrow('GreaterThanUpperThreshold');
  });
});
