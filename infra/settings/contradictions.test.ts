// Tests of the guards over settings: each with a case that fails and one that passes.
import type { Values } from './settings';
import { contradictions, secretsOutOfReach } from './contradictions';
import { SETTINGS } from './settings';
import { OWN_IMAGE } from '../testing/stacks';

const DEFAULTS = {
  ...Object.fromEntries(Object.entries(SETTINGS).map(([key, { fallback }]) => [key, fallback])),
  region: 'eu-central-1',
} as Values;

type Case = [what: string, fails: Partial<Values>, message: RegExp, passes: Partial<Values>];

const CASES: Case[] = [
  [
    'minimum above maximum',
    { minTasks: 11 },
    /minTasks \(11\) is above maxTasks \(10\)/,
    { minTasks: 10 },
  ],
  [
    'a canary without tasks',
    { deployment: 'canary', compute: 'lambda' },
    /deployment is canary with compute "lambda"/,
    { deployment: 'canary' },
  ],
  [
    'load divided by the healthy tasks of one of two groups',
    { deployment: 'blue-green', scalingTaskCount: 'healthy' },
    /Use scalingTaskCount "desired"/,
    { deployment: 'rolling', scalingTaskCount: 'healthy' },
  ],
  [
    'memory that Fargate does not offer with the CPU',
    { cpu: 1024, memory: 1024 },
    /offers 2048 to 8192/,
    { cpu: 1024, memory: 2048 },
  ],
  [
    'memory between the steps',
    { cpu: 8192, memory: 18_432 },
    /in steps of 4096/,
    { cpu: 8192, memory: 20_480 },
  ],
  [
    'memory beside the smallest sizes',
    { cpu: 256, memory: 1536 },
    /512, 1024, 2048 MiB/,
    { cpu: 256, memory: 2048 },
  ],
  [
    'a CIDR that starts within a block',
    { vpcCidr: '10.0.0.1/16' },
    /not the start of a block/,
    { vpcCidr: '10.1.0.0/16' },
  ],
  [
    'a CIDR that is no address',
    { vpcCidr: '300.0.0.0/16' },
    /not the start of a block/,
    { vpcCidr: '172.16.0.0/20' },
  ],
  [
    'a CIDR too large for a VPC',
    { vpcCidr: '10.0.0.0/8' },
    /from \/16 to \/28/,
    { vpcCidr: '10.0.0.0/17' },
  ],
  [
    'a CIDR too small for three zones',
    { vpcCidr: '10.0.0.0/25' },
    /too small: a quarter .* Use a \/24 or larger/,
    { vpcCidr: '10.0.0.0/24' },
  ],
  [
    'an origin secret that the service does not take',
    { originSecret: 3, originSecretSent: 1 },
    /with originSecret 3 it takes 3 and 2/,
    { originSecret: 3, originSecretSent: 2 },
  ],
  [
    'a domain without a zone',
    { domain: 'api.example.com' },
    /without hostedZone/,
    { domain: 'api.example.com', hostedZone: 'example.com' },
  ],
  ['a zone without a domain', { hostedZone: 'example.com' }, /without domain/, {}],
  [
    'a domain outside the zone',
    { domain: 'api.example.org', hostedZone: 'example.com' },
    /is not in hostedZone/,
    { domain: 'example.com', hostedZone: 'example.com' },
  ],
  [
    'a replica at home',
    { replicaRegions: ['eu-central-1'] },
    /home region/,
    { replicaRegions: ['us-east-1'] },
  ],
  [
    'an allow-list that WAF refuses',
    { allowedCidrs: ['0.0.0.0/0'] },
    /from \/1 to \/32/,
    { allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'] },
  ],
  [
    'an image out of reach',
    { egress: 'endpoints', service: 'service', image: OWN_IMAGE },
    /cannot be pulled/,
    {
      egress: 'endpoints',
      service: 'service',
      image: OWN_IMAGE.replace('ghcr.io', '1.dkr.ecr.eu-central-1.amazonaws.com'),
    },
  ],
  [
    'an image on Lambda',
    { compute: 'lambda', image: OWN_IMAGE, workload: 'orders.yaml' },
    /Lambda's runtime API.*Use compute "fargate"/,
    { image: OWN_IMAGE, workload: 'orders.yaml' },
  ],
  [
    'an image of which nothing is known',
    { image: OWN_IMAGE },
    /name its workload file \(workload: orders\/workload.yaml\), or the folder .*\(service: service\)/,
    { image: OWN_IMAGE, service: 'service' },
  ],
  [
    'a workload file without what runs',
    { workload: 'orders.yaml' },
    /workload \(orders.yaml\) is set without image: name what runs/,
    { workload: 'orders.yaml', image: OWN_IMAGE },
  ],
  [
    'two declarations',
    { workload: 'orders.yaml', service: 'examples/notes', image: OWN_IMAGE },
    /workload \(orders.yaml\) and service \(examples\/notes\) are both set/,
    { service: 'examples/notes' },
  ],
  [
    'one task on a protected stack',
    { minTasks: 1 },
    /one zone may fail/,
    { minTasks: 1, protect: false },
  ],
  [
    'scaling by desired tasks without Container Insights',
    { containerInsights: 'disabled' },
    /reports with Container Insights only/,
    { containerInsights: 'disabled', scalingTaskCount: 'healthy' },
  ],
];

describe('contradictions', () => {
  it('finds none in the defaults', () => {
    expect(contradictions(DEFAULTS)).toEqual([]);
  });

  it.each(CASES)('refuses %s', (_, fails, message, passes) => {
    const problems = contradictions({ ...DEFAULTS, ...fails });
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(contradictions({ ...DEFAULTS, ...passes })).toEqual([]);
  });
});

describe('contradictions between settings that are wrong themselves', () => {
  const both = { ...DEFAULTS, minTasks: 11, domain: 'api.example.com' };

  it('are left out, and no others', () => {
    expect(contradictions(both)).toHaveLength(2);
    expect(contradictions(both, ['maxTasks'])).toEqual([
      expect.stringContaining('domain is set without hostedZone'),
    ]);
  });
});

describe('secretsOutOfReach', () => {
  const secrets = {
    HERE: 'arn:aws:ssm:eu-central-1:123456789012:parameter/here',
    THERE: 'arn:aws:ssm:us-east-1:123456789012:parameter/there',
  };

  it('finds those of another region where endpoints are the only way out', () => {
    const region = 'eu-central-1';
    expect(secretsOutOfReach({ egress: 'endpoints', region }, secrets)).toEqual([
      expect.stringMatching(/^secrets.THERE \(.*\) cannot be read with egress "endpoints"/),
    ]);
    expect(secretsOutOfReach({ egress: 'single', region }, secrets)).toEqual([]);
  });
});
