// npm run logs: lines of every source in one stream, of a stack in the test's account and of a platform that runs here.
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { request, type IncomingMessage } from 'node:http';
import { startLocal, type LocalCommand } from '../local/testing/command';
import { logs } from './logs';
import { Bench } from './testing/command';
import { recorded } from './testing/pulumi';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.end());

const outputs = (more: object = {}) => [
  {
    stdout: JSON.stringify({ ...(JSON.parse(recorded('stack-outputs.json')) as object), ...more }),
  },
];

describe('logs', () => {
  const at = Date.parse('2026-11-24T11:58:00Z');
  const event = (timestamp: number, message: string) => ({
    timestamp,
    message,
    logStreamName: 's',
  });
  beforeEach(() => {
    bench.script({ 'stack output': outputs() });
    const edge = '/aws/lambda/us-east-1.gh-edge-fn-22c5899';
    bench.aws.account.logGroups = [
      {
        region: 'us-east-1',
        name: edge,
        tags: {},
        events: [
          event(at, '2026-11-24T11:58:00Z\tr1\tINFO\t{"Decision":"allow","requestId":"r1"}\n'),
          event(at - 3_600_000, '{"Decision":"allow","requestId":"old"}'),
        ],
      },
      // The group of eu-central-1 is not there: nobody came by that way.
      {
        region: 'eu-central-1',
        name: 'gh-service-logs-d4d0b85',
        tags: {},
        events: [
          event(at + 2, '{"level":"info","message":"request","status":200,"requestId":"r1"}'),
          event(at + 1, '{"level":"info","message":"request","status":404,"requestId":"r2"}'),
        ],
      },
      {
        region: 'us-east-1',
        name: 'aws-waf-logs-gh-9d3a888',
        tags: {},
        events: [event(at - 1, '{"action":"ALLOW","httpRequest":{"requestId":"r1"}}')],
      },
    ];
  });

  it('merges all sources of all regions in order of time', async () => {
    const { code, out } = await bench.run('logs', logs);
    expect(code).toBe(0);
    expect(
      out
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice(26).replace(/ +/g, ' ')),
    ).toEqual([
      'waf action=ALLOW requestId=r1',
      'edge us-east-1 Decision=allow requestId=r1',
      'service level=info message=request status=404 requestId=r2',
      'service level=info message=request status=200 requestId=r1',
    ]);
  });

  it('shows one request, further back, as JSON', async () => {
    const args = ['dev', '--request', 'r1', '--since', '2h', '--json'];
    const { out } = await bench.run('logs', logs, { args });
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { source: string });
    expect(lines.map(({ source }) => source)).toEqual(['waf', 'edge', 'service']);
  });

  it('follows until Ctrl-C, and shows no line twice', async () => {
    const [edge] = bench.aws.account.logGroups;
    let rounds = 0;
    const { code, out } = await bench.run('logs', logs, {
      args: ['dev', '--follow'],
      onSleep: () => {
        rounds++;
        if (rounds === 1) edge?.events?.push(event(at + 9, '{"Decision":"deny","requestId":"r3"}'));
        if (rounds === 3) bench.interrupt();
      },
    });
    expect(code).toBe(0);
    expect(out.match(/requestId=r1/g)).toHaveLength(3);
    expect(out.match(/requestId=r3/g)).toHaveLength(1);
  });

  it('ends with 2 for what is no duration', async () => {
    const { code, err } = await bench.run('logs', logs, { args: ['dev', '--since', 'noon'] });
    expect([code, err]).toEqual([2, expect.stringContaining('is no duration')]);
  });

  describe('with the bucket of the access logs', () => {
    const DAY = '2026/11/24';
    const CLOUDFRONT = {
      date: '2026-11-24',
      time: '11:58:01',
      'cs-method': 'GET',
      'cs-uri-stem': '/users',
      'sc-status': '200',
      'x-edge-detailed-result-type': 'Miss',
      'x-edge-request-id': 'r1',
      'time-taken': '0.021',
    };
    const BALANCER =
      'http 2026-11-24T11:58:00.500000Z app/gh-lb-1/1 10.0.0.9:4000 10.0.1.7:8080 0.001 0.012 0.000 200 200 120 340 ' +
      '"GET http://gh-lb.internal:80/users?token=hidden HTTP/1.1" "a \\"b\\"" - - arn:tg "Root=1-6" "-" "-" 0 2026-11-24T11:58:00.4Z "forward" "-" "-" "10.0.1.7:8080" "200" "-" "-"';
    const file = (folder: string, text: string, modified = '2026-11-24T11:59:00.000Z') => ({
      Key: `${folder}/${DAY}/${modified}.gz`,
      VersionId: '1',
      body: gzipSync(text),
      modified,
    });
    const front = (...args: [string, string?]) => file('cloudfront/E2C50E91EA29A3', ...args);

    beforeEach(() => {
      bench.script({ 'stack output': outputs({ logBucket: 'gh-logs-1' }) });
      bench.aws.account.buckets = [
        {
          name: 'gh-logs-1',
          objects: [
            front(`${JSON.stringify(CLOUDFRONT)}\n{"date":"-"}\nno line\n`),
            front(
              JSON.stringify({ ...CLOUDFRONT, 'x-edge-request-id': 'r9' }),
              '2026-11-24T11:59:30.000Z',
            ),
            front(JSON.stringify({ ...CLOUDFRONT, time: '09:00:00' }), '2026-11-24T09:01:00.000Z'),
            file('alb/AWSLogs/123456789012/elasticloadbalancing/eu-central-1', BALANCER),
          ],
        },
      ];
    });

    it('merges the lines of CloudFront and of the balancer, the query left out', async () => {
      const { code, out } = await bench.run('logs', logs);
      expect(code).toBe(0);
      const lines = out.split('\n').map((line) => line.slice(26).replace(/ +/g, ' '));
      expect(lines).toContain(
        'cloudfront method=GET path=/users status=200 result=Miss durationMs=21 requestId=r1',
      );
      expect(lines).toContain(
        'balancer method=GET path=/users status=200 targetStatus=200 durationMs=13',
      );
      expect(out).not.toContain('hidden');
      expect(out.match(/^\S+ {2}cloudfront/gm)).toHaveLength(2);
    });

    it('finds a request in them', async () => {
      const args = ['dev', '--request', 'r1', '--json'];
      const { out } = await bench.run('logs', logs, { args });
      const lines = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { source: string });
      expect(lines.map(({ source }) => source)).toEqual(['waf', 'edge', 'service', 'cloudfront']);
    });

    it('shows what arrives minutes later, once, and lists no more often than files come', async () => {
      let rounds = 0;
      const { out } = await bench.run('logs', logs, {
        args: ['dev', '--follow'],
        onSleep: () => {
          rounds++;
          if (rounds === 1) {
            const late = { ...CLOUDFRONT, time: '11:50:00', 'x-edge-request-id': 'late' };
            bench.aws.account.buckets[0]?.objects.push(
              front(JSON.stringify(late), '2026-11-24T12:00:10.000Z'),
            );
          }
          if (rounds === 41) bench.interrupt();
        },
      });
      expect(out.match(/requestId=late/g)).toHaveLength(1);
      const lists = bench.aws.calls.filter((call) => call.startsWith('s3.ListObjectsV2'));
      // Two minutes are three looks: at three pages, then four, of CloudFront, and at one of the balancer.
      expect(lists).toHaveLength(3 + 4 + 4 + 3);
    });

    it('reads the lines of API Gateway in place of those of a balancer', async () => {
      const { logGroups } = bench.aws.account;
      logGroups.push({
        region: 'eu-central-1',
        name: 'gh-api-logs-1',
        tags: {},
        events: [event(at, '{"requestId":"g1","method":"GET","path":"/users","status":"200"}')],
      });
      const names = (JSON.parse(recorded('stack-outputs.json')) as { logGroups: object }).logGroups;
      bench.script({
        'stack output': outputs({
          logBucket: 'gh-logs-1',
          compute: 'lambda',
          logGroups: { ...names, api: 'gh-api-logs-1' },
        }),
      });
      const { out } = await bench.run('logs', logs);
      expect(out).toMatch(/ api +method=GET path=\/users status=200 requestId=g1/);
      expect(out).not.toContain('balancer');
    });
  });

  it.each([
    [[], 'Name one target'],
    [['dev', '--local'], 'Name one target'],
    [['dev', '--port', '8080'], '--port goes with --local'],
    [['--local', '--port', '0'], 'Expected a port'],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, err } = await bench.run('logs', logs, { args });
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('says that no platform runs on the port', async () => {
    const { code, err } = await bench.run('logs', logs, { args: ['--local', '--port', '1'] });
    expect([code, err]).toEqual([1, expect.stringContaining('No local platform runs on port 1')]);
  });
});

describe('logs --local', () => {
  let platform: LocalCommand;
  let edge: URL;
  beforeAll(async () => {
    platform = startLocal(['--json']);
    edge = new URL((await platform.ready()).edge);
  });
  afterAll(async () => {
    platform.child.kill('SIGTERM');
    await platform.ended;
  });

  it('shows one request as CloudFront and the edge saw it, as on a stack', async () => {
    const sent = request(new URL('/users', edge));
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    const id = String(response.headers['x-request-id']);
    const args = ['--local', '--port', edge.port, '--request', id, '--since', '3650d', '--json'];
    let sources: string[] = [];
    // A line is in its file some moments after its answer.
    while (sources.length < 2) {
      const { code, out } = await bench.run('logs', logs, { args });
      expect(code).toBe(0);
      sources = out
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { source: string }).source);
    }
    expect(sources.sort()).toEqual(['cloudfront', 'edge']);
  });
});
