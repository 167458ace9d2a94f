// What runs first in the function: reads its secrets, then loads the service.

/** Environment of the function besides the process's own. */
export const FUNCTION_ENV = {
  /** ARNs of the secrets to read, by variable, as JSON. */
  secretArns: 'SECRET_ARNS',
} as const;

/**
 * Text of `index.mjs`. A function has no way to get a secret injected but in plain environment, so
 * it reads each once, while Lambda initialises it; `@aws-sdk/*` comes with Lambda's runtime. When a
 * secret cannot be read, the function does not start: it fails closed.
 */
export function functionBootCode(): string {
  return `// Reads the secrets, then loads the service.
import { createRequire } from 'node:module';

const READERS = {
  // As ECS reads a reference: the ARN, and after it a JSON key, a stage and a version, if any.
  async secretsmanager(arn, [key, stage, version]) {
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    const { SecretString } = await new SecretsManagerClient({ region: arn.split(':')[3] }).send(
      new GetSecretValueCommand({
        SecretId: arn,
        ...(stage ? { VersionStage: stage } : {}),
        ...(version ? { VersionId: version } : {}),
      }),
    );
    return key ? JSON.parse(SecretString)[key] : SecretString;
  },
  async ssm(arn) {
    const { GetParametersCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    const { Parameters } = await new SSMClient({ region: arn.split(':')[3] }).send(
      new GetParametersCommand({ Names: [arn], WithDecryption: true }),
    );
    return Parameters?.[0]?.Value;
  },
};

await Promise.all(
  Object.entries(JSON.parse(process.env.${FUNCTION_ENV.secretArns})).map(async ([name, reference]) => {
    const parts = reference.split(':');
    const value = await READERS[parts[2]](parts.slice(0, 7).join(':'), parts.slice(7));
    if (!value) throw new Error(\`The secret of \${name} is empty or missing.\`);
    process.env[name] = value;
  }),
);

export const { handler } = createRequire(import.meta.url)('./lambda.js');
`;
}
