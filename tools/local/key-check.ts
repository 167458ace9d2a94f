// The daily check for API keys that end soon, on this machine: at the start, and every minute.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { checkExpiry } from '../../expiry/check';
import { one } from '../../recorder/query';
import type { Recording } from '../../recorder/record';
import { addEmbeddedMetrics } from '../cloudwatch/embedded-metrics';
import { clientOf } from './aws/access';
import type { LocalAws } from './aws/access';
import type { Ground } from './ground';

export interface KeyCheckDescription {
  readonly functionName: string;
}

/** Somebody watches: a day is too long to wait. Nobody is written to. */
const INTERVAL_MS = 60_000;

/** @throws Error when the stack has no such function. */
export function read(recording: Recording): KeyCheckDescription {
  const fn = one(recording.resources, 'aws:lambda/function:Function', '-key-check');
  return { functionName: String(fn.outputs.name) };
}

/** Runs it; what it embeds in its log goes to the platform's metrics. */
export async function start(
  { functionName }: KeyCheckDescription,
  { aws, keysTable, stack }: { aws: LocalAws; keysTable: string; stack: string },
  { metrics, onClose, say }: Pick<Ground, 'metrics' | 'onClose' | 'say'>,
): Promise<void> {
  const client = new DynamoDBClient(clientOf(aws));
  const check = async (): Promise<void> => {
    let errors = 0;
    const log = (line: string) => addEmbeddedMetrics(metrics, line);
    try {
      await checkExpiry({ client, table: keysTable, stack, now: Date.now(), log });
    } catch (error) {
      errors = 1;
      say(`The check of API keys failed: ${(error as Error).message}`);
    }
    metrics.add('AWS/Lambda', 'Errors', { FunctionName: functionName }, errors);
  };
  await check();
  const timer = setInterval(() => void check(), INTERVAL_MS);
  onClose(() => {
    clearInterval(timer);
    client.destroy();
  });
}
