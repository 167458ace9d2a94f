// What runs first in the function: reads the origin secret, then loads the service.
import { SERVICE_ENV } from '../../contracts/env';

/** Environment of the function besides the service's own. */
export const FUNCTION_ENV = {
  /** ARN of the secret that holds the origin secret. */
  originSecretArn: 'ORIGIN_SECRET_ARN',
} as const;

/**
 * Text of `index.mjs`. A function has no way to get a secret injected but in plain environment, so
 * it reads it once, while Lambda initialises it; `@aws-sdk/*` comes with Lambda's runtime. When the
 * secret cannot be read, the function does not start: it fails closed.
 */
export function functionBootCode(): string {
  return `// Reads the origin secret, then loads the service.
import { createRequire } from 'node:module';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const client = new SecretsManagerClient({});
const { SecretString } = await client.send(
  new GetSecretValueCommand({ SecretId: process.env.${FUNCTION_ENV.originSecretArn} }),
);
if (!SecretString) throw new Error('The origin secret is empty.');
process.env.${SERVICE_ENV.originSecret} = SecretString;

export const { handler } = createRequire(import.meta.url)('./lambda.js');
`;
}
