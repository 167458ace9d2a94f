// The log line: valid embedded metrics, the promised fields, no dimension that a stranger can make up.
import { EDGE_METRICS } from '../contracts/metrics';
import { decisionLine, type LoggedDecision } from './decision-log';

const ALLOWED: LoggedDecision = {
  stack: 'dev',
  decision: 'allow',
  reason: 'valid',
  time: 1_795_262_400_000,
  method: 'GET',
  requestId: 'request-1',
  keyId: 'AbCdEf123456',
  cache: 'miss',
  lookupMs: 4,
  perKeyMetrics: true,
};

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit: string }[];
}

interface Line extends Record<string, unknown> {
  _aws: { Timestamp: number; CloudWatchMetrics: Directive[] };
}

const parse = (logged: LoggedDecision) => JSON.parse(decisionLine(logged)) as Line;

describe('decisionLine', () => {
  it('is one line with the decision and its metrics', () => {
    expect(decisionLine(ALLOWED)).not.toContain('\n');
    expect(parse(ALLOWED)).toEqual({
      _aws: {
        Timestamp: 1_795_262_400_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Gatehouse/Edge',
            Dimensions: [
              ['Stack', 'Decision', 'Reason'],
              ['Stack', 'KeyId'],
            ],
            Metrics: [{ Name: 'Decisions', Unit: 'Count' }],
          },
          {
            Namespace: 'Gatehouse/Edge',
            Dimensions: [['Stack']],
            Metrics: [{ Name: 'LookupTime', Unit: 'Milliseconds' }],
          },
        ],
      },
      Stack: 'dev',
      Decision: 'allow',
      Reason: 'valid',
      KeyId: 'AbCdEf123456',
      Decisions: 1,
      LookupTime: 4,
      cache: 'miss',
      method: 'GET',
      requestId: 'request-1',
    });
  });

  it.each<[string, LoggedDecision]>([
    ['an allowed request', ALLOWED],
    ['a cached one', { ...ALLOWED, cache: 'hit', lookupMs: undefined }],
    ['one by grace', { ...ALLOWED, reason: 'grace', cache: 'stale', failure: 'home: timeout' }],
    [
      'a refused one',
      {
        stack: 'dev',
        decision: 'deny',
        reason: 'revoked',
        time: 1,
        claimedKeyId: 'AbCdEf123456',
        cache: 'hit',
        perKeyMetrics: true,
      },
    ],
  ])('holds a value for every metric and dimension that it names: %s', (_, logged) => {
    const line = parse(logged);
    const known = Object.values(EDGE_METRICS).map(({ name }) => name as string);
    for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      expect(Dimensions.flat().every((name) => typeof line[name] === 'string')).toBe(true);
      expect(Metrics.every(({ Name }) => typeof line[Name] === 'number')).toBe(true);
      expect(Metrics.every(({ Name }) => known.includes(Name))).toBe(true);
    }
  });

  it('counts a hit as a hit', () => {
    const line = parse({ ...ALLOWED, cache: 'hit', lookupMs: undefined });
    expect(line.CacheHits).toBe(1);
    expect(line._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics)).toEqual([
      { Name: 'Decisions', Unit: 'Count' },
      { Name: 'CacheHits', Unit: 'Count' },
    ]);
  });

  it('counts by key id only for keys that were allowed, and only if asked to', () => {
    const byKey = (logged: LoggedDecision) =>
      JSON.stringify(parse(logged)._aws).includes('"KeyId"');
    expect(byKey(ALLOWED)).toBe(true);
    expect(byKey({ ...ALLOWED, perKeyMetrics: false })).toBe(false);
    const refused = { ...ALLOWED, keyId: undefined, claimedKeyId: 'AbCdEf123456' };
    expect(byKey(refused)).toBe(false);
  });
});
