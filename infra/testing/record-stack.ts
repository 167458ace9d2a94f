// Records this program: apart, because it brings Pulumi and every provider with it.
import gatehouse from '../index';
import { record, type Recording } from '../../recorder/record';
import type { ConfigValue } from '../../recorder/stack-file';

/** The stack with some settings replaced. */
export function recordStack(
  stack: string,
  config: Record<string, ConfigValue | undefined>,
): Promise<Recording> {
  return record(stack, { program: gatehouse, config });
}
