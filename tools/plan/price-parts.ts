// The parts of a stack's bill, each with its formula.
import { taskHour } from '../../contracts/prices';
import { tasksAt, type PriceLine, type Subject } from './price-subject';

/** Hours of a month as AWS bills it. */
export const HOURS = 730;
/** Bytes of a request on its way: its answer, and what it leaves in each log. */
const BYTES = { answer: 2_000, serviceLog: 500, edgeLog: 400, wafLog: 1_500, balancer: 3_000 };
/** Reads and writes that a request makes of the workload's tables, when nine in ten of them read. */
const UNITS = { reads: 0.9, writes: 0.2 };
/** Deployments in a month: one a working day. */
const DEPLOYMENTS = 21;
/** Every part of the bill; one that a stack has not costs nothing. */
export const PARTS: readonly ((subject: Subject) => PriceLine[])[] = [
  (subject) => {
    const [definition] = subject.all('ecs/taskDefinition:TaskDefinition');
    if (definition === undefined) return [];
    const hour = taskHour(
      subject.prices,
      Number(definition.inputs.cpu),
      Number(definition.inputs.memory),
    );
    const { idle, atRate, formula } = tasksAt(subject);
    return [
      line(
        'Fargate tasks',
        idle * hour * HOURS,
        atRate * hour * HOURS,
        `${formula} x ${hour} x ${HOURS} h`,
      ),
    ];
  },
  (subject) => {
    const [definition] = subject.all('ecs/taskDefinition:TaskDefinition');
    const minutes = subject
      .all('ecs/service:Service')
      .map(({ inputs }) => besideMinutes(inputs))[0];
    if (definition === undefined || minutes === undefined) return [];
    const { cpu, memory } = definition.inputs;
    const hour = taskHour(subject.prices, Number(cpu), Number(memory));
    const { idle, atRate } = tasksAt(subject);
    const each = (hour * minutes * DEPLOYMENTS) / 60;
    return [
      line(
        'Second revision while it is deployed',
        idle * each,
        atRate * each,
        `${DEPLOYMENTS} deployments x ${minutes} min x as many tasks again x ${hour} an hour`,
      ),
    ];
  },
  ({ all, prices, requests }) => {
    // Functions for a task of their own are called too seldom to cost a cent.
    const served = all('apigatewayv2/integration:Integration').map(({ inputs }) =>
      String(inputs.integrationUri),
    );
    return all('lambda/function:Function')
      .filter(({ name }) => served.some((uri) => uri.includes(`:function:${name}-`)))
      .map(({ inputs }) => {
        const gb = Number(inputs.memorySize ?? 128) / 1024;
        const each = prices.lambdaRequest + prices.apiRequest + 0.02 * gb * prices.lambdaGbSecond;
        return line(
          'Lambda and API Gateway',
          0,
          requests * each,
          `${money(each * 1e6)} a million requests of 20 ms at ${gb} GB`,
        );
      });
  },
  ({ all, prices, rate }) => {
    const balancers = all('lb/loadBalancer:LoadBalancer').length;
    // A capacity unit is 1 GB an hour, or 25 new connections a second; CloudFront keeps its own open.
    const units = Math.max((rate * BYTES.balancer * 3600) / 1e9, rate / 250);
    const idle = balancers * prices.balancerHour * HOURS;
    return [
      line(
        'Load balancer',
        idle,
        idle + balancers * units * prices.balancerUnitHour * HOURS,
        `${balancers} x ${prices.balancerHour} x ${HOURS} h, ${units.toFixed(1)} capacity units at the rate`,
      ),
    ];
  },
  ({ all, prices }) => {
    const gateways = all('ec2/natGateway:NatGateway').length;
    const hour = Number((prices.natHour + prices.publicAddressHour).toFixed(4));
    return [
      fixed(
        'NAT gateways',
        gateways * hour * HOURS,
        `${gateways} x ${hour} x ${HOURS} h with an address each; traffic to AWS is mostly by endpoints`,
      ),
    ];
  },
  ({ all, prices }) => {
    const zones = all('ec2/vpcEndpoint:VpcEndpoint')
      .filter(({ inputs }) => inputs.vpcEndpointType === 'Interface')
      .reduce((total, { inputs }) => total + (inputs.subnetIds as unknown[]).length, 0);
    return [
      fixed(
        'Interface endpoints',
        zones * prices.endpointHour * HOURS,
        `${zones} in zones x ${prices.endpointHour} x ${HOURS} h`,
      ),
    ];
  },
  ({ all, prices, requests }) => {
    const edges = all('cloudfront/distribution:Distribution').length;
    const each = prices.cloudFrontRequest + (BYTES.answer / 1e9) * prices.cloudFrontGb;
    return [
      line(
        'CloudFront',
        0,
        edges * requests * each,
        `${money(each * 1e6)} a million requests of ${BYTES.answer} bytes`,
      ),
    ];
  },
  ({ all, prices, requests }) => {
    const checks = all('lambda/function:Function').filter(
      ({ inputs }) => inputs.skipDestroy === true,
    );
    return [
      line(
        'Edge check',
        0,
        checks.length * requests * prices.edgeRequest,
        `${money(prices.edgeRequest * 1e6)} a million checks of 5 ms`,
      ),
    ];
  },
  ({ all, prices, requests }) => {
    const acls = all('wafv2/webAcl:WebAcl');
    const rules = acls.reduce(
      (total, { inputs }) => total + ((inputs.rules as unknown[] | undefined)?.length ?? 0),
      0,
    );
    const idle = acls.length * prices.webAclMonth + rules * prices.wafRuleMonth;
    return [
      line(
        'WAF',
        idle,
        idle + acls.length * requests * prices.wafRequest,
        `${acls.length} web ACL, ${rules} rules, ${money(prices.wafRequest * 1e6)} a million requests`,
      ),
    ];
  },
  ({ all, prices, requests }) => {
    const tables = all('dynamodb/table:Table').length;
    const each = UNITS.reads * prices.dynamoDbRead + UNITS.writes * prices.dynamoDbWrite;
    return [
      line(
        'DynamoDB',
        0,
        tables === 0 ? 0 : requests * each,
        `${UNITS.reads} read and ${UNITS.writes} write units a request; storage not counted`,
      ),
    ];
  },
  ({ all, prices }) => {
    const keys = all('kms/key:Key').length + all('kms/replicaKey:ReplicaKey').length;
    return [fixed('KMS keys', keys * prices.kmsKeyMonth, `${keys} x ${prices.kmsKeyMonth}`)];
  },
  ({ all, prices }) => {
    const secrets = all('secretsmanager/secret:Secret').length;
    return [fixed('Secrets', secrets * prices.secretMonth, `${secrets} x ${prices.secretMonth}`)];
  },
  ({ all, prices }) => {
    const metrics = all('cloudwatch/metricAlarm:MetricAlarm').reduce(
      (total, { inputs }) => total + metricsOf(inputs),
      0,
    );
    const composites = all('cloudwatch/compositeAlarm:CompositeAlarm').length;
    return [
      fixed(
        'Alarms',
        metrics * prices.alarmMetricMonth + composites * prices.compositeAlarmMonth,
        `${metrics} metrics x ${prices.alarmMetricMonth}, ${composites} composite x ${prices.compositeAlarmMonth}`,
      ),
    ];
  },
  ({ all, prices }) => {
    const boards = all('cloudwatch/dashboard:Dashboard').length;
    return [
      fixed('Dashboards', boards * prices.dashboardMonth, `${boards} x ${prices.dashboardMonth}`),
    ];
  },
  ({ prices, requests }) => {
    const bytes = BYTES.serviceLog + BYTES.edgeLog + BYTES.wafLog;
    return [
      line(
        'Logs',
        0,
        ((requests * bytes) / 1e9) * prices.logGb,
        `${bytes} bytes a request (service, edge, WAF) x ${prices.logGb} a GB`,
      ),
    ];
  },
  ({ all, prices, requests }) => {
    const sampled = Number(
      /OTEL_TRACES_SAMPLER_ARG"(?:,"value")?:"([\d.]+)"/.exec(
        JSON.stringify([
          all('ecs/taskDefinition:TaskDefinition').map(({ inputs }) => inputs.containerDefinitions),
          all('lambda/function:Function').map(({ inputs }) => inputs.environment),
        ]).replaceAll('\\"', '"'),
      )?.[1] ?? 0,
    );
    return [
      line(
        'Traces',
        0,
        requests * sampled * prices.trace,
        `${sampled * 100} % of requests x ${money(prices.trace * 1e6)} a million`,
      ),
    ];
  },
];

/** Minutes that ECS lets two revisions run side by side on purpose; undefined when it does not. */
function besideMinutes(service: Record<string, unknown>): number | undefined {
  const { bakeTimeInMinutes, canaryConfiguration } = (service.deploymentConfiguration ?? {}) as {
    bakeTimeInMinutes?: string;
    canaryConfiguration?: { canaryBakeTimeInMinutes: string };
  };
  if (bakeTimeInMinutes === undefined) return undefined;
  return Number(bakeTimeInMinutes) + Number(canaryConfiguration?.canaryBakeTimeInMinutes ?? 0);
}

function metricsOf(inputs: Record<string, unknown>): number {
  const queries = inputs.metricQueries as { metric?: unknown }[] | undefined;
  return queries === undefined ? 1 : queries.filter(({ metric }) => metric !== undefined).length;
}

function fixed(what: string, dollars: number, formula: string): PriceLine {
  return line(what, dollars, dollars, formula);
}

function line(what: string, idle: number, atRate: number, formula: string): PriceLine {
  return { what, idle: rounded(idle), atRate: rounded(atRate), formula };
}

function money(dollars: number): string {
  return `$${dollars.toFixed(2)}`;
}

/** Whole cents. */
export function rounded(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}
