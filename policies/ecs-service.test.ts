// Holds the rules of ECS services to passing and failing cases.
import { ECS_SERVICE_RULES } from './ecs-service';
import { holdRules, resource } from './testing/cases';

const goodService = {
  networkConfiguration: { assignPublicIp: false },
  enableExecuteCommand: false,
  deploymentCircuitBreaker: { enable: true, rollback: true },
  alarms: { enable: true, rollback: true, alarmNames: ['deploy'] },
};
const service = (inputs: object = {}, ignoreChanges: string[] | undefined = ['desiredCount']) =>
  resource(
    'aws:ecs/service:Service',
    { ...goodService, ...inputs },
    { options: ignoreChanges === undefined ? {} : { ignoreChanges } },
  );
const SHIFT = {
  alternateTargetGroupArn: 'arn:b',
  productionListenerRule: 'arn:rule',
  roleArn: 'arn:role',
};
const canary = (shift: object = SHIFT) =>
  service({
    deploymentConfiguration: { strategy: 'CANARY' },
    deploymentCircuitBreaker: { enable: false, rollback: false },
    loadBalancers: [{ targetGroupArn: 'arn:a', advancedConfiguration: shift }],
  });
const rule = (groups: number, ignoreChanges?: string[]) =>
  resource(
    'aws:lb/listenerRule:ListenerRule',
    { actions: [{ forward: { targetGroups: Array.from({ length: groups }, () => ({})) } }] },
    { options: ignoreChanges === undefined ? {} : { ignoreChanges } },
  );
const cluster = (settings?: object[]) => resource('aws:ecs/cluster:Cluster', { settings });
const scaling = (minCapacity: number, maxCapacity: number) =>
  resource('aws:appautoscaling/target:Target', { minCapacity, maxCapacity });

describe('ECS_SERVICE_RULES', () => {
  holdRules(ECS_SERVICE_RULES, {
    'service-private': {
      passes: { 'a private service': [service()] },
      fails: {
        'public addresses': [
          [service({ networkConfiguration: { assignPublicIp: true } })],
          'public addresses',
        ],
        'a choice left to AWS': [[service({ networkConfiguration: {} })], 'public addresses'],
        'commands from outside': [[service({ enableExecuteCommand: true })], 'run commands'],
      },
    },
    'deployment-rolls-back': {
      passes: {
        'a service that turns back': [service()],
        'one whose options are not known': [service({}, undefined)],
        'a canary, which has no breaker': [canary()],
      },
      fails: {
        'no breaker': [[service({ deploymentCircuitBreaker: undefined })], 'failed deployment'],
        'no alarms': [
          [service({ alarms: { enable: true, rollback: true, alarmNames: [] } })],
          'heeds no alarm',
        ],
        'a number that is reset': [[service({}, [])], 'desiredCount'],
        'a canary without a load balancer': [
          [service({ deploymentConfiguration: { strategy: 'CANARY' } })],
          'nothing to shift requests by',
        ],
        'one group for both revisions': [
          [canary({ ...SHIFT, alternateTargetGroupArn: 'arn:a' })],
          'another target group',
        ],
        'no role for ECS': [[canary({ ...SHIFT, roleArn: undefined })], 'a role'],
      },
    },
    'weights-left-to-ecs': {
      passes: {
        'a rule that is left alone': [rule(2, ['actions'])],
        'a rule to one group': [rule(1, [])],
        'one whose options are not known': [rule(2)],
      },
      fails: {
        'weights that an update writes back': [[rule(2, [])], 'Add "actions"'],
        'a path with wildcards': [
          [rule(2, ['actions[*].forward.targetGroups[*].weight'])],
          'wildcards are not followed',
        ],
      },
    },
    'container-insights': {
      passes: {
        standard: [cluster([{ name: 'containerInsights', value: 'enabled' }])],
        enhanced: [cluster([{ name: 'containerInsights', value: 'enhanced' }])],
      },
      fails: {
        none: [[cluster()], 'no Container Insights'],
        disabled: [
          [cluster([{ name: 'containerInsights', value: 'disabled' }])],
          'no Container Insights',
        ],
      },
    },
    'scaling-bounds': {
      passes: { 'room to scale': [scaling(2, 10)], 'a fixed number': [scaling(2, 2)] },
      fails: {
        'a minimum above the maximum': [[scaling(5, 2)], 'scales from 5 to 2'],
        'no task at all': [[scaling(0, 2)], 'scales from 0 to 2'],
      },
    },
  });
});
