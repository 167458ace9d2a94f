// Plausible outputs for recorded resources: what AWS would fill in, derived from the inputs alone.
import { hex, RECORDED_ACCOUNT, uuid } from './digests';

/** A resource at the moment of its registration. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Record<string, unknown>;
  /** Region of the stack; a resource's own `region` goes before. */
  readonly region: string;
  readonly stack: string;
  /** Id of what exists and is taken over. */
  readonly importId?: string;
}

interface Context extends Registration {
  /** Physical name: the one asked for, or Pulumi's automatic one. */
  readonly physical: string;
  /** Seven hexadecimal digits that belong to the URN: stable between runs. */
  readonly suffix: string;
}

type Fill = (context: Context) => Record<string, unknown>;

/** State of a resource after creation: its inputs and what the provider adds, `id` included. */
export function plausibleOutputs(registration: Registration): Record<string, unknown> {
  const suffix = hex(registration.urn, 7);
  const region = stringOr(registration.inputs.region, registration.region);
  const asked = registration.inputs.name ?? registration.inputs.bucket;
  const physical = stringOr(asked, `${registration.name}-${suffix}`);
  const context: Context = { ...registration, region, physical, suffix };
  const fill = FILLS[registration.type];
  const isAws = registration.type.startsWith('aws:');
  const common = isAws
    ? { id: physical, arn: arnOf(context), name: physical, region, tagsAll: {} }
    : { id: `${registration.name}-${suffix}` };
  return { ...common, ...registration.inputs, ...fill?.(context) };
}

const FILLS: Record<string, Fill | undefined> = {
  'pulumi:pulumi:Stack': () => ({}),
  'aws:ec2/vpc:Vpc': ({ urn }) => ({ id: `vpc-${hex(urn, 17)}` }),
  'aws:ec2/subnet:Subnet': ({ urn }) => ({ id: `subnet-${hex(urn, 17)}` }),
  'aws:ec2/internetGateway:InternetGateway': ({ urn }) => ({ id: `igw-${hex(urn, 17)}` }),
  'aws:ec2/natGateway:NatGateway': ({ urn }) => ({ id: `nat-${hex(urn, 17)}` }),
  'aws:ec2/eip:Eip': ({ urn }) => {
    const id = `eipalloc-${hex(urn, 17)}`;
    return { id, allocationId: id };
  },
  'aws:ec2/routeTable:RouteTable': ({ urn }) => ({ id: `rtb-${hex(urn, 17)}` }),
  'aws:dynamodb/table:Table': ({ physical }) => ({ id: physical }),
  'aws:ec2/securityGroup:SecurityGroup': ({ urn }) => ({ id: `sg-${hex(urn, 17)}` }),
  'aws:ec2/vpcEndpoint:VpcEndpoint': ({ urn }) => ({
    id: `vpce-${hex(urn, 17)}`,
    prefixListId: `pl-${hex(urn, 8)}`,
  }),
  'aws:kms/key:Key': key,
  'aws:lb/loadBalancer:LoadBalancer': (context) => {
    const arnSuffix = `app/${context.physical}/${hex(context.urn, 16)}`;
    const arn = `arn:aws:elasticloadbalancing:${context.region}:${RECORDED_ACCOUNT}:loadbalancer/${arnSuffix}`;
    return {
      id: arn,
      arn,
      arnSuffix,
      dnsName: `internal-${context.physical}-${hex(context.urn, 9)}.${context.region}.elb.amazonaws.com`,
      zoneId: 'Z215JYRZR1TBD5',
    };
  },
  'aws:lb/targetGroup:TargetGroup': (context) => {
    const arnSuffix = `targetgroup/${context.physical}/${hex(context.urn, 16)}`;
    const arn = `arn:aws:elasticloadbalancing:${context.region}:${RECORDED_ACCOUNT}:${arnSuffix}`;
    return { id: arn, arn, arnSuffix };
  },
  'aws:lb/listener:Listener': (context) => {
    const arn = `arn:aws:elasticloadbalancing:${context.region}:${RECORDED_ACCOUNT}:listener/app/${context.name}/${hex(context.urn, 16)}/${hex(`${context.urn}l`, 16)}`;
    return { id: arn, arn };
  },
  'aws:lb/listenerRule:ListenerRule': (context) => {
    const listener = stringOr(context.inputs.listenerArn, context.physical);
    const arn = `${listener.replace(':listener/', ':listener-rule/')}/${hex(context.urn, 16)}`;
    return { id: arn, arn };
  },
  'aws:ecs/cluster:Cluster': (context) => ({ id: arnOf(context) }),
  'aws:ecs/service:Service': (context) => ({ id: arnOf(context) }),
  'aws:ecs/taskDefinition:TaskDefinition': (context) => {
    const family = stringOr(context.inputs.family, context.physical);
    const base = `arn:aws:ecs:${context.region}:${RECORDED_ACCOUNT}:task-definition/${family}`;
    return { id: family, family, arn: `${base}:1`, arnWithoutRevision: base, revision: 1 };
  },
  'aws:ecr/repository:Repository': (context) => ({
    repositoryUrl: `${RECORDED_ACCOUNT}.dkr.ecr.${context.region}.amazonaws.com/${context.physical}`,
    registryId: RECORDED_ACCOUNT,
  }),
  'docker-build:index:Image': (context) => {
    const digest = `sha256:${hex(context.urn, 64)}`;
    const tag = Array.isArray(context.inputs.tags) ? String(context.inputs.tags[0]) : 'image';
    return { digest, ref: `${tag}@${digest}`, contextHash: hex(context.urn, 64) };
  },
  'aws:lambda/function:Function': (context) => ({
    qualifiedArn: `${arnOf(context)}:1`,
    invokeArn: `arn:aws:apigateway:${context.region}:lambda:path/2015-03-31/functions/${arnOf(context)}/invocations`,
    version: '1',
  }),
  'aws:apigatewayv2/api:Api': (context) => ({
    id: hex(context.urn, 10),
    apiEndpoint: `https://${hex(context.urn, 10)}.execute-api.${context.region}.amazonaws.com`,
    executionArn: `arn:aws:execute-api:${context.region}:${RECORDED_ACCOUNT}:${hex(context.urn, 10)}`,
  }),
  'aws:cloudfront/distribution:Distribution': (context) => {
    const id = `E${hex(context.urn, 13).toUpperCase()}`;
    return {
      id,
      arn: `arn:aws:cloudfront::${RECORDED_ACCOUNT}:distribution/${id}`,
      domainName: `d${hex(context.urn, 13)}.cloudfront.net`,
      hostedZoneId: 'Z2FDTNDATAQYW2',
    };
  },
  'aws:cloudfront/vpcOrigin:VpcOrigin': (context) => ({ id: `vo_${hex(context.urn, 20)}` }),
  'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy': (context) => ({
    id: uuid(context.urn),
  }),
  'aws:wafv2/webAcl:WebAcl': (context) => ({
    id: uuid(context.urn),
    arn: `arn:aws:wafv2:${context.region}:${RECORDED_ACCOUNT}:global/webacl/${context.physical}/${uuid(context.urn)}`,
  }),
  'aws:acm/certificate:Certificate': (context) => ({
    domainValidationOptions: [
      {
        domainName: context.inputs.domainName,
        resourceRecordName: `_${hex(context.urn, 32)}.${String(context.inputs.domainName)}.`,
        resourceRecordType: 'CNAME',
        resourceRecordValue: `_${hex(`${context.urn}v`, 32)}.acm-validations.aws.`,
      },
    ],
  }),
  'aws:acm/certificateValidation:CertificateValidation': ({ inputs }) => ({
    certificateArn: inputs.certificateArn,
  }),
  'aws:secretsmanager/secretVersion:SecretVersion': ({ inputs, urn }) => ({
    arn: inputs.secretId,
    versionId: uuid(urn),
  }),
  'aws:secretsmanager/secret:Secret': (context) => ({ id: arnOf(context) }),
  'aws:sns/topic:Topic': (context) => ({ id: arnOf(context) }),
  'aws:cloudwatch/dashboard:Dashboard': ({ inputs }) => ({
    dashboardArn: `arn:aws:cloudwatch::${RECORDED_ACCOUNT}:dashboard/${String(inputs.dashboardName)}`,
  }),
  'aws:kms/replicaKey:ReplicaKey': key,
  'random:index/randomId:RandomId': ({ urn, inputs }) => ({
    hex: hex(urn, 2 * Number(inputs.byteLength ?? 4)),
  }),
  'random:index/randomPassword:RandomPassword': ({ urn, inputs }) => ({
    result: hex(urn, Number(inputs.length ?? 32)),
  }),
};

function key({ urn, region, importId = '' }: Context): Record<string, string> {
  const keyId = importId === '' ? uuid(urn) : importId.replace(/@.*/, '');
  return { id: keyId, keyId, arn: `arn:aws:kms:${region}:${RECORDED_ACCOUNT}:key/${keyId}` };
}

/** `aws:dynamodb/table:Table` becomes `arn:aws:dynamodb:<region>:<account>:table/<name>`. */
function arnOf({ type, region, physical, urn }: Context): string {
  const [, module = '', kind = ''] = type.split(':');
  const service = module.split('/')[0] ?? '';
  const global = ['iam', 'cloudfront', 'route53'].includes(service);
  const at = (resource: string, name = service): string =>
    `arn:aws:${name}:${global ? '' : region}:${RECORDED_ACCOUNT}:${resource}`;
  switch (type) {
    case 'aws:s3/bucket:Bucket':
    case 'aws:s3/bucketV2:BucketV2':
      return `arn:aws:s3:::${physical}`;
    case 'aws:cloudwatch/logGroup:LogGroup':
      return at(`log-group:${physical}`, 'logs');
    case 'aws:cloudwatch/metricAlarm:MetricAlarm':
    case 'aws:cloudwatch/compositeAlarm:CompositeAlarm':
      return at(`alarm:${physical}`, 'cloudwatch');
    case 'aws:cloudwatch/dashboard:Dashboard':
      return `arn:aws:cloudwatch::${RECORDED_ACCOUNT}:dashboard/${physical}`;
    case 'aws:lambda/function:Function':
      return at(`function:${physical}`);
    case 'aws:sns/topic:Topic':
      return at(physical);
    case 'aws:secretsmanager/secret:Secret':
      return at(`secret:${physical}-${hex(urn, 6)}`);
    case 'aws:acm/certificate:Certificate':
      return at(`certificate/${uuid(urn)}`);
    default:
      return at(`${kind.charAt(0).toLowerCase()}${kind.slice(1)}/${physical}`);
  }
}

function stringOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
