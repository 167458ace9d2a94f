// Issues the key that the start of the local platform prints, as an operator would.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { keyEnvironment } from '../../contracts/api-key';
import { issueKey } from '../keys/store';
import { clientOf } from './aws/access';
import type { LocalAws } from './aws/access';

export interface DemoKeyOptions {
  aws: LocalAws;
  /** Physical name of the table of API keys. */
  keysTable: string;
  stack: string;
  /** Every scope of the workload. */
  scopes: readonly string[];
}

/** Beyond the week in which a key is said to end soon. */
const LIFETIME_SECONDS = 30 * 86_400;

/** Makes a key with every scope that lives for a month, or as long as the platform; answers its text. */
export async function issueDemoKey(options: DemoKeyOptions): Promise<string> {
  const client = new DynamoDBClient(clientOf(options.aws));
  try {
    const { key } = await issueKey(
      { client, table: options.keysTable },
      {
        environment: keyEnvironment(options.stack),
        owner: 'demo@localhost',
        name: 'printed at the start of the local platform',
        scopes: [...options.scopes],
        expiresInSeconds: LIFETIME_SECONDS,
      },
      { who: 'npm run local', from: 'local platform' },
    );
    return key;
  } finally {
    client.destroy();
  }
}
