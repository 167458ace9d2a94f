// The internal load balancer: what CloudFront's VPC origin points at, and nobody else can reach.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { BALANCER_IDLE_SECONDS } from '../../contracts/connections';

/** What {@link LoadBalancer} needs. */
export interface LoadBalancerArgs {
  vpcId: pulumi.Input<string>;
  /** Private subnets, one a zone. */
  subnetIds: pulumi.Input<string[]>;
  /** Port of the service in its task. */
  targetPort: number;
  /** Path that answers 200 when a task may serve. */
  healthPath: string;
  /** Longest time of a request; a task that leaves gets this long to finish what it has. */
  requestTimeoutSeconds: number;
  /** Certificate in the home region; without one the origin speaks HTTP inside the VPC. */
  certificateArn: pulumi.Input<string> | undefined;
  /** Bucket of the access logs, and the folder in it. */
  logBucket: pulumi.Input<string>;
  logPrefix: string;
  /** Refuses deletion. */
  protect: boolean;
  /** Has a second target group, and a rule by which ECS shifts requests between both. */
  shiftsRequests: boolean;
}

/** What ECS needs to bring a revision up beside another, and to shift requests to it. */
export interface TrafficShift {
  /** The target group that the next revision registers in; they take turns. */
  readonly alternate: aws.lb.TargetGroup;
  /** Rule whose weights ECS writes. */
  readonly rule: aws.lb.ListenerRule;
}

/** The load balancer, its listener and the target groups that tasks register in. */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly dnsName: pulumi.Output<string>;
  /** `LoadBalancer` dimension of its metrics. */
  readonly arnSuffix: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  /** `TargetGroup` dimension. */
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  /** Group of the load balancer; it has no ingress rule until the edge adds its own. */
  readonly securityGroupId: pulumi.Output<string>;
  readonly listener: aws.lb.Listener;
  /** None where a revision replaces the other task by task. */
  readonly shift: TrafficShift | undefined;
  readonly protocol: 'http-only' | 'https-only';
  readonly port: number;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:LoadBalancer', name, {}, opts);
    const isTls = args.certificateArn !== undefined;
    this.protocol = isTls ? 'https-only' : 'http-only';
    this.port = isTls ? 443 : 80;
    const group = new aws.ec2.SecurityGroup(
      `${name}-lb-sg`,
      { vpcId: args.vpcId, description: 'Load balancer: from CloudFront, to tasks.' },
      { parent: this },
    );
    const balancer = balancerOf(name, group, args, this);
    const targets = targetGroup(`${name}-tg`, args, this);
    this.listener = listener(name, balancer, targets, args, this);
    this.shift = args.shiftsRequests
      ? trafficShift(name, this.listener, targets, targetGroup(`${name}-tg-b`, args, this), this)
      : undefined;
    this.arn = balancer.arn;
    this.dnsName = balancer.dnsName;
    this.arnSuffix = balancer.arnSuffix;
    this.targetGroupArn = targets.arn;
    this.targetGroupArnSuffix = targets.arnSuffix;
    this.securityGroupId = group.id;
    this.registerOutputs({ arn: this.arn, dnsName: this.dnsName });
  }
}

function balancerOf(
  name: string,
  group: aws.ec2.SecurityGroup,
  args: LoadBalancerArgs,
  parent: pulumi.Resource,
): aws.lb.LoadBalancer {
  return new aws.lb.LoadBalancer(
    `${name}-lb`,
    {
      internal: true,
      loadBalancerType: 'application',
      ipAddressType: 'ipv4',
      subnets: args.subnetIds,
      securityGroups: [group.id],
      dropInvalidHeaderFields: true,
      desyncMitigationMode: 'strictest',
      enableHttp2: true,
      idleTimeout: BALANCER_IDLE_SECONDS,
      enableDeletionProtection: args.protect,
      accessLogs: { enabled: true, bucket: args.logBucket, prefix: args.logPrefix },
    },
    { parent, protect: args.protect },
  );
}

/** Named by Pulumi: a target group of fixed name could not be replaced (pulumi-aws#4220). */
function targetGroup(
  name: string,
  args: LoadBalancerArgs,
  parent: pulumi.Resource,
): aws.lb.TargetGroup {
  return new aws.lb.TargetGroup(
    name,
    {
      vpcId: args.vpcId,
      targetType: 'ip',
      protocol: 'HTTP',
      protocolVersion: 'HTTP1',
      port: args.targetPort,
      loadBalancingAlgorithmType: 'least_outstanding_requests',
      // The default of 300 s makes every deployment outlast its timeout (pulumi-awsx#354).
      deregistrationDelay: args.requestTimeoutSeconds + 5,
      healthCheck: {
        enabled: true,
        path: args.healthPath,
        protocol: 'HTTP',
        port: 'traffic-port',
        matcher: '200',
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
    },
    { parent },
  );
}

function listener(
  name: string,
  balancer: aws.lb.LoadBalancer,
  targets: aws.lb.TargetGroup,
  args: LoadBalancerArgs,
  parent: pulumi.Resource,
): aws.lb.Listener {
  const tls =
    args.certificateArn === undefined
      ? { protocol: 'HTTP', port: 80 }
      : {
          protocol: 'HTTPS',
          port: 443,
          certificateArn: args.certificateArn,
          sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
        };
  return new aws.lb.Listener(
    `${name}-listener`,
    {
      loadBalancerArn: balancer.arn,
      ...tls,
      defaultActions: [{ type: 'forward', targetGroupArn: targets.arn }],
    },
    { parent },
  );
}

/**
 * Takes every request; the listener's own action stays for when there is no rule. Its weights are
 * ECS's from the first deployment on, and an update that wrote them back would move callers to a
 * revision that has no tasks (terraform-aws-alb#409). The list of groups is a set to the provider,
 * which may order it anew, and wildcards in paths are not followed (pulumi-aws#5771): so all of the
 * action is left alone, and groups that are replaced replace the rule.
 */
function trafficShift(
  name: string,
  of: aws.lb.Listener,
  targets: aws.lb.TargetGroup,
  alternate: aws.lb.TargetGroup,
  parent: pulumi.Resource,
): TrafficShift {
  const rule = new aws.lb.ListenerRule(
    `${name}-rule`,
    {
      listenerArn: of.arn,
      priority: 1,
      conditions: [{ pathPattern: { values: ['/*'] } }],
      actions: [
        {
          type: 'forward',
          order: 1,
          forward: {
            targetGroups: [
              { arn: targets.arn, weight: 100 },
              { arn: alternate.arn, weight: 0 },
            ],
            stickiness: { enabled: false, duration: 3600 },
          },
        },
      ],
    },
    {
      parent,
      ignoreChanges: ['actions'],
      replacementTrigger: [targets.arn, alternate.arn],
      // Two rules of one listener can't have the same priority.
      deleteBeforeReplace: true,
    },
  );
  return { alternate, rule };
}
