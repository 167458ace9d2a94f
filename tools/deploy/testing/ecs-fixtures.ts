// A service on ECS as it is after an update: well, or rolled back with reasons.
import type { Account } from './aws-account';

export const CLUSTER = 'gh-cluster-012c6dd';
export const SERVICE = 'gh-service-02d1583';

export function revision(number: number): string {
  return `arn:aws:ecs:eu-central-1:123456789012:task-definition/${CLUSTER}:${number}`;
}

const AT = Date.parse('2026-11-24T11:59:00Z') / 1000;

/** Puts a service into the account that runs `running`, two tasks of it. */
export function serviceRunning(
  account: Account,
  running: number,
  rolloutState = 'COMPLETED',
): void {
  account.services = [
    {
      cluster: CLUSTER,
      name: SERVICE,
      taskDefinition: revision(running),
      desiredCount: 2,
      runningCount: 2,
      pendingCount: 0,
      events: [{ createdAt: AT, message: `(service ${SERVICE}) has reached a steady state.` }],
      deployments: [
        {
          id: 'ecs-svc/1',
          status: 'PRIMARY',
          taskDefinition: revision(running),
          rolloutState,
          createdAt: AT,
          runningCount: 2,
          desiredCount: 2,
        },
      ],
    },
  ];
  account.taskDefinitions = [1, 2, 3].slice(0, Math.max(running, 2)).map((number) => ({
    arn: revision(number),
    status: number === running ? 'ACTIVE' : 'INACTIVE',
    family: CLUSTER,
    containerDefinitions: [
      {
        name: 'service',
        image: `images@sha256:${String(number).repeat(64)}`,
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': 'gh-service-logs', 'awslogs-stream-prefix': 'service' },
        },
      },
    ],
  }));
}

/** The service rolled back to revision 1, for a process that ended by itself. */
export function rolledBack(account: Account): void {
  serviceRunning(account, 1);
  const [service] = account.services;
  if (service === undefined) throw new Error('No service.');
  service.deployments[0] = {
    ...(service.deployments[0] as (typeof service.deployments)[number]),
    rolloutStateReason: 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.',
  };
  service.events.unshift({
    createdAt: AT + 30,
    message: `(service ${SERVICE}) (deployment ecs-svc/2) deployment failed: tasks failed to start.`,
  });
  account.tasks = [
    {
      arn: `arn:aws:ecs:eu-central-1:123456789012:task/${CLUSTER}/dead0001`,
      taskDefinition: revision(2),
      lastStatus: 'STOPPED',
      stoppedReason: 'Essential container in task exited',
      stoppedAt: AT + 20,
      containers: [{ name: 'service', exitCode: 1 }],
    },
  ];
  account.logGroups.push({
    region: 'eu-central-1',
    name: 'gh-service-logs',
    tags: {},
    events: [
      {
        timestamp: AT * 1000,
        message: 'Error: ORIGIN_SECRET is empty\n',
        logStreamName: 'service/service/dead0001',
      },
      { timestamp: AT * 1000, message: 'of another task', logStreamName: 'service/service/other' },
    ],
  });
}
