// What the workflows must hold: actions by commit, pull requests without credentials, commands that exist.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, '.github/workflows');

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      if?: string;
      environment?: string | { name: string };
      permissions?: Record<string, string>;
      steps: { uses?: string; run?: string }[];
    }
  >;
}

const files = readdirSync(FOLDER);
const text = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const workflow = (file: string) => parse(text(file)) as Workflow;
const steps = (file: string) => Object.values(workflow(file).jobs).flatMap((job) => job.steps);

describe('the workflows', () => {
  it.each(files)('%s names every action by commit', (file) => {
    const foreign = steps(file).flatMap(({ uses }) =>
      uses?.startsWith('.') === false ? uses : [],
    );
    for (const action of foreign) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  it.each(files)('%s asks for named permissions, for all its jobs at once', (file) => {
    const { permissions, jobs } = workflow(file);
    expect(Object.values(permissions).every((one) => one === 'read' || one === 'write')).toBe(true);
    expect(Object.values(jobs).map((job) => job.permissions)).not.toContainEqual(expect.anything());
  });

  /** The one that takes credentials for a pull request, and only one of this repository's branches. */
  const PREVIEW = 'preview.yml';

  it.each(files.filter((file) => 'pull_request' in workflow(file).on && file !== PREVIEW))(
    '%s, which runs the code of pull requests, has neither credentials nor a right to write',
    (file) => {
      expect(workflow(file).permissions).toEqual({ contents: 'read' });
      expect(text(file)).not.toMatch(/secrets\.|pull_request_target|aws-credentials/);
    },
  );

  it('makes a preview for branches of this repository alone, with its label, in its environment', () => {
    const { jobs, permissions } = workflow(PREVIEW);
    expect(text(PREVIEW)).not.toContain('pull_request_target');
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    const { up, end } = jobs;
    for (const job of [up, end]) {
      expect(job?.if).toContain(
        'github.event.pull_request.head.repo.full_name == github.repository',
      );
      expect(job?.if).toContain("contains(github.event.pull_request.labels.*.name, 'preview')");
      expect([job?.environment].map((one) => (typeof one === 'object' ? one.name : one))).toEqual([
        'preview',
      ]);
    }
  });

  it('ends a preview when its pull request is closed, and every hour those past their time', () => {
    const { on, jobs } = workflow(PREVIEW);
    expect(on).toHaveProperty('schedule');
    expect((on.pull_request as { types: string[] }).types).toContain('closed');
    const script = jobs.end?.steps.map(({ run = '' }) => run).join('\n') ?? '';
    const order = ['previews', 'destroy', 'sweep', 'leftovers', 'stack rm'].map((command) =>
      script.indexOf(command),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('looks for drift every night', () => {
    expect(workflow('drift.yml').on).toHaveProperty('schedule');
    expect(text('drift.yml')).toContain('npm run -s drift -- "$STACK"');
  });

  it('puts no text of a pull request into a script', () => {
    for (const file of files) {
      for (const { run = '' } of steps(file)) expect(run).not.toContain('${{ ');
    }
  });

  it('runs commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const called = files.flatMap((file) =>
      [...text(file).matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(called).toEqual(expect.arrayContaining(['plan', 'change', 'approve', 'drift']));
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
