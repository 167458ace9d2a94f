// Holds the rules of containers to passing and failing cases.
import { CONTAINER_RULES } from './container';
import { holdRules, resource } from './testing/cases';

const DIGEST = `@sha256:${'a'.repeat(64)}`;
const goodContainer = {
  name: 'service',
  image: `repo/service${DIGEST}`,
  user: '65532:65532',
  readonlyRootFilesystem: true,
  environment: [{ name: 'PORT', value: '8080' }],
  logConfiguration: { logDriver: 'awslogs' },
  healthCheck: { command: ['CMD', '/healthcheck'] },
};
const goodTask = {
  cpu: '512',
  memory: '1024',
  runtimePlatform: { operatingSystemFamily: 'LINUX' },
  taskRoleArn: 'arn:aws:iam::1:role/task',
  executionRoleArn: 'arn:aws:iam::1:role/exec',
};
const task = (inputs: object = {}, container: object = {}) =>
  resource('aws:ecs/taskDefinition:TaskDefinition', {
    ...goodTask,
    containerDefinitions: JSON.stringify([goodContainer, { ...goodContainer, ...container }]),
    ...inputs,
  });
const container = (changes: object) => task({}, { name: 'collector', ...changes });

const WITH_EXCLUSION = 'IMMUTABLE_WITH_EXCLUSION';
const repository = (scanOnPush: boolean, imageTagMutability: string, filter?: string) =>
  resource('aws:ecr/repository:Repository', {
    imageScanningConfiguration: { scanOnPush },
    imageTagMutability,
    ...(filter === undefined
      ? {}
      : { imageTagMutabilityExclusionFilters: [{ filter, filterType: 'WILDCARD' }] }),
  });

describe('CONTAINER_RULES', () => {
  holdRules(CONTAINER_RULES, {
    'container-confined': {
      passes: { 'both containers confined': [task()] },
      fails: {
        'a sidecar that may write': [
          [container({ readonlyRootFilesystem: false })],
          'container collector may write',
        ],
        'the user of the image': [[container({ user: undefined })], 'the user of its image'],
        'root by name': [[container({ user: 'root' })], 'runs as root'],
        'root by number': [[container({ user: '0:0' })], 'runs as 0:0'],
        privilege: [[container({ privileged: true })], 'is privileged'],
      },
    },
    'no-secret-in-environment': {
      passes: { 'a port': [task()], 'no environment': [container({ environment: undefined })] },
      fails: {
        'a secret by name': [
          [container({ environment: [{ name: 'ORIGIN_SECRET', value: 'x' }] })],
          'has ORIGIN_SECRET in its environment',
        ],
        'keys of AWS': [
          [container({ environment: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'x' }] })],
          'AWS_SECRET_ACCESS_KEY',
        ],
      },
    },
    'container-logs': {
      passes: { 'both log': [task()] },
      fails: {
        'a silent sidecar': [
          [container({ logConfiguration: undefined })],
          'collector logs nowhere',
        ],
      },
    },
    'image-by-digest': {
      passes: {
        'a digest': [task()],
        'a tag and a digest': [container({ image: `a:1${DIGEST}` })],
      },
      fails: { 'a tag': [[container({ image: 'a:latest' })], 'the image a:latest'] },
    },
    'health-check-without-shell': {
      passes: { 'a program': [task()], none: [container({ healthCheck: undefined })] },
      fails: {
        'a shell': [
          [container({ healthCheck: { command: ['CMD-SHELL', 'curl localhost'] } })],
          'asks a shell',
        ],
      },
    },
    'fargate-size': {
      passes: {
        'a pair that is offered': [task()],
        'the largest': [task({ cpu: '16384', memory: '122880' })],
      },
      fails: {
        'too little memory': [
          [task({ cpu: '1024', memory: '1024' })],
          'asks for 1024 MiB with 1024 CPU units. Fargate has 2048, 3072',
        ],
        'a number of CPU units that is not offered': [
          [task({ cpu: '300' })],
          'asks for 300 CPU units. Fargate has 256, 512',
        ],
        'an open platform': [[task({ runtimePlatform: undefined })], 'operatingSystemFamily'],
        'one role for both': [
          [task({ executionRoleArn: goodTask.taskRoleArn })],
          'no role of its own',
        ],
        'no role': [[task({ taskRoleArn: undefined })], 'no role of its own'],
      },
    },
    'repository-hardened': {
      passes: {
        'scanned and immutable': [repository(true, 'IMMUTABLE')],
        'builds that may be pushed again': [repository(true, WITH_EXCLUSION, 'build-*')],
      },
      fails: {
        'not scanned': [[repository(false, 'IMMUTABLE')], 'scans no image'],
        'moving tags': [[repository(true, 'MUTABLE')], 'lets tags move'],
        'tags that all move': [[repository(true, WITH_EXCLUSION, '*')], 'lets tags move'],
      },
    },
  });
});
