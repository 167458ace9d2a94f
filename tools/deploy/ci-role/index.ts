// A small Pulumi program of its own: the roles of CI, made once by a person, before CI can deploy.
import * as pulumi from '@pulumi/pulumi';
import { CiRoles } from './ci-roles';

/** Reads the settings of `Pulumi.yaml`; answers the ARNs that the workflows want as variables. */
async function program(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config();
  const optional = (key: string): string | undefined => {
    const value = config.get(key);
    return value === '' ? undefined : value;
  };
  const stateBucket = optional('stateBucket');
  const oidcProviderArn = optional('oidcProviderArn');
  const roles = new CiRoles('gh-ci', {
    repository: config.require('repository'),
    stack: config.require('stack'),
    branch: config.get('branch') ?? 'main',
    ...(stateBucket === undefined ? {} : { stateBucket }),
    ...(oidcProviderArn === undefined ? {} : { oidcProviderArn }),
  });
  return Promise.resolve({
    AWS_CHANGE_ROLE: roles.changeRoleArn,
    AWS_DEPLOY_ROLE: roles.deployRoleArn,
  });
}

export = program;
