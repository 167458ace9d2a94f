// Entry of `npm run move-credentials`: the move to a table of their own, once, with the operator's own rights.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parseArgs } from 'node:util';
import { moveCredentials } from './credentials';

const USAGE = `npm run move-credentials -- --region REGION --users TABLE --credentials TABLE

Moves ciphertexts from the table of users to the table of credentials. The names are in the stack's output
"tables"; docs/upgrading.md says when. It may be run again, and while the service runs.
`;

async function main(): Promise<number> {
  let values: Record<string, string | boolean | undefined>;
  try {
    const text = { type: 'string' } as const;
    const options = {
      region: text,
      users: text,
      credentials: text,
      help: { type: 'boolean' },
    } as const;
    ({ values } = parseArgs({ options }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { region, users, credentials } = values as Record<string, string | undefined>;
  if (region === undefined || users === undefined || credentials === undefined) {
    process.stderr.write(`Give --region, --users and --credentials.\n${USAGE}`);
    return 2;
  }
  const client = new DynamoDBClient({ region });
  try {
    const moved = await moveCredentials(client, { users, credentials });
    process.stdout.write(`Moved the ciphertexts of ${moved} users; none is left in ${users}.\n`);
    return 0;
  } catch (error) {
    const { name, message } = error as Error;
    process.stderr.write(
      `The move stopped: ${name}: ${message}\nWhat was moved stays so. Check the rights and the names, ` +
        'and run it again.\n',
    );
    return 1;
  } finally {
    client.destroy();
  }
}

void main().then((code) => {
  process.exitCode = code;
});
