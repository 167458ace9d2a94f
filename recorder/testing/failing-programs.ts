// Records programs that must fail, one after the other, and prints how each one did.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { record } from '../record';

const PROGRAMS: Record<string, () => void> = {
  twice: () => {
    new aws.sns.Topic('topic', {});
    new aws.sns.Topic('topic', {});
  },
  throwing: () => {
    throw new Error('out of order');
  },
  late: () => {
    const topic = new aws.sns.Topic('topic', {});
    const displayName = topic.arn.apply((): string => {
      throw new Error('late trouble');
    });
    new aws.sns.Topic('other', { displayName });
  },
  refused: () => {
    pulumi.runtime.registerResourceTransform(({ name }) => {
      throw new pulumi.RunError(`${name} is refused`);
    });
    new aws.sns.Topic('topic', {});
  },
  fine: () => {
    new aws.sns.Topic('topic', {});
  },
};

async function main(): Promise<void> {
  const results: Record<string, string> = {};
  for (const [name, make] of Object.entries(PROGRAMS)) {
    const program = (): Promise<Record<string, unknown>> => {
      make();
      return Promise.resolve({});
    };
    results[name] = await record('dev', { program }).then(
      ({ resources }) => `recorded ${resources.length}`,
      (error: Error) => error.message,
    );
  }
  process.stdout.write(JSON.stringify(results));
}

void main();
