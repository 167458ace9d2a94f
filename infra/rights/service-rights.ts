// What the service is told and what it may do, alike in a container and in a function.
import * as pulumi from '@pulumi/pulumi';
import type { Context } from '../context';
import type { Data } from '../data/data';
import type { Statement } from './policy-documents';
import { serviceStatements } from './service-policy';

/** The service's environment, before it is written as text. */
export function serviceSettings({ config, stack }: Context, data: Data) {
  return {
    stack,
    region: config.region,
    port: config.containerPort,
    usersTable: data.usersTable.name,
    credentialsKeyArn: data.credentialsKey.arn,
    credentialKeys: config.credentialKeys,
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
    .all([data.usersTable.arn, data.tablesKey.arn, data.credentialsKey.arn])
    .apply(([usersTableArn, tablesKeyArn, credentialsKeyArn]) =>
      serviceStatements({
        usersTableArn,
        tablesKeyArn,
        credentialsKeyArn,
        credentialKeys: config.credentialKeys,
        region: config.region,
        accountId,
        stack,
      }),
    );
}
