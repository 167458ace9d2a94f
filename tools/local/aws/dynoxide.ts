// A second DynamoDB implementation: the dynoxide binary as a child process (Linux x64 only).
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../http';
import type { DynamoDbEngine } from './engine';
import { AwsFault } from './faults';

/** Ends the start of a binary that hangs; one that ends by itself is noticed at once. */
const START_LIMIT_MS = 60_000;
const START_INTERVAL_MS = 50;

/** Path of the binary, or undefined where npm did not install it. */
export function dynoxideBinary(): string | undefined {
  try {
    return require.resolve('@dynoxide/linux-x64/dynoxide');
  } catch {
    return undefined;
  }
}

/**
 * Starts the binary on a free port, in memory.
 * @throws Error when it is not installed here ends, or does not answer within 60 s.
 */
export async function startDynoxide(): Promise<DynamoDbEngine> {
  const binary = dynoxideBinary();
  if (binary === undefined) {
    throw new Error('dynoxide is not installed: its npm package has a binary for Linux x64 only.');
  }
  const port = await freePort();
  const child = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port)], {
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const call = (operation: string, input: object) => forward(port, operation, input);
  const end = performance.now() + START_LIMIT_MS;
  while (child.exitCode === null && performance.now() < end) {
    const ready = await call('ListTables', {}).then(
      () => true,
      () => false,
    );
    if (ready) {
      return {
        call,
        async close() {
          child.kill();
          await exited;
        },
      };
    }
    await sleep(START_INTERVAL_MS);
  }
  child.kill();
  throw new Error('dynoxide did not answer within 60 s of its start.');
}

async function forward(
  port: number,
  operation: string,
  input: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, ' +
        'SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(input),
  });
  const body = (await response.json()) as Record<string, unknown>;
  if (response.ok) return body;
  const { __type, message, Message, ...members } = body;
  const type = String(__type);
  throw new AwsFault(
    type.slice(type.indexOf('#') + 1),
    String(message ?? Message ?? ''),
    response.status,
    members,
  );
}
