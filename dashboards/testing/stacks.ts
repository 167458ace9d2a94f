// Stacks to draw and to be alarmed by in tests.
import type { Objectives, StackReferences } from '../references';

/** The default objectives. */
export const OBJECTIVES: Objectives = {
  availabilityPercent: 99.5,
  latencyPercent: 95,
  latencyMs: 20,
};
/** A stack on Fargate, with a replica of the keys table. */
export const FARGATE_STACK: StackReferences = {
  stack: 'dev',
  region: 'eu-central-1',
  edgeRegions: ['eu-central-1'],
  replicaRegions: ['us-west-2'],
  distributionId: 'E1',
  edgeFunctionName: 'gh-edge-fn',
  webAclMetricName: 'gh-1',
  webAclRules: ['rate-by-ip'],
  tables: { orders: 'gh-orders' },
  keysTable: 'gh-keys',
  keys: { seals: 'arn:aws:kms:eu-central-1:1:key/1' },
  functions: { keeper: 'gh-keeper-helper-1' },
  serviceLogGroup: 'gh-service-logs',
  traceSampling: 0.05,
  keyCheck: 'gh-key-check',
  keyCounter: 'service',
  perKeyMetrics: true,
  dashboardUrls: {
    overview: 'https://console.example/overview',
    service: 'https://console.example/service',
    edge: 'https://console.example/edge',
    scaling: 'https://console.example/scaling',
  },
  compute: {
    kind: 'fargate',
    hasContainerInsights: true,
    responseStatistic: 'Average',
    requestsPerTaskPerMinute: 3000,
    loadBalancer: 'app/gh/1',
    targetGroup: 'targetgroup/gh/1',
    cluster: 'gh',
    service: 'gh',
    minTasks: 2,
    maxTasks: 10,
    cpu: 512,
    memory: 1024,
  },
};
/** The same on Lambda. */
export const LAMBDA_STACK: StackReferences = {
  ...FARGATE_STACK,
  compute: {
    kind: 'lambda',
    functionName: 'gh-fn',
    apiId: 'abc',
    memory: 1024,
    reservedConcurrency: 50,
  },
};
