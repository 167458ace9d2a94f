// Each cause by an example, and that the worse one goes before.
import { conditionOf } from './condition';
import type { Facts } from './condition';

const SERVED: Facts = {
  requestsPerSecond: 100,
  tasks: { desired: 2, running: 2, healthy: 2, targets: 2, pending: 0, maximum: 4 },
  keysStore: { refused: 0, grace: 0 },
  failed: { task: 0, loadBalancer: 0, edge: 0, cloudFront: 0 },
  blocked: [],
  denied: [],
  response: { withinPercent: 99.8, p99Ms: 11.26 },
  objectives: { availabilityPercent: 99.5, latencyPercent: 95, latencyMs: 20 },
  scalesInMinutes: 3,
};
const SLOW = { withinPercent: 12, p99Ms: 378 };

/** Facts by cause, from the worst to the mildest, each with its sentence. */
const CASES: [Partial<Facts>, string, string, string][] = [
  [
    { tasks: { desired: 2, running: 0, healthy: 0, targets: 0, pending: 2, maximum: 4 } },
    'bad',
    'DOWN',
    'Nothing answers: no task is healthy, 2 of 2 tasks being started.',
  ],
  [
    { tasks: { desired: 2, running: 2, healthy: 0, targets: 2, pending: 0, maximum: 4 } },
    'bad',
    'UNHEALTHY',
    'No task passes its health check; the load balancer sends requests to all of them, and they answer: 100 requests/s.',
  ],
  [
    { keysStore: { refused: 3, grace: 7 } },
    'bad',
    'KEYS UNREACHABLE',
    'The edge cannot read the keys table: 3 requests/s refused with 503, 7 requests/s let in by keys that were good moments ago.',
  ],
  [
    { failed: { task: 1, loadBalancer: 2, edge: 0, cloudFront: 0 } },
    'bad',
    'FAILING',
    '3% of requests end in 5xx, 3 requests/s, answered by the load balancer and the tasks.',
  ],
  [
    { blocked: [{ rule: 'rate-by-ip', perSecond: 92.4, limit: '20 requests a second' }] },
    'bad',
    'BLOCKED',
    'rate-by-ip blocks 92.4 of 100 requests/s (its limit is 20 requests a second).',
  ],
  [
    { lost: { task: 'task-1', how: 'SIGKILL' } },
    'warn',
    'TASK LOST',
    'task-1 ended (SIGKILL); 2 of 2 tasks serve, and requests are answered.',
  ],
  [
    {
      response: SLOW,
      tasks: { desired: 4, running: 4, healthy: 4, targets: 4, pending: 0, maximum: 4 },
    },
    'bad',
    'SLOW AT MAX TASKS',
    'All 4 tasks run, and still p99 is 378 ms and 12% of requests are within 20 ms, not 95%.',
  ],
  [
    { response: { ...SLOW, cpuPercent: 97.3 } },
    'warn',
    'SLOW',
    'Over target: p99 is 378 ms and 12% of requests are within 20 ms, not 95%; tasks use 97.3% of their CPU.',
  ],
  [
    { response: { ...SLOW, dependency: { name: 'DynamoDB', averageMs: 250 } } },
    'warn',
    'SLOW',
    'Over target: p99 is 378 ms and 12% of requests are within 20 ms, not 95%, most of it in DynamoDB (250 ms a call).',
  ],
  [
    {
      response: { withinPercent: 97, p99Ms: 130, dependency: { name: 'KMS', averageMs: 125 } },
    },
    'warn',
    'KMS SLOW',
    'A call to KMS takes 125 ms; few requests need one, and 97% are within 20 ms.',
  ],
  [
    {
      denied: [
        { reason: 'unknown-key', perSecond: 60 },
        { reason: 'scope', perSecond: 1 },
      ],
    },
    'warn',
    'MOSTLY DENIED',
    'The edge denies 61 of 100 requests/s, mostly for the reason unknown-key.',
  ],
  [
    {
      tasks: {
        ...{ desired: 2, running: 2, healthy: 2, targets: 2, pending: 1, maximum: 4 },
        deployment: { done: 1, of: 2 },
      },
    },
    'warn',
    'DEPLOYING',
    'A changed program takes over: 1 of 2 tasks replaced; requests are answered meanwhile.',
  ],
  [
    { requestsPerSecond: 0, response: undefined },
    'idle',
    'NO TRAFFIC',
    'No requests in the last seconds; 2 tasks ready.',
  ],
];

describe('conditionOf', () => {
  it('says that all is served, how much and how fast', () => {
    expect(conditionOf(SERVED)).toEqual({
      cause: 'served',
      level: 'good',
      word: 'SERVED',
      sentence: 'All requests are served: 100 requests/s, p99 11.3 ms, 99.8% within 20 ms.',
      also: [],
    });
  });

  it.each(CASES)('tells of %j', (facts, level, word, sentence) => {
    expect(conditionOf({ ...SERVED, ...facts })).toMatchObject({ level, word, sentence });
  });

  it('shows the worst of several', () => {
    // Each case together with all milder ones: those of the same field are the worse one's.
    CASES.slice(0, -1).forEach(([facts, , word], index) => {
      const milder = CASES.slice(index + 1, -1).map(([other]) => other);
      expect(conditionOf(Object.assign({}, SERVED, ...milder, facts) as Facts).word).toBe(word);
    });
  });

  it('says what else is wrong, and says of no task that requests are answered while they fail', () => {
    const failed = { task: 0, loadBalancer: 4, edge: 0, cloudFront: 0 };
    const denied = [
      { reason: 'store-unavailable', perSecond: 40 },
      { reason: 'unknown-key', perSecond: 60 },
    ];
    const lost = { task: 'task-1', how: 'SIGKILL' };
    const { word, also } = conditionOf({ ...SERVED, failed, denied, lost, response: SLOW });
    expect([word, ...also.map((other) => other.word)]).toEqual([
      ...['FAILING', 'TASK LOST', 'SLOW', 'MOSTLY DENIED'],
    ]);
    expect(also[0]?.sentence).toBe('task-1 ended (SIGKILL); 2 of 2 tasks serve.');
    expect(also[2]?.sentence).toContain('denies 60 of 100 requests/s');
  });

  it('counts what the edge denies for its own failure among no caller', () => {
    const denied = [{ reason: 'store-unavailable', perSecond: 90 }];
    expect(conditionOf({ ...SERVED, denied }).word).toBe('SERVED');
  });

  it('tolerates as many failures as the objective does', () => {
    const failed = { task: 0.5, loadBalancer: 0, edge: 0, cloudFront: 0 };
    expect(conditionOf({ ...SERVED, failed }).word).toBe('SERVED');
    expect(conditionOf({ ...SERVED, failed: { ...failed, task: 0.6 } }).word).toBe('FAILING');
  });

  it('says that tasks are being started', () => {
    const tasks = { desired: 3, running: 2, healthy: 2, targets: 2, pending: 1, maximum: 4 };
    expect(conditionOf({ ...SERVED, tasks })).toMatchObject({
      word: 'CHANGING',
      sentence: '2 of 3 tasks run, 1 being started; all requests are served.',
    });
  });

  it('has a remedy for whatever is bad', () => {
    for (const [facts, level] of CASES) {
      if (level === 'bad') expect(conditionOf({ ...SERVED, ...facts }).remedy).toBeDefined();
    }
  });
});
