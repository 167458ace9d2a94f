// Tasks, price and AWS quotas by requests a second: what to ask for before traffic comes.
import { pricesOf, taskHour } from '../../contracts/prices';
import { PLANNED_SHARE, POOLING } from '../../infra/fargate/scaling-metrics';

/** A stack as far as its size matters. */
export interface Sized {
  requestsPerTaskPerMinute: number;
  cpu: number;
  memory: number;
  region: string;
}

/** A default quota of an account, and how much of it a rate needs. */
interface Quota {
  name: string;
  limit: number;
  source: string;
  needs(rate: number, tasks: number, stack: Sized): number;
}

/** Default quotas that grow with traffic; each can be raised in Service Quotas. */
const QUOTAS: readonly Quota[] = [
  {
    name: 'Fargate vCPUs',
    limit: 6,
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html',
    needs: (_rate, tasks, { cpu }) => (tasks * cpu) / 1024,
  },
  {
    name: 'targets of a load balancer',
    limit: 1000,
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html',
    needs: (_rate, tasks) => tasks,
  },
  {
    name: 'Lambda@Edge requests a second in one region',
    limit: 10_000,
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html',
    needs: (rate) => rate,
  },
  {
    name: 'DynamoDB read units a second of one table',
    limit: 40_000,
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html',
    needs: (rate) => rate,
  },
  {
    name: 'CloudFront requests a second of one distribution',
    limit: 250_000,
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html',
    needs: (rate) => rate,
  },
];

/** Requests a second that the table shows. */
const RATES = [10, 100, 1000, 10_000, 100_000];
const HOURS_A_MONTH = 730;

/** Tasks that the load policy asks for at a steady rate, whatever the bounds. */
export function tasksAt(rate: number, { requestsPerTaskPerMinute }: Sized): number {
  const alone = (rate * 60) / requestsPerTaskPerMinute;
  const { gain, halfAt } = POOLING;
  const pooled = (alone * (alone + halfAt)) / ((1 + gain) * alone + halfAt);
  return Math.max(1, Math.ceil(pooled / PLANNED_SHARE));
}

/** Quotas that a rate goes beyond, with what it needs. */
export function exceeded(rate: number, stack: Sized): { quota: Quota; needed: number }[] {
  const tasks = tasksAt(rate, stack);
  return QUOTAS.map((quota) => ({ quota, needed: quota.needs(rate, tasks, stack) })).filter(
    ({ quota, needed }) => needed > quota.limit,
  );
}

/** The table of docs/scaling.md. */
export function sizesTable(stack: Sized): string {
  const hourly = taskHour(pricesOf(stack.region), stack.cpu, stack.memory);
  const rows = RATES.map((rate) => {
    const tasks = tasksAt(rate, stack);
    const raise = exceeded(rate, stack).map(
      ({ quota, needed }) =>
        `[${quota.name}](${quota.source}): ${whole(needed)} (default ${whole(quota.limit)})`,
    );
    const cells = [whole(rate), whole(tasks), whole(tasks * hourly * HOURS_A_MONTH)];
    return `| ${cells.join(' | ')} | ${raise.join('; ') || 'none'} |`;
  });
  return [
    '| requests a second | tasks | USD a month for tasks | quotas to raise |',
    '| ---: | ---: | ---: | --- |',
    ...rows,
  ].join('\n');
}

function whole(value: number): string {
  return Math.ceil(value).toLocaleString('en-US');
}
