// Records a few components by themselves.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import * as pulumi from '@pulumi/pulumi';

import { record, type RecordedResource } from '../../recorder/record';

/** The resources that a program of components registers, in the home region of the dev stack. */
export async function recordComponents(
  build: () => void | Record<string, unknown>,
): Promise<readonly RecordedResource[]> {
  const program = (): Promise<Record<string, unknown>> => Promise.resolve(build() ?? {});
  return (await record('dev', { program })).resources;
}

/** The statements of a policy document in a property. */
export function statements(resource: RecordedResource, property = 'policy'): Statement[] {
  return (JSON.parse(String(resource.inputs[property])) as { Statement: Statement[] }).Statement;
}

/** A statement of a policy document. */
export interface Statement {
  Sid?: string;
  Effect: string;
  Principal?: unknown;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

/** An output that a component gets from another one. */
export function output(value: string): pulumi.Output<string> {
  return pulumi.output(value);
}

/**
 * Plans one component with plain arguments in a process of its own, for a failed plan leaves
 * rejections behind that jest would report. Returns what the plan says, and its exit code.
 */
export function planAlone(
  module: string,
  component: string,
  args: unknown,
): { status: number | null; stdout: string } {
  const script = `
    const { record } = require('./recorder/record');
    const { ${component} } = require('./infra/${module}');
    const program = async () => {
      new ${component}('gh', ${JSON.stringify(args)});
      return {};
    };
    record('dev', { program }).then(
      () => console.log('planned'),
      (error) => {
        console.log(error.message);
        process.exit(1);
      },
    );`;
  return spawnSync(process.execPath, ['-r', './tools/tsx.cjs', '-e', script], {
    cwd: join(__dirname, '..', '..'),
    encoding: 'utf8',
  });
}
