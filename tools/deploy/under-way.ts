// What an update must know of ECS before it begins: a deployment under way, another revision than was asked for, shifted weights.
import {
  DescribeServiceDeploymentsCommand,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
import { Region } from './aws';
import type { StateResource } from './engine';
import type { Step } from './engine-events';
import { located } from './inventory';
import { DeployError, type Context } from './io';
import { describeService, ecsTarget, primaryOf, revisionOf, type EcsTarget } from './rollout';

const LISTENER_RULE = 'aws:lb/listenerRule:ListenerRule';
const TASK_DEFINITION = 'aws:ecs/taskDefinition:TaskDefinition';

/**
 * Refuses while ECS still works on a deployment: it owns tasks and listener weights then, and an
 * update would write them back (terraform-aws-alb#409).
 */
export async function refuseDuringDeployment(context: Context): Promise<void> {
  const running = await runningService(context);
  if (running === undefined) return;
  const { region, target, service } = running;
  const primary = primaryOf(service);
  const [underWay] = await unfinished(region, target);
  if (underWay === undefined && primary?.rolloutState !== 'IN_PROGRESS') return;
  const isGoingBack = underWay?.status?.startsWith('ROLLBACK') === true;
  const revision = revisionOf(primary?.taskDefinition);
  const progress = describe(underWay);
  throw new DeployError(
    `ECS is still rolling ${isGoingBack ? 'back to the revision before' : `${revision} out`}${progress === '' ? '' : ` (${progress})`}, ` +
      'and owns the traffic until then. ' +
      `Wait for it ("npm run status -- ${context.stack}")` +
      (isGoingBack ? '.' : `, or end it: "npm run rollback -- ${context.stack}".`),
  );
}

/** Where a deployment under way is, in words, as far as ECS says so; empty when none is. */
export async function progressOf(region: Region, target: EcsTarget): Promise<string> {
  return describe((await unfinished(region, target))[0]);
}

/** `stage BAKE_TIME, 100 % of the requests reach it`. */
function describe(deployment: ServiceDeployment | undefined): string {
  const stage = deployment?.lifecycleStage;
  const weight = deployment?.targetServiceRevision?.requestedProductionTrafficWeight;
  const parts = [
    ...(stage === undefined ? [] : [`stage ${stage}`]),
    ...(weight === undefined ? [] : [`${weight} % of the requests reach it`]),
  ];
  return parts.join(', ');
}

async function unfinished(
  region: Region,
  { cluster, service }: EcsTarget,
): Promise<ServiceDeployment[]> {
  const { serviceDeployments = [] } = await region.ecs().send(
    new ListServiceDeploymentsCommand({
      cluster,
      service,
      status: [
        'PENDING',
        'IN_PROGRESS',
        'STOP_REQUESTED',
        'ROLLBACK_REQUESTED',
        'ROLLBACK_IN_PROGRESS',
      ],
    }),
  );
  const serviceDeploymentArns = serviceDeployments.flatMap(
    ({ serviceDeploymentArn }) => serviceDeploymentArn ?? [],
  );
  if (serviceDeploymentArns.length === 0) return [];
  const found = await region
    .ecs()
    .send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
  return found.serviceDeployments ?? [];
}

/** The service of a stack that was deployed on ECS, where it can be seen. */
async function runningService({
  engine,
}: Context): Promise<{ region: Region; target: EcsTarget; service: Service } | undefined> {
  const outputs = await engine.outputs();
  const target = ecsTarget(outputs);
  if (target === undefined || typeof outputs.region !== 'string') return undefined;
  const region = new Region(outputs.region);
  const service = await describeService(region, target).catch(() => undefined);
  return service === undefined ? undefined : { region, target, service };
}

/**
 * Says what a preview can't: it compares with what was asked for last, and after a roll-back
 * something else runs.
 */
export async function tellOtherRevision(context: Context, steps: readonly Step[]): Promise<void> {
  const running = await runningService(context);
  if (running === undefined) return;
  const { target, service } = running;
  if (service.taskDefinition === target.taskDefinition) return;
  const { io, stack } = context;
  const makesNew = steps.some(({ type }) => type === TASK_DEFINITION);
  io.stderr(
    `ECS runs ${revisionOf(service.taskDefinition)}, and not ${revisionOf(target.taskDefinition)}, which the last update asked for: ` +
      'it was rolled back.\n' +
      (makesNew
        ? 'This update deploys a new revision in place of both.\n'
        : 'This update makes no new revision, so the service stays as it is. Correct the program, or, to deploy ' +
          `the same again: "npx pulumi refresh --stack ${stack}", then "npm run up -- ${stack}".\n`),
  );
}

/**
 * Refuses to give up the rule that ECS shifts while the second target group has the requests: the
 * first one is empty then, and would get them all.
 */
export async function refuseToStrand(
  { engine, stack }: Context,
  steps: readonly Pick<Step, 'op' | 'type'>[],
): Promise<void> {
  if (!steps.some(({ op, type }) => op === 'delete' && type === LISTENER_RULE)) return;
  const [state, outputs] = await Promise.all([engine.state(), engine.outputs()]);
  for (const { region, id } of located(state, LISTENER_RULE, String(outputs.region))) {
    const answer = await new Region(region).query('elasticloadbalancing', {
      Action: 'DescribeRules',
      Version: '2015-12-01',
      'RuleArns.member.1': id,
    });
    const [first = 0, second = 0] = weightsOf(answer, state.resources);
    if (second <= first) continue;
    throw new DeployError(
      'This update gives up the rule by which ECS shifts requests, while they go to the second of the two ' +
        'target groups, and it would send them to the first, which has no tasks. Deploy once more as it is ' +
        `(any new revision, "npm run up -- ${stack}"): the groups take turns. Then change gatehouse:deployment.`,
    );
  }
}

/** Weights of the target groups of a stack, in the order in which the program makes them. */
function weightsOf(xml: string, resources: readonly StateResource[]): number[] {
  const tag = (text: string, name: string) => new RegExp(`<${name}>([^<]+)<`).exec(text)?.[1];
  const weights = new Map(
    [...xml.matchAll(/<member>((?:(?!<\/?member>)[^])*)<\/member>/g)].map(([, member = '']) => [
      tag(member, 'TargetGroupArn'),
      Number(tag(member, 'Weight')),
    ]),
  );
  return resources
    .filter(({ type }) => type === 'aws:lb/targetGroup:TargetGroup')
    .sort((a, b) => (a.urn < b.urn ? -1 : 1))
    .map(({ outputs }) => weights.get(String(outputs?.arn)) ?? 0);
}
