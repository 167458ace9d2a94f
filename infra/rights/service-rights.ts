// What the service is told and what it may do, alike in a container and in a function.
import * as pulumi from '@pulumi/pulumi';
import type { Context } from '../context';
import type { Data } from '../data/data';
import type { Statement } from '../../contracts/workload';

/** The service's environment, before it is written as text. */
export function serviceSettings({ config, stack }: Context, data: Data) {
  return {
    stack,
    region: config.region,
    port: config.workload.port,
    usersTable: data.tables.users!.name,
    credentialsKeyArn: data.keys.credentials!.arn,
    credentialKeys: config.workload.environment.CREDENTIAL_KEYS ?? 'shared',
    logLevel: config.logLevel,
    bodyLimitBytes: config.bodyLimitBytes,
    requestTimeoutSeconds: config.requestTimeoutSeconds,
    traceSampling: config.traceSampling,
  };
}

/** The service's rights on its table and keys. */
export function serviceRights(context: Context, data: Data): pulumi.Output<Statement[]> {
  const { config, stack, accountId } = context;
  return pulumi
    .all([data.tables.users!.arn, data.tablesKey.arn, data.keys.credentials!.arn])
    .apply(([users, tablesKeyArn, credentials]) => [
      ...config.workload.rights({
        tables: { users },
        keys: { credentials },
        environment: config.workload.environment,
        region: config.region,
        accountId,
        stack,
      }),
      {
        Sid: 'TableAtRest',
        Effect: 'Allow' as const,
        Action: 'kms:Decrypt',
        Resource: tablesKeyArn,
        Condition: {
          StringEquals: { 'kms:ViaService': `dynamodb.${config.region}.amazonaws.com` },
        },
      },
    ]);
}
