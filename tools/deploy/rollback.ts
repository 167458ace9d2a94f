// npm run rollback: back to the last revision that ran well, by ECS's own means.
import {
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type ServiceDeploymentStatus,
} from '@aws-sdk/client-ecs';
import { Region } from './aws';
import { confirm, DeployError, type Context } from './io';
import { checkRollout, describeService, ecsTarget, revisionOf, type EcsTarget } from './rollout';
import { deployedOutputs } from './update';
import type { Verb } from './verb';

export const rollback: Verb = {
  summary: 'Ends the deployment under way, or brings the last revision back that ran well.',
  help:
    'A deployment under way is stopped, and ECS itself rolls it back. Otherwise the revision before is\n' +
    'registered anew, for an update had made it inactive, and deployed. The program still asks for its own\n' +
    'revision: correct it and run "npm run up", or revert the commit, before the next change.',
  options: (command) => command.option('--yes', 'do not ask'),
  async run(context, { yes }) {
    const { io, stack } = context;
    const outputs = await deployedOutputs(context);
    const target = ecsTarget(outputs);
    if (target === undefined) {
      throw new DeployError(
        `"${stack}" does not run on ECS: check the commit out that ran well, and "npm run up -- ${stack}".`,
      );
    }
    const region = new Region(outputs.region);
    const service = await describeService(region, target);
    const [underWay] = await deployments(region, target, ['IN_PROGRESS', 'PENDING']);
    if (underWay !== undefined) {
      const question = `ECS is rolling out; this stops it, and ECS goes back by itself.`;
      await confirm(io, { question, word: stack, yes });
      await region.ecs().send(
        new StopServiceDeploymentCommand({
          serviceDeploymentArn: underWay.serviceDeploymentArn,
          stopType: 'ROLLBACK',
        }),
      );
      io.stdout(`Stopped. ECS rolls back; "npm run status -- ${stack}" shows when it is done.\n`);
      return 0;
    }
    const good = await lastGood(region, target, service.taskDefinition);
    const question = `${revisionOf(service.taskDefinition)} runs; this brings ${revisionOf(good)} back.`;
    await confirm(io, { question, word: stack, yes });
    return deployAgain(context, region, target, good);
  },
};

async function deployments(
  region: Region,
  { cluster, service }: EcsTarget,
  status: ServiceDeploymentStatus[],
) {
  const { serviceDeployments = [] } = await region
    .ecs()
    .send(new ListServiceDeploymentsCommand({ cluster, service, status }));
  return serviceDeployments.sort(
    (a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0),
  );
}

/** @throws DeployError when ECS remembers no other. */
async function lastGood(
  region: Region,
  target: EcsTarget,
  running: string | undefined,
): Promise<string> {
  const successes = await deployments(region, target, ['SUCCESSFUL']);
  for (const { targetServiceRevisionArn } of successes) {
    if (targetServiceRevisionArn === undefined) continue;
    const { serviceRevisions = [] } = await region
      .ecs()
      .send(
        new DescribeServiceRevisionsCommand({ serviceRevisionArns: [targetServiceRevisionArn] }),
      );
    const taskDefinition = serviceRevisions[0]?.taskDefinition;
    if (taskDefinition !== undefined && taskDefinition !== running) return taskDefinition;
  }
  throw new DeployError(
    'ECS remembers no other revision that ran well (it keeps 90 days): check the commit out that did, and deploy it.',
  );
}

async function deployAgain(
  { io, stack }: Context,
  region: Region,
  target: EcsTarget,
  good: string,
): Promise<number> {
  const { taskDefinition } = await region
    .ecs()
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: good }));
  if (taskDefinition === undefined)
    throw new DeployError(`ECS has no ${revisionOf(good)} any more.`);
  let arn = good;
  if (taskDefinition.status === 'INACTIVE') {
    const registered = await region.ecs().send(
      new RegisterTaskDefinitionCommand({
        family: taskDefinition.family,
        containerDefinitions: taskDefinition.containerDefinitions,
        taskRoleArn: taskDefinition.taskRoleArn,
        executionRoleArn: taskDefinition.executionRoleArn,
        networkMode: taskDefinition.networkMode,
        requiresCompatibilities: taskDefinition.requiresCompatibilities,
        cpu: taskDefinition.cpu,
        memory: taskDefinition.memory,
        runtimePlatform: taskDefinition.runtimePlatform,
        volumes: taskDefinition.volumes,
      }),
    );
    arn = registered.taskDefinition?.taskDefinitionArn ?? good;
  }
  await region.ecs().send(
    new UpdateServiceCommand({
      cluster: target.cluster,
      service: target.service,
      taskDefinition: arn,
    }),
  );
  const { ok, report } = await checkRollout(region, { ...target, taskDefinition: arn }, io);
  io.stdout(
    `${report}\nThe program still asks for ${revisionOf(target.taskDefinition)}. Correct it, or revert the commit, and run "npm run up -- ${stack}".\n`,
  );
  return ok ? 0 : 1;
}
