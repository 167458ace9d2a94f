// Issues the key that the start of the local platform prints, as an operator would.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { keyEnvironment } from '../../contracts/api-key';
import { SCOPES } from '../../contracts/scopes';
import { issueKey } from '../keys/store';

export interface DemoKeyOptions {
  endpoint: string;
  region: string;
  /** The keys table's physical name. */
  table: string;
  stack: string;
}

/** Makes a key with every scope that lives for a day; answers its text. */
export async function issueDemoKey(options: DemoKeyOptions): Promise<string> {
  const client = new DynamoDBClient({
    endpoint: options.endpoint,
    region: options.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    const { key } = await issueKey(
      { client, table: options.table },
      {
        environment: keyEnvironment(options.stack),
        owner: 'demo@localhost',
        name: 'printed at the start of the local platform',
        scopes: [...SCOPES],
        expiresInSeconds: 86_400,
      },
      { who: 'npm run local', from: 'local platform' },
    );
    return key;
  } finally {
    client.destroy();
  }
}
