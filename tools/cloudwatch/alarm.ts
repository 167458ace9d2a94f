// CloudWatch's evaluation of an alarm: M breaching points of N, with missing data.

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What an alarm asks of its points. */
export interface AlarmCondition {
  breaches: (value: number) => boolean;
  /** N: points that are looked at. */
  evaluationPeriods: number;
  /** M: points that must breach. */
  datapointsToAlarm: number;
  /** What a missing point counts as. @default missing */
  treatMissingData?: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
}

/** Comparisons of alarms by their names. */
export const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> =
  {
    GreaterThanThreshold: (value, threshold) => value > threshold,
    GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
    LessThanThreshold: (value, threshold) => value < threshold,
    LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  };

/**
 * Periods that are looked at beyond N, in which points stand in for missing newer ones. AWS shows
 * two for N = 3 and says that it varies; five spans what is published three minutes late.
 */
export const EXTRA_PERIODS = 5;

/**
 * The state after a look at the evaluation range.
 *
 * Missing points are passed over where older ones in the range make up for them. Where they do
 * not, what there is decides with the treatment; and an old breaching point with nothing but
 * breaching or missing ones after it alarms all the same (AWS's "premature alarm state").
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * @param values the evaluation range, oldest first; `NaN` where a point is missing.
 */
export function evaluateAlarm(
  condition: AlarmCondition,
  values: ArrayLike<number>,
  previous: AlarmState,
): AlarmState {
  const { breaches, evaluationPeriods, datapointsToAlarm } = condition;
  let [found, breaching, oldestBreach] = [0, 0, 0];
  for (let age = 1; age <= values.length && found < evaluationPeriods; age += 1) {
    const value = values[values.length - age] as number;
    if (Number.isNaN(value)) continue;
    found += 1;
    if (!breaches(value)) continue;
    breaching += 1;
    oldestBreach = age;
  }
  if (breaching >= datapointsToAlarm) return 'ALARM';
  const missing = evaluationPeriods - found;
  if (missing === 0) return 'OK';
  switch (condition.treatMissingData ?? 'missing') {
    case 'breaching':
      return breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return found > breaching ? 'OK' : previous;
    case 'missing':
      if (found > breaching) return 'OK';
      return oldestBreach >= datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA';
  }
}
