// The command against servers whose service time is known, and against what is wrong.
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from './main';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const spies = [
    jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => Boolean((out += String(text)))),
    jest
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => Boolean((err += String(text)))),
  ];
  try {
    return { code: await main(argv), out, err };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** One server after another request: S of work, then D in which it does the next. */
function worker(serviceMs: number, dependencyMs: number): RequestListener {
  let free = 0;
  return (request, response) => {
    if (request.headers['x-api-key'] !== 'good') {
      response.statusCode = 401;
      response.end();
      return;
    }
    const now = performance.now();
    free = Math.max(free, now) + serviceMs;
    setTimeout(() => response.end(), free - now + dependencyMs);
  };
}

describe('npm run capacity', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds what a server holds, prints S and D, and the setting', async () => {
    const url = await serve(worker(20, 20));
    const flags = ['--target-ms', '100', '--step-seconds', '0.5', '--network-ms', '0.001'];
    const { code, out, err } = await run('--url', url, '--key', 'good', ...flags, '--json');
    expect(code).toBe(0);
    expect(err).toMatch(/warming up at 50 requests a second\n/);
    expect(err).toMatch(/measured at \d+ requests a second: \d+\.\d ms on average\n/);
    const found = JSON.parse(out) as Record<string, number> & { steps: unknown[] };
    // 50 a second is all that it can; a queue of random arrivals passes the target below that, and
    // a slow machine holds less.
    expect(found['requestsPerSecond']).toBeGreaterThan(5);
    expect(found['requestsPerSecond']).toBeLessThan(75);
    expect(found['requestsPerTaskPerMinute']).toBe(
      Number(((found['requestsPerSecond'] ?? 0) * 60).toPrecision(2)),
    );
    expect(found.steps.length).toBeGreaterThan(3);
    expect(found['vcpu']).toBeNull();
  }, 120_000);

  it('takes off what the way to the service takes', async () => {
    const slowly = worker(1, 30);
    const url = await serve((request, response) => {
      setTimeout(() => slowly(request, response), 60);
    });
    const { code, err } = await run('--url', url, '--key', 'good', '--step-seconds', '0.2');
    expect(code).toBe(1);
    const [, told = '0'] = /A request takes ([\d.]+) ms/.exec(err) ?? [];
    // 31 ms of the service; the 60 ms that a refusal takes too are not in it.
    expect(Number(told)).toBeGreaterThan(20);
    expect(err).toContain('no number of tasks holds an average of 20 ms');
  }, 120_000);

  it('says who does not answer, and what a wrong key is answered', async () => {
    const gone = await serve(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    const nobody = await run('--url', gone, '--key', 'good');
    expect([nobody.code, nobody.err]).toEqual([
      1,
      expect.stringContaining('does not answer (ECONNREFUSED)'),
    ]);
    const url = await serve(worker(1, 1));
    const refused = await run('--url', url, '--key', 'bad');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('401 before any load: the key is missing, wrong, expired');
  });

  it('refuses wrong usage', async () => {
    writeFileSync(join(folder, 'broken.json'), '{');
    for (const [argv, told] of [
      [['--key', 'good'], '--key goes with --url'],
      [['--url', 'somewhere'], 'Expected an address'],
      [['--url', 'http://a.example', '--create', join(folder, 'broken.json')], 'JSON document'],
      [['--create', join(folder, 'absent.json')], 'JSON document'],
      [['--target-ms', '0'], 'Expected a number above 0'],
      [['extra'], 'too many arguments'],
    ] as const) {
      const { code, err } = await run(...argv);
      expect([argv, code, err]).toEqual([argv, 2, expect.stringContaining(told)]);
    }
    expect((await run('--help')).code).toBe(0);
  });

  it('loads a task that it starts here with what it made first, and ends it', async () => {
    const file = join(folder, 'user.json');
    const attributes = { name: 'Ana', email: 'ana@example.com' };
    writeFileSync(file, JSON.stringify({ data: { type: 'users', attributes } }));
    const flags = ['--path', '/users', '--create', file, '--step-seconds', '0.2'];
    // One call of DynamoDB takes longer than the target alone.
    const { code, err } = await run('--stack', 'dev', ...flags, '--dependency-ms', '100');
    const [, told = '0'] = /A request takes ([\d.]+) ms/.exec(err) ?? [];
    expect([code, Number(told) >= 100]).toEqual([1, true]);
    expect(err).toContain('no number of tasks holds an average of 20 ms');
  }, 180_000);

  it('says what the API answers to a document that it does not take', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, '{}');
    const { code, err } = await run('--stack', 'dev', '--path', '/users', '--create', file);
    expect([code, err]).toEqual([1, expect.stringMatching(/POST \/users .*answers 400: .*errors/)]);
  }, 180_000);

  it('says why a stack has no task to measure', async () => {
    const { code, err } = await run('--stack', 'nowhere');
    expect([code, err]).toEqual([1, expect.stringContaining('nowhere')]);
  }, 60_000);
});
