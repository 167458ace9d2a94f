// ECS in the account of a test: services, tasks, revisions, deployments.
import type { Account, EcsService, TaskDefinition } from './aws-account';
import { Fault, type Call } from './aws-protocols';

type Fields = Record<string, unknown>;

function service({ services }: Account, name: unknown): EcsService {
  const found = services.find((one) => one.name === name);
  if (found === undefined) throw new Fault('ServiceNotFoundException', 'Service not found.');
  return found;
}

function definition({ taskDefinitions }: Account, arn: unknown): TaskDefinition {
  const found = taskDefinitions.find((one) => one.arn === arn);
  if (found === undefined)
    throw new Fault('ClientException', 'Unable to describe task definition.');
  return found;
}

export const ECS_OPERATIONS: Record<string, (account: Account, call: Call) => Fields> = {
  'ecs.DescribeServices': ({ services }, { input }) => {
    const found = services.filter(
      ({ cluster, name }) =>
        cluster === input.cluster && (input.services as string[]).includes(name),
    );
    return {
      services: found.map(({ name, cluster, ...rest }) => ({
        ...rest,
        serviceName: name,
        clusterArn: cluster,
        status: 'ACTIVE',
      })),
      failures: [],
    };
  },
  'ecs.DescribeClusters': () => ({ clusters: [{ status: 'INACTIVE' }] }),
  'ecs.ListTasks': ({ tasks }, { input }) => ({
    taskArns: tasks
      .filter(({ lastStatus }) => lastStatus === (input.desiredStatus ?? 'RUNNING'))
      .map(({ arn }) => arn),
  }),
  'ecs.DescribeTasks': ({ tasks }, { input }) => ({
    tasks: tasks
      .filter(({ arn }) => (input.tasks as string[]).includes(arn))
      .map(({ arn, taskDefinition, ...rest }) => ({
        ...rest,
        taskArn: arn,
        taskDefinitionArn: taskDefinition,
      })),
  }),
  'ecs.DescribeTaskDefinition': (account, { input }) => {
    const { arn, ...rest } = definition(account, input.taskDefinition);
    return { taskDefinition: { ...rest, taskDefinitionArn: arn } };
  },
  'ecs.RegisterTaskDefinition': (account, { input }) => {
    const family = input.family as string;
    const revision = 1 + account.taskDefinitions.filter((one) => one.family === family).length;
    const arn = `arn:aws:ecs:eu-central-1:${account.id}:task-definition/${family}:${revision}`;
    account.taskDefinitions.push({
      arn,
      status: 'ACTIVE',
      family,
      containerDefinitions: input.containerDefinitions as Fields[],
    });
    return { taskDefinition: { taskDefinitionArn: arn } };
  },
  'ecs.UpdateService': (account, { input }) => {
    const one = service(account, input.service);
    if (definition(account, input.taskDefinition).status !== 'ACTIVE') {
      throw new Fault('ClientException', 'TaskDefinition is inactive');
    }
    one.taskDefinition = input.taskDefinition as string;
    const [primary] = one.deployments;
    if (primary !== undefined) {
      one.deployments = [
        { ...primary, taskDefinition: one.taskDefinition, rolloutState: 'COMPLETED' },
      ];
    }
    return {};
  },
  'ecs.ListServiceDeployments': ({ serviceDeployments }, { input }) => ({
    serviceDeployments: serviceDeployments
      .filter(({ status }) => (input.status as string[]).includes(status))
      .map(({ arn, status, revision, createdAt }) => ({
        serviceDeploymentArn: arn,
        status,
        targetServiceRevisionArn: revision,
        createdAt,
      })),
  }),
  'ecs.DescribeServiceDeployments': ({ serviceDeployments }, { input }) => ({
    serviceDeployments: serviceDeployments
      .filter(({ arn }) => (input.serviceDeploymentArns as string[]).includes(arn))
      .map(({ arn, status, revision, lifecycleStage, weight }) => ({
        ...{ serviceDeploymentArn: arn, status, lifecycleStage },
        targetServiceRevision: { arn: revision, requestedProductionTrafficWeight: weight },
      })),
  }),
  'ecs.DescribeServiceRevisions': ({ serviceDeployments }, { input }) => ({
    serviceRevisions: serviceDeployments
      .filter(({ revision }) => (input.serviceRevisionArns as string[]).includes(revision))
      .map(({ revision, taskDefinition }) => ({ serviceRevisionArn: revision, taskDefinition })),
  }),
  'ecs.StopServiceDeployment': ({ serviceDeployments }, { input }) => {
    for (const one of serviceDeployments) {
      if (one.arn === input.serviceDeploymentArn) one.status = 'ROLLBACK_SUCCESSFUL';
    }
    return { serviceDeploymentArn: input.serviceDeploymentArn };
  },
};
