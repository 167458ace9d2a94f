// Lines of real log forms: their source, level and ids, and how they are found and joined.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runQuery } from './log-query';
import { Logs } from './logs';

const T = Date.parse('2026-01-15T12:00:00.000Z');
const iso = (seconds: number) => new Date(T + seconds * 1000).toISOString();
const EDGE = {
  _aws: { Timestamp: T, CloudWatchMetrics: [] },
  ...{ Stack: 'dev', Decision: 'deny', Reason: 'unknown-key', Decisions: 1 },
  ...{ claimedKeyId: 'AAAA', requestId: 'front-1' },
};

describe('Logs', () => {
  let folder: string;
  let logs: Logs;
  const write = (file: string, ...lines: (object | string)[]) =>
    appendFileSync(
      join(folder, file),
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'logs-'));
    logs = new Logs(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads edge, access and task lines in order of time, with their ids and levels', () => {
    write('edge.log', EDGE);
    write('access.log', { time: iso(1), id: 'front-2', status: 502, method: 'GET' });
    write('task-1.log', { time: iso(2), level: 'info', message: 'request', traceId: 'trace-1' });
    expect(logs.find({ limit: 10 })).toMatchObject([
      { source: 'service', from: 'task-1', text: 'request', ids: { traceId: 'trace-1' } },
      { source: 'access', level: 'error', ids: { id: 'front-2' } },
      { source: 'edge', level: 'warn', atMs: T, ids: { requestId: 'front-1' } },
    ]);
  });

  it('follows a file as it grows, a line in two parts and one that is no JSON among them', () => {
    write('task-1.log', 'plain text');
    expect(logs.find({ limit: 10 }).map(({ text }) => text)).toEqual(['plain text']);
    writeFileSync(join(folder, 'task-1.log'), 'plain text\nhalf', { flag: 'w' });
    expect(logs.find({ limit: 10 })).toHaveLength(1);
    appendFileSync(join(folder, 'task-1.log'), ' and half\n');
    expect(logs.find({ filter: 'half', limit: 10 }).map(({ text }) => text)).toEqual([
      'half and half',
    ]);
  });

  it('finds by words, all of them, by source, by time and by number', () => {
    for (let second = 0; second < 5; second += 1) {
      write('task-1.log', { time: iso(second), level: 'info', message: `turn ${second} done` });
    }
    write('access.log', { time: iso(3), id: 'x', status: 200, message: 'turn' });
    expect(logs.find({ filter: 'TURN done', limit: 10 })).toHaveLength(5);
    expect(logs.find({ filter: 'turn', sources: ['access'], limit: 10 })).toHaveLength(1);
    expect(logs.find({ sinceMs: T + 3_000, limit: 10 })).toHaveLength(3);
    expect(logs.find({ limit: 2 })).toHaveLength(2);
  });

  it('joins the lines of one request by their ids, and not by the key that made it', () => {
    write('edge.log', { ...EDGE, requestId: 'front-1', KeyId: 'KEY' });
    write('access.log', { time: iso(1), id: 'front-1', requestId: 'own-1', keyId: 'KEY' });
    write('task-1.log', { time: iso(2), requestId: 'own-1', traceId: 'trace-1', keyId: 'KEY' });
    write('task-1.log', { time: iso(3), requestId: 'own-2', traceId: 'trace-2', keyId: 'KEY' });
    expect(logs.related('trace-1').map(({ source }) => source)).toEqual([
      'edge',
      'access',
      'service',
    ]);
  });

  it('keeps a bounded number of lines', () => {
    write(
      'task-1.log',
      ...Array.from({ length: 4_000 }, (_none, index) => ({ time: iso(0), message: `${index}` })),
    );
    expect(logs.find({ limit: 10_000 }).length).toBeLessThanOrEqual(2_400);
  });

  describe('runQuery', () => {
    beforeEach(() => {
      write('edge.log', EDGE, EDGE, { ...EDGE, Reason: 'scope' }, { ...EDGE, Decision: 'allow' });
      write('task-1.log', { time: iso(1), level: 'error', message: 'broken', traceId: 't' });
    });

    it('counts, groups, sorts and limits as the recorded tables ask', () => {
      const query = `SOURCE '/aws/lambda/us-east-1.gh-edge' | filter Decision = "deny"
| stats count(*) as requests by Reason, claimedKeyId
| sort requests desc
| limit 1`;
      expect(runQuery(query, logs, 0)).toEqual([
        { Reason: 'unknown-key', claimedKeyId: 'AAAA', requests: '2' },
      ]);
    });

    it('shows the fields that are asked for', () => {
      const query = `SOURCE '/gh/service' | fields @timestamp, level, message, nothing | filter level in ["error", "warn"]`;
      expect(runQuery(query, logs, 0)).toEqual([
        { '@timestamp': iso(1), level: 'error', message: 'broken', nothing: '' },
      ]);
    });

    it('says that it does not know a command, and does not guess', () => {
      expect(runQuery(`SOURCE 'x' | parse @message "*" as a`, logs, 0)).toBeUndefined();
      expect(runQuery(`SOURCE 'x' | filter strcontains(a, "b")`, logs, 0)).toBeUndefined();
    });
  });
});
