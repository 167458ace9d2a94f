// The function that runs once a day: the check, with what its environment says.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EXPIRY_ENV } from '../contracts/key-expiry';
import { checkExpiry } from './check';
import { mailer } from './mail';

const client = new DynamoDBClient({});

/** @throws Error when it could not do all of its work: Lambda counts that, and an alarm rings. */
export async function handler(): Promise<void> {
  const { env } = process;
  const from = env[EXPIRY_ENV.mailFrom];
  await checkExpiry({
    client,
    table: env[EXPIRY_ENV.keysTable] ?? '',
    stack: env[EXPIRY_ENV.stack] ?? '',
    now: Date.now(),
    log: (line) => process.stdout.write(`${line}\n`),
    send: from === undefined ? undefined : mailer({ from, region: env.AWS_REGION ?? '', env }),
  });
}
