// The stack that a command is about: what a name may look like, and the file that goes with it.
import { InvalidArgumentError } from 'commander';
import { readStackConfig } from '../../recorder/stack-file';
import { DeployError } from './io';

/** `dev`, `project/dev` or `organization/project/dev`: https://www.pulumi.com/docs/iac/concepts/stacks/ */
const STACK = /^([A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}\/){0,2}[A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}$/;

/**
 * Takes the name of a stack from a command line.
 * @throws InvalidArgumentError for what the CLI could not take as a name; commander makes it exit code 2.
 */
export function parseStack(text: string): string {
  if (STACK.test(text)) return text;
  throw new InvalidArgumentError(
    'Expected the name of a stack: up to 100 letters, digits, "-", "_" or ".", for example dev, ' +
      'or organization/project/dev.',
  );
}

/** The last part: `dev` of `acme/gatehouse/dev`, as in `Pulumi.dev.yaml` and in every tag. */
export function shortName(stack: string): string {
  return stack.slice(stack.lastIndexOf('/') + 1);
}

/** The home region, from the settings of the stack. @throws Error in plain words when it has none. */
export function regionOf(stack: string): string {
  const region = readStackConfig(shortName(stack)).values['aws:region'];
  if (region === undefined) {
    throw new DeployError(
      `Pulumi.${shortName(stack)}.yaml has no aws:region: set it, for example "npx pulumi config set aws:region eu-central-1".`,
    );
  }
  return region;
}

/** Name of the project: with the stack's, the tags of everything that it made. */
export function projectOf(stack: string): string {
  return readStackConfig(shortName(stack)).project;
}
