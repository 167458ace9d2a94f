// Holds the rules of the network to a case that passes and cases that fail.
import { NETWORK_RULES } from './network';
import { holdRules, resource } from './testing/cases';

const ingress = (inputs: object) =>
  resource('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', { ...inputs });
const egress = (inputs: object) =>
  resource('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', { ...inputs });
const legacy = (inputs: object) =>
  resource('aws:ec2/securityGroupRule:SecurityGroupRule', { ...inputs });
const group = (inputs: object) => resource('aws:ec2/securityGroup:SecurityGroup', { ...inputs });
const listener = (inputs: object) => resource('aws:lb/listener:Listener', { ...inputs });

const goodBalancer = {
  internal: true,
  dropInvalidHeaderFields: true,
  desyncMitigationMode: 'strictest',
  accessLogs: { enabled: true },
};
const balancer = (inputs: object = {}) =>
  resource('aws:lb/loadBalancer:LoadBalancer', { ...goodBalancer, ...inputs });

const vpc = resource('awsx:ec2:Vpc');
const subnet = (mapPublicIpOnLaunch?: boolean) =>
  resource('aws:ec2/subnet:Subnet', { mapPublicIpOnLaunch });
const closed = (inputs: object) =>
  resource('aws:ec2/defaultSecurityGroup:DefaultSecurityGroup', { ...inputs });
const flowLog = (trafficType: string) => resource('aws:ec2/flowLog:FlowLog', { trafficType });

describe('NETWORK_RULES', () => {
  holdRules(NETWORK_RULES, {
    'no-ingress-from-anywhere': {
      passes: {
        'a rule that names a security group': [ingress({ referencedSecurityGroupId: 'sg-1' })],
        'a group without rules of its own': [group({})],
        'a group that admits a private block': [
          group({ ingress: [{ cidrBlocks: ['10.0.0.0/8'] }] }),
        ],
        'a legacy rule of egress': [legacy({ type: 'egress', cidrBlocks: ['0.0.0.0/0'] })],
      },
      fails: {
        'a rule open to IPv4': [[ingress({ cidrIpv4: '0.0.0.0/0' })], 'from anywhere'],
        'a rule open to IPv6': [[ingress({ cidrIpv6: '::/0' })], 'from anywhere'],
        'a group with an open rule': [
          [group({ ingress: [{ cidrBlocks: ['10.0.0.0/8'] }, { ipv6CidrBlocks: ['::/0'] }] })],
          'from anywhere',
        ],
        'a legacy rule of ingress': [
          [legacy({ type: 'ingress', cidrBlocks: ['0.0.0.0/0'] })],
          'from anywhere',
        ],
      },
    },
    'no-open-egress': {
      passes: {
        'HTTPS to anywhere': [egress({ cidrIpv4: '0.0.0.0/0', ipProtocol: 'tcp' })],
        'everything to one group': [
          egress({ referencedSecurityGroupId: 'sg-1', ipProtocol: '-1' }),
        ],
        'a legacy rule of ingress': [
          legacy({ type: 'ingress', cidrBlocks: ['0.0.0.0/0'], protocol: '-1' }),
        ],
      },
      fails: {
        'everything to anywhere': [
          [egress({ cidrIpv4: '0.0.0.0/0', ipProtocol: '-1' })],
          'sends every protocol',
        ],
        'a group that sends everything': [
          [group({ egress: [{ cidrBlocks: ['0.0.0.0/0'], protocol: '-1' }] })],
          'sends every protocol',
        ],
        'a legacy rule that sends everything': [
          [legacy({ type: 'egress', cidrBlocks: ['0.0.0.0/0'], protocol: -1 })],
          'sends every protocol',
        ],
      },
    },
    'security-rules-described': {
      passes: { 'a rule with a sentence': [ingress({ description: 'From CloudFront.' })] },
      fails: {
        'a rule without one': [[ingress({})], 'no description'],
        'a group with an empty one': [[group({ description: '' })], 'no description'],
      },
    },
    'load-balancer-internal': {
      passes: { 'an internal one': [balancer()] },
      fails: {
        'a public one': [[balancer({ internal: false })], 'reachable from the internet'],
        'one that leaves it open': [
          [balancer({ internal: undefined })],
          'reachable from the internet',
        ],
      },
    },
    'load-balancer-hardened': {
      passes: { 'one with all of it': [balancer()] },
      fails: {
        'invalid headers': [
          [balancer({ dropInvalidHeaderFields: false })],
          'dropInvalidHeaderFields',
        ],
        'ambiguous requests': [[balancer({ desyncMitigationMode: 'defensive' })], 'strictest'],
        'no access logs': [[balancer({ accessLogs: undefined })], 'access logs'],
      },
    },
    'listener-tls-policy': {
      passes: {
        'HTTP inside the VPC': [listener({ protocol: 'HTTP' })],
        'TLS 1.2 and 1.3': [
          listener({ protocol: 'HTTPS', sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' }),
        ],
      },
      fails: {
        'the default policy': [
          [listener({ protocol: 'HTTPS', sslPolicy: 'ELBSecurityPolicy-2016-08' })],
          'ELBSecurityPolicy-2016-08',
        ],
        'no policy': [[listener({ protocol: 'HTTPS' })], 'TLS policy'],
      },
    },
    'default-security-group-closed': {
      passes: {
        'a closed one': [vpc, closed({ ingress: [], egress: [] })],
        'a closed one of the VPC that awsx made': [
          vpc,
          resource('aws:ec2/vpc:Vpc', { id: 'vpc-1' }),
          closed({ vpcId: 'vpc-1', ingress: [], egress: [] }),
        ],
        'no VPC at all': [balancer()],
      },
      fails: {
        'none declared': [[vpc], 'default security group is open'],
        'one that still sends': [
          [vpc, closed({ ingress: [], egress: [{ cidrBlocks: ['0.0.0.0/0'] }] })],
          'default security group is open',
        ],
      },
    },
    'vpc-flow-logs': {
      passes: { 'all traffic logged': [vpc, flowLog('ALL')] },
      fails: {
        'none logged': [[vpc], 'logs no traffic'],
        'refused traffic alone': [[vpc, flowLog('REJECT')], 'logs no traffic'],
      },
    },
    'subnet-no-public-address': {
      passes: { 'a subnet without': [subnet(false)], 'AWS’s default': [subnet(undefined)] },
      fails: { 'a subnet that hands them out': [[subnet(true)], 'a public address'] },
    },
  });
});
