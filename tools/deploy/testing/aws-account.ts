// What the account of a test holds; tests fill it, operations read and change it.

type Tags = Readonly<Record<string, string>>;

/** A Lambda function whose replicas at the edge go in their own time. */
export interface LambdaFunction {
  name: string;
  tags: Tags;
  /** How often deleting it is refused before its replicas are gone. */
  refusals: number;
  /** Code that was given for it, base64. */
  zip?: string;
}

export interface LogGroup {
  region: string;
  name: string;
  tags: Tags;
  /** Log lines, in order of time. */
  events?: { timestamp: number; message: string; logStreamName: string }[];
}

export interface SecurityGroup {
  id: string;
  name: string;
  vpcId: string;
  /** How often deleting it is refused while interfaces are released. */
  refusals: number;
}

export interface Vpc {
  id: string;
  tags: Tags;
}

export interface Table {
  region: string;
  name: string;
  tags: Tags;
  protected: boolean;
  /** @default 'ACTIVE' */
  status?: string;
}

export interface Key {
  region: string;
  id: string;
  tags: Tags;
  state: 'Enabled' | 'PendingDeletion';
}

export interface EcsService {
  cluster: string;
  name: string;
  taskDefinition: string;
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
  events: { createdAt: number; message: string }[];
  deployments: {
    id: string;
    status: string;
    taskDefinition: string;
    rolloutState: string;
    rolloutStateReason?: string;
    createdAt: number;
    runningCount: number;
    desiredCount: number;
  }[];
}

export interface EcsTask {
  arn: string;
  taskDefinition: string;
  lastStatus: 'RUNNING' | 'STOPPED';
  stoppedReason?: string;
  stoppedAt?: number;
  containers: { name: string; exitCode?: number; reason?: string }[];
}

export interface TaskDefinition {
  arn: string;
  status: 'ACTIVE' | 'INACTIVE';
  family: string;
  containerDefinitions: Record<string, unknown>[];
}

/** A role that was made here, with its inline policies by name. */
export interface IamRole {
  name: string;
  trust: string;
  policies: Record<string, string>;
  /** How often others do not know it yet. */
  unknown: number;
}

export interface Schedule {
  name: string;
  /** What CreateSchedule was given. */
  input: Record<string, unknown>;
}

/** Everything in it. */
export interface Account {
  id: string;
  regions: string[];
  /** Regions that are not opted in: every call there is refused. */
  switchedOff: string[];
  functions: LambdaFunction[];
  logGroups: LogGroup[];
  groups: SecurityGroup[];
  vpcs: Vpc[];
  tables: Table[];
  keys: Key[];
  /** ARNs of anything else that carries the tags, by region. */
  tagged: { region: string; arn: string; tags: Tags }[];
  buckets: {
    name: string;
    objects: { Key: string; VersionId: string; body?: Buffer; modified?: string }[];
  }[];
  repositories: { name: string; images: string[] }[];
  /** ARNs of load balancers that refuse deletion. */
  protectedBalancers: string[];
  services: EcsService[];
  tasks: EcsTask[];
  taskDefinitions: TaskDefinition[];
  serviceDeployments: {
    arn: string;
    status: string;
    revision: string;
    taskDefinition: string;
    createdAt: number;
    lifecycleStage?: string;
    /** Percentage of the requests that reach its revision. */
    weight?: number;
  }[];
  /** Weights of the listener rule by ARN of the target group. */
  weights: Record<string, number>;
  alarms: { region: string; name: string; state: string; reason: string }[];
  concurrency: number;
  roles: string[];
  iamRoles: IamRole[];
  schedules: Schedule[];
  zones: string[];
  quotas: Record<string, number>;
}

export function emptyAccount(): Account {
  return {
    id: '123456789012',
    regions: ['eu-central-1', 'eu-west-1', 'us-east-1', 'ap-southeast-1'],
    switchedOff: ['ap-east-1'],
    functions: [],
    logGroups: [],
    groups: [],
    vpcs: [],
    tables: [],
    keys: [],
    tagged: [],
    buckets: [],
    repositories: [],
    protectedBalancers: [],
    services: [],
    tasks: [],
    taskDefinitions: [],
    serviceDeployments: [],
    weights: {},
    alarms: [],
    concurrency: 1000,
    roles: [],
    iamRoles: [],
    schedules: [],
    zones: [],
    quotas: {},
  };
}
