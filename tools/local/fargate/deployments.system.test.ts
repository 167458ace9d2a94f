// Tests of deployments: real tasks behind the real balancer, judged by the recorded alarms; a minute
// passes when its requests are answered.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../contracts/testing/time';
import { stackOf, type Overrides } from '../../../infra/testing/stacks';
import { MetricStore } from '../../cloudwatch/metric-store';
import { undoAll, type Undo } from '../ground';
import { Deployments, read } from './deployments';
import { TaskFleet } from './fleet';
import { TaskLauncher, type Command } from './launcher';
import * as loadBalancer from './load-balancer';

/** What a revision does with a request; `SAYS` is how it is told from others. */
const revision = (says: string, answer = 'end(200)') => `
  const server = require('node:http').createServer((request, response) => {
    const end = (status) => { response.statusCode = status; response.end('${says}'); };
    if (request.url === '/healthz') return end(200);
    ${answer};
  });
  server.listen(Number(process.env.PORT), '127.0.0.1');
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;
/** Late on any machine by a target of this, and an old revision in time on a slow one. */
const TARGET_MS = 500;
/** At 5 % more than the 20 that an alarm needs to judge by. */
const REQUESTS_A_MINUTE = 440;
const AT_ONCE = 20;
const TASKS = 2;

describe('Deployments', () => {
  let folder: string;
  let undo: Undo[];
  afterEach(async () => {
    await undoAll(undo);
    rmSync(folder, { recursive: true });
  });

  /** A fleet of an old revision, and what callers have seen since the last deployment began. */
  async function platform(config: Overrides) {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    undo = [];
    const settings = { targetResponseMs: String(TARGET_MS), ...config };
    const { recording } = await stackOf('dev', settings);
    let nowMs = Date.parse('2026-01-15T12:00:00.000Z');
    const metrics = new MetricStore({ now: () => nowMs });
    const said: string[] = [];
    const say = (message: string) => said.push(message);
    const balancer = await loadBalancer.start(loadBalancer.read(recording), {
      ...{ metrics, say, logFolder: folder, timeScale: 1 },
      ...{ onProcess: () => undefined, onFile: () => undefined },
      onClose: (step) => undo.push(step),
    });
    const command = (name: string, code: string): Command => {
      writeFileSync(join(folder, `${name}.js`), code);
      return { program: process.execPath, args: [`${name}.js`], folder };
    };
    const fleet = new TaskFleet({
      launcher: new TaskLauncher({
        command: command('old', revision('old')),
        environment: {},
        health: { path: '/healthz', matcher: '200' },
        logFolder: folder,
      }),
      balancer: balancer.balancer,
      ...{ stopGraceMs: 60_000, closeGraceMs: 60_000, say, restartDelaysMs: [10] },
    });
    undo.push(() => fleet.close());
    await fleet.start(TASKS);

    const seen = new Map<string, number>();
    const ask = async () => {
      const response = await fetch(`http://127.0.0.1:${balancer.port}/`);
      const answer = `${response.status} ${response.status > 500 ? 'nobody' : await response.text()}`;
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
    };
    const minute = async () => {
      let sent = 0;
      const caller = async () => {
        while (sent++ < REQUESTS_A_MINUTE) await ask();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, caller));
      nowMs += 60_000;
    };
    const deployments = new Deployments(
      read(recording),
      { fleet, balancer: balancer.balancer },
      { metrics, timeScale: 1, say, minute, now: () => nowMs },
    );
    return {
      ...{ fleet, balancer: balancer.balancer, said, seen, minute, command },
      deploy: (next: Command) => {
        seen.clear();
        return deployments.deploy(next).catch((error: unknown) => (error as Error).message);
      },
    };
  }

  const total = (seen: ReadonlyMap<string, number>) =>
    [...seen.values()].reduce((sum, count) => sum + count, 0);

  it.each([
    ['answers 500', 'end(500)', 'gh-deploy-errors'],
    ['is slow', `setTimeout(() => end(200), ${1.5 * TARGET_MS})`, 'gh-deploy-slow'],
    ['dies', 'process.exit(1)', 'gh-deploy-errors'],
  ])('rolls a canary back that %s, which touched 5 %% at most', async (_what, answer, alarm) => {
    const { deploy, command, fleet, seen, minute } = await platform({ deployment: 'canary' });
    await minute();
    const old = fleet.tasks();
    const outcome = await deploy(command('bad', revision('bad', answer)));
    const [, own, all, percent] =
      /it was sent (\d+) of (\d+) requests \(([\d.]+) %\)/.exec(String(outcome)) ?? [];
    expect(outcome).toContain(`${alarm} rang`);
    expect(Number(own)).toBeGreaterThan(0);
    expect(Number(percent)).toBeLessThanOrEqual(5);
    expect(Number(all)).toBe(total(seen));
    // As callers saw it.
    const others = total(seen) - (seen.get('200 old') ?? 0);
    expect(others).toBe(Number(own));
    expect(others).toBeLessThanOrEqual(0.05 * total(seen));

    expect(fleet.tasks()).toEqual(old);
    seen.clear();
    await minute();
    expect([...seen.keys()]).toEqual(['200 old']);
  });

  it('gives a good canary all requests, and ends the old revision; groups take turns', async () => {
    const config = { deployment: 'canary', canaryMinutes: '5', bakeMinutes: '1' };
    const { deploy, command, fleet, seen, said, minute } = await platform(config);
    for (const name of ['good', 'better']) {
      expect(await deploy(command(name, revision(name)))).toBeUndefined();
      expect(seen.get(`200 ${name}`)).toBe(5 * 0.05 * REQUESTS_A_MINUTE + REQUESTS_A_MINUTE);
      expect(fleet.counts()).toEqual({ desired: TASKS, pending: 0, running: TASKS });
      seen.clear();
      await minute();
      expect([...seen.keys()]).toEqual([`200 ${name}`]);
    }
    expect(said).toEqual([
      'The new revision gets 5 % of the requests for 5 min, judged against the old one.',
      'The new revision gets 100 % of the requests for 1 min; the old one is kept as long.',
      ...said.slice(0, 2),
    ]);
  });

  it('turns blue/green back while the old revision is kept', async () => {
    const { deploy, command, fleet, seen, minute } = await platform({ deployment: 'blue-green' });
    const old = fleet.tasks();
    expect(await deploy(command('bad', revision('bad', 'end(500)')))).toContain('gh-deploy-errors');
    expect(fleet.tasks()).toEqual(old);
    seen.clear();
    await minute();
    expect([...seen.keys()]).toEqual(['200 old']);
  });

  it('sends nothing to a revision that does not start', async () => {
    const { deploy, command, fleet, seen, minute } = await platform({ deployment: 'canary' });
    const old = fleet.tasks();
    expect(await deploy(command('broken', 'throw new Error("no table")'))).toContain('no table');
    expect(fleet.tasks()).toEqual(old);
    await minute();
    expect([...seen.keys()]).toEqual(['200 old']);
  });

  it('scales both revisions, and heeds no alarm that rings before', async () => {
    const config = { deployment: 'canary', canaryMinutes: '5', bakeMinutes: '0' };
    const { deploy, command, fleet, balancer, said, minute } = await platform(config);
    expect(await deploy(command('bad', revision('bad', 'end(500)')))).toContain('rolled back');
    await fleet.startBeside(command('bad', revision('bad', 'end(500)')));
    await fleet.scaleTo(3);
    expect(fleet.counts()).toEqual({ desired: 3, pending: 0, running: 6 });
    balancer.shift(fleet.otherGroup, 100);
    fleet.swap();
    await fleet.endBeside();
    for (let minutes = 0; minutes < 6; minutes += 1) await minute();
    said.length = 0;
    expect(await deploy(command('mended', revision('mended')))).toBeUndefined();
    expect(said[0]).toContain('gh-deploy-errors rings before the deployment');
    await until(() => fleet.counts().running === 3);
  });

  it('replaces task by task where a stack says nothing else', async () => {
    const { deploy, command, seen, minute } = await platform({});
    expect(await deploy(command('good', revision('good')))).toBeUndefined();
    await minute();
    expect([...seen.keys()]).toEqual(['200 good']);
  });
});

describe('read', () => {
  it('refuses a strategy that it does not know', async () => {
    const { recording } = await stackOf('dev');
    const resources = recording.resources.map((resource) =>
      resource.type === 'aws:ecs/service:Service'
        ? { ...resource, inputs: { deploymentConfiguration: { strategy: 'LINEAR' } } }
        : resource,
    );
    expect(() => read({ ...recording, resources })).toThrow('deploys by LINEAR');
  });
});
