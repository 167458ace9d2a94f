// What dashboards and alarms are made from: the physical names and dimension values of one stack.
import type { KeyCounter } from '../contracts/metrics';

/**
 * References to a stack's resources. `T` is `string` where a dashboard is drawn, and whatever the
 * program holds (an input) where alarms are declared: the functions here only hand values on.
 */
export interface StackReferences<T = string> {
  /** Name of the stack, the `Stack` dimension of the platform's own metrics. */
  readonly stack: string;
  /** Home region. */
  readonly region: string;
  /** Regions in which the edge function has log groups and so emits metrics. */
  readonly edgeRegions: readonly string[];
  /** Regions, besides the home region, that hold a replica of the keys table. */
  readonly replicaRegions: readonly string[];
  /** Id of the CloudFront distribution. */
  readonly distributionId: T;
  /** Physical name of the edge function. */
  readonly edgeFunctionName: T;
  /** Metric name of the web ACL. */
  readonly webAclMetricName: T;
  /** Metric names of the web ACL's rules. */
  readonly webAclRules: readonly string[];
  /** Physical names of the workload's tables, by their names in its declaration. */
  readonly tables: Readonly<Record<string, T>>;
  /** Physical name of the table of API keys. */
  readonly keysTable: T;
  /** ARNs of the workload's KMS keys, by their names in its declaration. */
  readonly keys: Readonly<Record<string, T>>;
  /** Physical names of the workload's own functions, by their names in its declaration. */
  readonly functions: Readonly<Record<string, T>>;
  /** Name of the service's log group, in the home region. */
  readonly serviceLogGroup: T;
  /** Part of the requests that is traced, 0 to 1. */
  readonly traceSampling: number;
  /** Physical name of the function that looks for API keys that end. */
  readonly keyCheck: T;
  /** Who counts requests by key. */
  readonly keyCounter: KeyCounter;
  /** Whether they are counted in metrics; without, the log alone has them. */
  readonly perKeyMetrics: boolean;
  /** Addresses of the stack's dashboards in the console of AWS, by page. */
  readonly dashboardUrls: Readonly<Record<DashboardPage, T>>;
  /** The compute in use. */
  readonly compute: FargateReferences<T> | LambdaReferences<T>;
}

/** Pages that a stack has. */
export type DashboardPage = 'overview' | 'service' | 'edge' | 'scaling';

/** Every table of the stack by name, the one of API keys too. */
export function allTables<T>({
  tables,
  keysTable,
}: Pick<StackReferences<T>, 'tables' | 'keysTable'>): Record<string, T> {
  return { ...tables, keys: keysTable };
}

/** The service on ECS Fargate behind a load balancer. */
export interface FargateReferences<T = string> {
  readonly kind: 'fargate';
  /** `arnSuffix` of the load balancer. */
  readonly loadBalancer: T;
  /** `arnSuffix` of the target group. */
  readonly targetGroup: T;
  /** That of a second one, where revisions take turns: canary and blue/green deployments. */
  readonly alternateTargetGroup?: T;
  /** Name of the ECS cluster. */
  readonly cluster: T;
  /** Name of the ECS service. */
  readonly service: T;
  /** Fewest tasks that autoscaling keeps. */
  readonly minTasks: number;
  /** Most tasks that autoscaling allows. */
  readonly maxTasks: number;
  /** CPU of a task in units of 1/1024 vCPU; the cost widget counts with it. */
  readonly cpu: number;
  /** Memory of a task in MiB. */
  readonly memory: number;
  /** Whether the cluster reports desired, running and pending tasks. */
  readonly hasContainerInsights: boolean;
  /** Statistic of the response time that scaling holds (`Average`, `p95`). */
  readonly responseStatistic: string;
  /** Requests a minute that one task holds at the target; tasks are added above nine tenths of it. */
  readonly requestsPerTaskPerMinute: number;
}

/** What the metrics of a load balancer are named by. */
export type Balanced<T = string> = Pick<
  FargateReferences<T>,
  'loadBalancer' | 'targetGroup' | 'alternateTargetGroup'
>;

/** The service on Lambda behind API Gateway. */
export interface LambdaReferences<T = string> {
  readonly kind: 'lambda';
  /** Physical name of the service's function. */
  readonly functionName: T;
  /** Id of the HTTP API. */
  readonly apiId: T;
  /** Memory of the function in MiB; the cost widget counts with it. */
  readonly memory: number;
  /** Executions that are reserved for the function; 0 when none are. */
  readonly reservedConcurrency: number;
}

/** The stack's objectives: everything that is measured is measured against these. */
export interface Objectives {
  /** Percentage of requests that must not fail with 5xx, for example 99.5. */
  readonly availabilityPercent: number;
  /** Percentage of requests that must be answered within {@link latencyMs}. */
  readonly latencyPercent: number;
  /** The target response time in milliseconds. */
  readonly latencyMs: number;
}
