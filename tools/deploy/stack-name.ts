// The stack that a command is about: what a name may look like, and the file that goes with it.
import { InvalidArgumentError } from 'commander';

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
