// What the dashboards are drawn from: the physical names and dimension values of one stack's resources.

/** References to a stack's resources; every string is a physical name or a metric's dimension value. */
export interface StackReferences {
  /** Name of the stack, the `Stack` dimension of the platform's own metrics. */
  readonly stack: string;
  /** Home region. */
  readonly region: string;
  /** Regions in which the edge function has log groups and so emits metrics. */
  readonly edgeRegions: readonly string[];
  /** Id of the CloudFront distribution. */
  readonly distributionId: string;
  /** Physical name of the edge function. */
  readonly edgeFunctionName: string;
  /** Physical name of the web ACL. */
  readonly webAclName: string;
  /** Physical name of the users table. */
  readonly usersTable: string;
  /** Physical name of the keys table. */
  readonly keysTable: string;
  /** The compute in use. */
  readonly compute: ContainerReferences | FunctionReferences;
}

/** The service on ECS Fargate behind a load balancer. */
export interface ContainerReferences {
  readonly kind: 'container';
  /** `arnSuffix` of the load balancer. */
  readonly loadBalancer: string;
  /** `arnSuffix` of the target group. */
  readonly targetGroup: string;
  /** Name of the ECS cluster. */
  readonly cluster: string;
  /** Name of the ECS service. */
  readonly service: string;
  /** Least number of tasks that autoscaling keeps. */
  readonly minTasks: number;
  /** Largest number of tasks that autoscaling allows. */
  readonly maxTasks: number;
  /** Response time that autoscaling holds, in milliseconds. */
  readonly targetMs: number;
}

/** The service on Lambda behind API Gateway. */
export interface FunctionReferences {
  readonly kind: 'function';
  /** Physical name of the service's function. */
  readonly functionName: string;
  /** Id of the HTTP API. */
  readonly apiId: string;
}
